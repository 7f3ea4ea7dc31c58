"""Reading an event log: a table (CSV and its kin, XLSX, JSON lines) or XES, plain or gzip, as cases of events in order."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.errors import Invalid, KithError
from kith.kernel.intake.readers import Limits, open_table
from kith.kernel.intake.readers.source import Source
from kith.kernel.intake.readers.words import short
from kith.kernel.text import fold
from kith.process.mining.clock import Clock
from kith.process.mining.xes import XesEvents

CASE, ACTIVITY, TIME = "case", "activity", "time"
USUAL = {  # what systems call these columns, folded, the surest first
    CASE: ("case:concept:name", "case id", "caseid", "case_id", "case", "trace", "trace id", "ticket", "ticket id", "deal id"),
    ACTIVITY: ("concept:name", "activity", "activity name", "event", "event name", "task", "action", "step", "status", "stage"),
    TIME: ("time:timestamp", "timestamp", "complete timestamp", "completed", "time", "date", "datetime", "at", "start timestamp"),
}  # fmt: skip
SAMPLE = 1_000  # rows that tell how times are written
MOST_ACTIVITIES = 10_000  # more different ones are no steps of a process
MOST_NAMED = 5  # broken rows that a refusal names; the others are counted
ROOMY = Limits(bytes=1 << 40, inflated=1 << 42)  # a log streams, so its size is no danger
Event = tuple[int, Any, Any, Any, Any]  # number of its row, case, activity, time, end


@dataclass(frozen=True)
class Choice:
    """Which columns (of XES: attributes) tell the case, the activity, its time and perhaps its end. "" is found out."""

    case: str = ""
    activity: str = ""
    time: str = ""
    end: str = ""


@dataclass
class Log:
    """Cases of events. Of event n: `activity[n]` is an index into `activities`, `began[n]` and `ended[n]` are seconds since
    1970. `cases` holds for each case the numbers of its events, in order of time and, where that is equal, of the file."""

    name: str
    columns: Choice
    activities: list[str] = field(default_factory=list)
    activity: array[int] = field(default_factory=lambda: array("I"))
    began: array[float] = field(default_factory=lambda: array("d"))
    ended: array[float] = field(default_factory=lambda: array("d"))
    cases: list[array[int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.activity)


def read_log(
    path: Any, choice: Choice | None = None, *, skip_broken: bool = False, heard: Callable[[int], None] | None = None
) -> Log:
    """The log in this file. skip_broken: leave rows out that say no case, activity or time, and count them. heard: is told
    how many events are read. Raises Invalid, naming the column or the rows."""
    source = Source(path, "", ROOMY)
    unit, columns, events = _events(path, source, choice or Choice())
    events = iter(events)
    sample = list(islice(events, SAMPLE))
    log = Log(source.name, columns)
    _Filling(log, unit, sample, skip_broken).fill(chain(sample, events), heard)
    return log


def _events(path: Any, source: Source, choice: Choice) -> tuple[str, Choice, Iterable[Event]]:
    head = source.head(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        found = Choice(
            choice.case or "concept:name",
            choice.activity or "concept:name",
            choice.time or "time:timestamp",
            choice.end,
        )
        return XesEvents.unit, found, _of_xes(source, found)
    table = open_table(path, limits=ROOMY)
    found = _choose(table.headers, choice, source.name)
    return table.unit, found, _of_table(table, found)


def _of_xes(source: Source, columns: Choice) -> Iterator[Event]:
    for number, trace, event in XesEvents(source):
        case = trace.get(columns.case, event.get(columns.case, ""))
        yield number, case, event.get(columns.activity, ""), event.get(columns.time, ""), event.get(columns.end, "")


def _of_table(table: Any, columns: Choice) -> Iterator[Event]:
    case, activity, time = (table.headers.index(c) for c in (columns.case, columns.activity, columns.time))
    end = table.headers.index(columns.end) if columns.end else None
    for row in table.rows():
        if row.problem:
            yield row.number, Invalid(row.problem), "", "", ""
            continue
        cells = row.cells
        yield row.number, cells[case], cells[activity], cells[time], "" if end is None else cells[end]


def _choose(headers: list[str], choice: Choice, name: str) -> Choice:
    """The columns that were named, and those that their usual names tell."""
    by_fold = {fold(h).strip(): h for h in reversed(headers)}
    chosen = {}
    for what, usual in USUAL.items():
        wanted = getattr(choice, what)
        found = wanted if wanted in headers else by_fold.get(fold(wanted).strip()) if wanted else next(
            (by_fold[u] for u in usual if u in by_fold), None)  # fmt: skip
        if found is None:
            raise Invalid(_missing(what, wanted, headers, name))
        chosen[what] = found
    if choice.end and choice.end not in headers:
        raise Invalid(_missing("end", choice.end, headers, name))
    return Choice(**chosen, end=choice.end)


def _missing(what: str, wanted: str, headers: list[str], name: str) -> str:
    words = {"name": name, "what": what, "wanted": wanted, "headers": ", ".join(f"“{short(h)}”" for h in headers[:20])}
    if wanted:
        return _("“%(name)s” has no column “%(wanted)s”; it has: %(headers)s.") % words
    return (
        _("No column of “%(name)s” is known to tell the %(what)s; name it with --%(what)s. It has: %(headers)s.")
        % words
    )


class _Filling:
    """The way of events into a log, with what is wrong on the way."""

    def __init__(self, log: Log, unit: str, sample: list[Event], skip_broken: bool):
        self.log, self.unit, self.skip_broken = log, unit, skip_broken
        self.time = Clock(log.columns.time, [str(e[3]).strip() for e in sample if e[3]])
        self.end = Clock(log.columns.end, [str(e[4]).strip() for e in sample if e[4]]) if log.columns.end else None
        if self.end is not None and {self.time.zoned, self.end.zoned} == {True, False}:
            words = {"zoned": log.columns.time if self.time.zoned else log.columns.end,
                     "plain": log.columns.end if self.time.zoned else log.columns.time}  # fmt: skip
            raise Invalid(
                _(
                    "Times in “%(zoned)s” name their offset from UTC and those in “%(plain)s” do not; write both the same way."
                )
                % words
            )
        self.known: dict[str, int] = {}
        self.case_of: dict[str, array[int]] = {}
        self.broken: list[str] = []
        self.left_out = 0

    def fill(self, events: Iterable[Event], heard: Callable[[int], None] | None) -> None:
        for event in events:
            try:
                self._take(event)
            except Invalid as problem:
                self.left_out += 1
                if len(self.broken) < MOST_NAMED:
                    self.broken.append(f"{self.unit} {event[0]}: {problem.message.rstrip('.')}")
            if heard is not None and len(self.log) % 10_000 == 0:
                heard(len(self.log))
        if heard is not None:
            heard(len(self.log))
        self._judge()
        self._put_in_order()

    def _take(self, event: Event) -> None:
        _number, case, activity, time, end = event
        if isinstance(case, Invalid):
            raise case
        case, activity = str(case).strip(), str(activity).strip()
        if not case:
            raise Invalid(_("there is no case in “%s”") % self.log.columns.case)
        if not activity:
            raise Invalid(_("there is no activity in “%s”") % self.log.columns.activity)
        began = self.time.seconds(time)
        ended = began if self.end is None else self.end.seconds(end)
        if ended < began:
            raise Invalid(_("it ends in “%(end)s” before it begins in “%(time)s”") % vars(self.log.columns))
        self.case_of.setdefault(case, array("Q")).append(len(self.log))
        self.log.activity.append(self._number_of(activity))
        self.log.began.append(began)
        self.log.ended.append(ended)

    def _number_of(self, activity: str) -> int:
        number = self.known.get(activity)
        if number is None:
            number = self.known[activity] = len(self.known)
            if number >= MOST_ACTIVITIES:
                words = {"column": self.log.columns.activity, "most": f"{MOST_ACTIVITIES:,}"}
                raise _TooMany(
                    _("“%(column)s” holds more than %(most)s different activities, which are no steps of a process; name "
                      "another column with --activity.") % words)  # fmt: skip
        return number

    def _judge(self) -> None:
        log = self.log
        log.activities = list(self.known)
        if self.left_out and not self.skip_broken:
            more = self.left_out - len(self.broken)
            words = {"n": self.left_out, "name": log.name, "which": "; ".join(self.broken)}
            raise Invalid(
                ngettext("%(n)d row of “%(name)s” cannot be used: %(which)s", "%(n)d rows of “%(name)s” cannot be used: %(which)s", self.left_out) % words
                + (ngettext("; and %d more", "; and %d more", more) % more if more else "")
                + _(". Mend them, or leave them out with --skip-broken.")
            )  # fmt: skip
        if self.left_out:
            log.notes.append(ngettext("%d broken row was left out.", "%d broken rows were left out.", self.left_out) % self.left_out)  # fmt: skip
        if not len(log):
            raise Invalid(_("“%s” holds no events.") % log.name)

    def _put_in_order(self) -> None:
        log, began = self.log, self.log.began
        moved = equal = 0
        for numbers in self.case_of.values():
            times = [began[n] for n in numbers]
            if any(a > b for a, b in zip(times, times[1:], strict=False)):
                moved += 1
                numbers = array("Q", sorted(numbers, key=began.__getitem__))
                times.sort()
            equal += sum(a == b for a, b in zip(times, times[1:], strict=False))
            log.cases.append(numbers)
        if moved:
            log.notes.append(ngettext(
                "In %d case events stood out of order in the file; they were put in order of time.",
                "In %d cases events stood out of order in the file; they were put in order of time.", moved) % moved)  # fmt: skip
        if equal:
            log.notes.append(ngettext(
                "%d event has the time of the one before it in its case; the order of the file decides.",
                "%d events have the time of the one before them in their case; the order of the file decides.", equal) % equal)  # fmt: skip


class _TooMany(KithError):
    """Not one row's fault."""
