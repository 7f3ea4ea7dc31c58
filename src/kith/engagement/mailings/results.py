"""What became of a mailing: in all, per segment and per language, each share with its interval, as far as the reader sees.

What is not known is not guessed: who opened a mail, or followed a link, is known of those who agreed to it. What people did afterwards is counted from their stories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from kith.engagement.models import Held, Mailing, Recipient, RecipientState
from kith.kernel.access.actor import Actor
from kith.kernel.intervals import LEAST, difference, wilson
from kith.kernel.kinds import Integer, Language, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Segment

CAME_BACK = ("bounced", "complained", "unsubscribed", "replied")
READ = ("opened", "clicked")  # known of those alone who agreed to it
DAYS = 60  # after the mail, in which what somebody does is counted
AFTER = {
    "lead": ("form.submitted", "person.captured"), "qualified": ("lead.qualified",), "deal": ("deal.created",), "won": ("deal.won",),
}  # fmt: skip
STORIES = """
    SELECT {columns} FROM timeline_event e
    JOIN timeline_eventlink l ON l.event_id = e.id AND l.record = 'person'
    JOIN ({recipients}) AS r (person_id, at) ON r.person_id = l.record_id
    WHERE e.verb = ANY(%s) AND e.at > r.at AND e.at < r.at + make_interval(days => %s)
      AND e.at > (SELECT began_at FROM engagement_mailing WHERE id = %s)
"""


@dataclass
class Line:
    """Counts of one part of the recipients, under its name."""

    key: str
    label: str
    n: dict[str, int] = field(default_factory=dict)

    def share(self, what: str) -> str:
        """So many of those sent, or of those who agreed where it is only known of them, with the interval in which the true share lies: "2.1 % (1.6–2.8)"."""
        sent = self.n.get("agreed" if what in READ else "sent", 0)
        if not sent:
            return "–"
        low, high = wilson(self.n.get(what, 0), sent)
        return f"{self.n.get(what, 0) / sent:.1%} ({low * 100:.1f}–{high * 100:.1f})"


def recipients(actor: Actor, mailing: Mailing) -> Any:
    """Those of people whom the reader may see."""
    people = registry["person"]
    rows = Recipient.objects.filter(mailing=mailing)
    seen = people.scope.q(actor, "person", "see")
    return rows if seen == Q() else rows.filter(person__in=people.rows(actor).values("pk"))


def with_reading(rows: Any) -> Any:
    """The same with when each was opened and a link of it followed."""
    return rows.annotate(**{f"{what}_at": F(f"tracked__{what}_at") for what in READ})


def counts(actor: Actor, mailing: Mailing) -> dict[str, int]:
    """{state: how many}, for the progress; one query over an index."""
    return dict(recipients(actor, mailing).order_by().values_list("state").annotate(n=Count("pk")))


def held(actor: Actor, mailing: Mailing) -> list[tuple[str, str, int]]:
    """(key, words, how many) of those held back, the most frequent reason first."""
    rows = recipients(actor, mailing).filter(state=RecipientState.HELD).order_by().values_list("reason")
    return [(key, str(Held(key).label), n) for key, n in rows.annotate(n=Count("pk")).order_by("-n")]


def total(actor: Actor, mailing: Mailing) -> Line:
    return Line("", _("Everybody"), _figures(recipients(actor, mailing).order_by().aggregate(**_measures())))


def reading(line: Line) -> str:
    """Opens and clicks in a sentence, with of how many they are known."""
    told = {key: f"{line.n[key]:,}" for key in (*READ, "agreed", "machine")}
    if not line.n["agreed"]:
        return _("Opens and clicks are known of nobody: none of those sent agreed to it.")
    words = _("Of %(agreed)s who agreed to it, %(opened)s opened it and %(clicked)s followed a link.") % told
    return (
        f"{words} {_('%(machine)s more were asked for by what is perhaps a machine.') % told}"
        if line.n["machine"]
        else words
    )


def per_segment(actor: Actor, mailing: Mailing) -> list[Line]:
    """Somebody in two segments counts in both, and once in all."""
    rows = recipients(actor, mailing).annotate(part=Func(F("segments"), function="unnest"))
    names = dict(Segment.objects.filter(key__in=mailing.audience).values_list("key", "name"))
    return _lines(rows, lambda key: str(names.get(key, key)))


def per_language(actor: Actor, mailing: Mailing) -> list[Line]:
    rows = recipients(actor, mailing).annotate(part=F("language"))
    return _lines(rows, lambda key: Language().show(key) or _("The template’s own"))


def _lines(rows: Any, name: Callable[[str], str]) -> list[Line]:
    found = rows.order_by().values("part").annotate(**_measures()).order_by("-sent", "part")
    return [Line(row["part"], name(row["part"]), _figures(row)) for row in found]


def _measures() -> dict[str, Any]:
    out: dict[str, Any] = {state: Count("pk", filter=Q(state=state)) for state in RecipientState.values}
    out |= {key: Count("pk", filter=Q(**{f"{key}_at__isnull": False})) for key in CAME_BACK}
    theirs = Q(state=RecipientState.SENT, tracked__isnull=False)
    nobody = Q(tracked__opens=0, tracked__clicks=0, tracked__machines__gt=0)
    return out | {
        "agreed": Count("pk", filter=theirs), "machine": Count("pk", filter=theirs & nobody),
        **{what: Count("pk", filter=theirs & Q(**{f"tracked__{what}_at__isnull": False})) for what in READ},
    }  # fmt: skip


def _figures(row: dict[str, Any]) -> dict[str, int]:
    return {key: row[key] for key in (*RecipientState.values, *CAME_BACK, *READ, "agreed", "machine")}


def compared(lines: list[Line], what: str = "replied") -> str:
    """What the first two parts differ by, in a sentence; "" where there are not two."""
    if len(lines) < 2:
        return ""
    a, b = lines[:2]
    found = difference(a.n[what], a.n["sent"], b.n[what], b.n["sent"])
    if found is None:
        return _("Too few to compare: at least %s of each are needed.") % LEAST
    told = {"a": a.label, "b": b.label, "diff": f"{found.value * 100:+.1f}", "low": f"{found.low * 100:+.1f}", "high": f"{found.high * 100:+.1f}"}  # fmt: skip
    if not found.claims:
        return _("Answers of %(a)s and %(b)s do not differ by more than chance: %(diff)s points (95 %% between %(low)s and %(high)s).") % told  # fmt: skip
    return _("%(b)s answered %(diff)s points differently from %(a)s (95 %% between %(low)s and %(high)s).") % told


class _Figures:
    """A line as programs read it."""

    def __init__(self, line: Line) -> None:
        self.segment, self.name = line.key or None, line.label
        self.agreed = line.n["agreed"]
        for what in (*FIGURES, *READ):
            setattr(self, what, line.n[what])


def figures(actor: Actor, mailing: Mailing) -> list[Any]:
    """Everybody, then each segment; none before it began."""
    if mailing.laid_at is None:
        return []
    return [_Figures(line) for line in (total(actor, mailing), *per_segment(actor, mailing))]


FIGURES = ("sent", "held", *CAME_BACK)
RESULTS = Part(
    "results", _l("Results"), {"segment": Text(80), "name": Text(200)} | dict.fromkeys((*FIGURES, "agreed", *READ), Integer()), figures,
)  # fmt: skip


def afterwards(actor: Actor, mailing: Mailing) -> dict[str, int]:
    """{what: how many people} of those sent, within two months of their mail: came to us, were qualified, had a deal opened,
    had one won. What happened after a mail did not happen because of it."""
    rows = recipients(actor, mailing).filter(state=RecipientState.SENT).order_by().values_list("person_id", "at")
    sql, given = rows.query.sql_with_params()
    columns = ", ".join("count(DISTINCT r.person_id) FILTER (WHERE e.verb = ANY(%s))" for _key in AFTER)
    every = [verb for verbs in AFTER.values() for verb in verbs]
    with connection.cursor() as cursor:
        cursor.execute(
            STORIES.format(columns=columns, recipients=sql),
            [*(list(verbs) for verbs in AFTER.values()), *given, every, DAYS, mailing.pk],
        )
        return dict(zip(AFTER, cursor.fetchone(), strict=True))
