"""The mapping as a form and back: one line for each place a column of the file goes to, and what else is decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.customfields.actions import key_from, kinds_offered
from kith.kernel.intake.afterwards import decided
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.propose import Proposal, Proposed
from kith.kernel.intake.reading import CREATED, EXTERNAL, HISTORY
from kith.kernel.intake.targets import Target
from kith.kernel.kinds import Addresses, Day, Link, Many, Number, Phones
from kith.kernel.kinds.many import ADDRESS_PARTS

SPLIT, NEW = "split", "new:"
SHOWN_WORDS = 6  # translated words of one column that are told
SPARE = 2  # empty lines for values of every row
LONGEST_LIST = 400  # lines of translated words in one column


@dataclass
class Line:
    """One line of the table: a column of the file (`first` of its lines shows it) and where it goes."""

    n: int
    header: str
    entry: Entry | None
    first: bool = True
    samples: list[str] = field(default_factory=list)
    filled: float = 0.0
    why: str = ""
    decide: str = ""
    ask: frozenset[str] = frozenset()  # which further questions its target has
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def to(self) -> str:
        if self.entry is None:
            return ""
        if self.entry.new_field:
            return NEW + str(self.entry.new_field["kind"])
        return SPLIT if self.entry.split else self.entry.to

    @property
    def said(self) -> list[str]:
        return said_of(self.entry) if self.entry is not None else []

    @property
    def words(self) -> str:
        """Translations, one a line: "technolgy = technology"."""
        if self.entry is None:
            return ""
        pairs = [*self.entry.values.items(), *((b, "") for b in self.entry.blank)]
        return "\n".join(f"{theirs} = {ours or ''}".rstrip() for theirs, ours in pairs)


def lines(mapping: Mapping, proposal: Proposal, columns: dict[str, Any], also: str = "") -> list[Line]:
    """The lines of the table, in the order of the file; `also` names a column that gets one more, still empty."""
    out: list[Line] = []
    for proposed in proposal.columns:
        header = proposed.profile.header
        entries: list[Entry | None] = [*mapping.of(header)] or [None]
        if header == also:
            entries.append(None)
        out += [_line(len(out) + i, proposed, entry, i == 0, columns) for i, entry in enumerate(entries)]
    return out


def _line(n: int, proposed: Proposed, entry: Entry | None, first: bool, columns: dict[str, Any]) -> Line:
    p = proposed.profile
    same = entry is not None and proposed.entry is not None and entry.to == proposed.entry.to
    decided = entry is not None and bool(entry.order or entry.decimal or entry.values or entry.region)
    samples = [s if isinstance(s, str) else _("data") for s in p.samples]
    return Line(
        n, p.header, entry, first, samples, p.filled, proposed.why if same else "",
        proposed.decide if same and not decided else "", questions(entry, columns), _labels(entry, columns),
    )  # fmt: skip


def _kind(entry: Entry | None, columns: dict[str, Any]) -> Any:
    if entry is None:
        return None
    if entry.to in (CREATED, HISTORY):
        return Day()
    return columns[entry.target].kind if entry.target in columns else None


def _labels(entry: Entry | None, columns: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    kind = _kind(entry, columns)
    return tuple((word, word) for word in kind.labels) if isinstance(kind, Many) else ()


def questions(entry: Entry | None, columns: dict[str, Any]) -> frozenset[str]:
    """What there is to say about a column that goes there."""
    kind = _kind(entry, columns)
    if entry is None or entry.to == EXTERNAL:
        return frozenset()
    asked = {"words", "invalid"}
    if isinstance(kind, Day):
        asked.add("order")
    if isinstance(kind, Number) and not isinstance(kind, Day):
        asked |= {"decimal", "multiply"}
    if isinstance(kind, Link):
        asked = {"words", "by", "missing"}
    if isinstance(kind, Many):
        asked.add("label")
    if isinstance(kind, Addresses) or entry.slot or entry.part:
        asked.add("slot")
    if isinstance(kind, Phones):
        asked.add("region")
    if entry.to == HISTORY:
        asked.add("entered")
    return frozenset(asked)


def choices(target: Target, columns: dict[str, Any], actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where a column may go, in groups: the sections of the type's form, then what only files bring."""
    left = {k: c.label for k, c in columns.items() if k != CREATED and not isinstance(c.kind, Addresses)}
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for section in target.record.form if target.record is not None else ():
        if found := [(k, left.pop(k)) for k in section.keys if k in left]:
            groups.append((str(section.title), found))
    if {"given_name", "family_name"} <= set(columns):
        groups.insert(0, (_("Whole name"), [(SPLIT, _("First and last name together"))]))
    for key, column in columns.items():
        if isinstance(column.kind, Addresses):
            words = {
                "street": _("Street"),
                "city": _("City"),
                "region": _("State or region"),
                "postcode": _("Postcode"),
                "country": _("Country"),
            }
            groups.append(
                (column.label, [(key, _("Whole address")), *((f"{key}.{p}", words[p]) for p in ADDRESS_PARTS)])
            )
        elif isinstance(column.kind, Many):
            left[f"{key}.label"] = _("%s: what it is for") % column.label
    if left:
        groups.append((_("More") if groups else str(target.label), list(left.items())))
    if target.record is not None:
        special = [(EXTERNAL, _("Its id in the other system")), (CREATED, _("When it was added there"))]
        groups.append(
            (_("From the other system"), [*special, *([(HISTORY, _("When a stage began"))] if target.lane else [])])
        )
    if target.record is not None and not target.record.settings and actor.can("settings.manage"):
        groups.append(
            (
                _("A new field of your own"),
                [(NEW + k, label) for k, label in kinds_offered().items() if k not in ("choice", "link")],
            )
        )
    return groups


def read_form(data: QueryDict, mapping: Mapping) -> Mapping:
    """The mapping a posted form describes. What the form does not show (rows to be made first) stays as it was; whether
    it can be is for `set_mapping` to say."""
    entries, left_out = [], []
    for n in range(min(int(data.get("lines") or 0), 2_000)):
        header = data.get(f"header-{n}", "")
        if entry := _entry(data, n, header, mapping):
            entries.append(entry)
        else:
            left_out.append(header)
    gone, then = {e.header for e in entries}, tuple(k for k in data.getlist("then") if k)
    constants, taken = _pairs(data, "constant"), decided(mapping.type, then)
    return replace(
        mapping, entries=tuple(entries), left_out=tuple(dict.fromkeys(h for h in left_out if h not in gone)),
        constants={k: v for k, v in constants.items() if k not in taken or v != "me"}, then=then, compose=_pairs(data, "compose"), source=data.get("source", "").strip(),
        match=tuple(k for k in data.getlist("match") if k) if "match-given" in data else mapping.match,
        existing=_known(data.get("existing"), ("fill", "overwrite", "skip", "reject")),
        duplicates=_known(data.get("duplicates"), ("reject", "merge")),
    )  # fmt: skip


def _known(given: str | None, known: tuple[str, ...]) -> str:
    return given if given in known else known[0]


def _pairs(data: QueryDict, name: str) -> dict[str, Any]:
    keys, values = data.getlist(f"{name}-key"), data.getlist(f"{name}-value")
    return {k: v.strip() for k, v in zip(keys, values, strict=False) if k and v.strip()}


def _entry(data: QueryDict, n: int, header: str, mapping: Mapping) -> Entry | None:
    def said(key: str) -> str:
        return data.get(f"{key}-{n}", "").strip()

    to = said("to")
    if not to or not header:
        return None
    new, split = None, to == SPLIT
    if to.startswith(NEW):
        label = " ".join(header.split())[:120]
        new, to = {"label": label, "kind": to.removeprefix(NEW)}, f"custom.{key_from(label)}"
    values, blank = _words(data.get(f"words-{n}", ""))
    return Entry(
        header=header, to="given_name" if split else to, split=split, new_field=new, values=values, blank=blank,
        invalid=_known(said("invalid"), ("reject", "blank")), order=_known(said("order"), ("", "DMY", "MDY", "YMD")),
        decimal=_known(said("decimal"), ("", ".", ",")), multiply=_number(said("multiply")), region=said("region")[:2].upper(),
        label=said("label"), slot=said("slot"), by=_known(said("by"), ("", "name", "external_id", "id", "email")),
        missing=_known(said("missing"), ("", "reject", "create", "blank", "wait")), entered=said("entered"),
        source=next((e.source for e in mapping.of(header) if e.to == to), ""),
    )  # fmt: skip


def _number(text: str) -> str:
    return text if text.replace(".", "", 1).lstrip("-").isdigit() else ""


def place_of(entry: Entry, columns: dict[str, Any]) -> str:
    """Where an entry goes, in words."""
    return _("First and last name together") if entry.split else word_of(entry.to, columns)


def word_of(key: str, columns: dict[str, Any]) -> str:
    """ "given_name" as "First name", "addresses.country" as "Addresses: country"; a key that is gone as it is."""
    special = {EXTERNAL: _("Its id in the other system"), CREATED: _("When it was added there"), HISTORY: _("When a stage began")}  # fmt: skip
    if key in special:
        return special[key]
    whole, _dot, part = key.partition(".")
    column = columns.get(key) or columns.get(whole)
    if column is None:
        return key
    return str(column.label) if key in columns else f"{column.label}: {part}"


def said_of(entry: Entry) -> list[str]:
    """What an entry asks for beyond where it goes, in a few words each."""
    orders = {"DMY": _("day, month, year"), "MDY": _("month, day, year"), "YMD": _("year, month, day")}
    absent = {"create": _("made when missing"), "wait": _("may come later"), "blank": _("blank when missing")}
    out = [_("times %s") % entry.multiply] if entry.multiply else []
    out += [words for words in (orders.get(entry.order), absent.get(entry.missing), entry.label) if words]
    pairs = [f"{theirs} → {ours or _('blank')}" for theirs, ours in entry.values.items()]
    pairs += [f"{theirs} → {_('blank')}" for theirs in entry.blank]
    return (
        out
        + pairs[:SHOWN_WORDS]
        + ([_("and %s more words") % (len(pairs) - SHOWN_WORDS)] if len(pairs) > SHOWN_WORDS else [])
    )


def _words(text: str) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """Lines of "theirs = ours"; a line without words after the sign means blank."""
    values: dict[str, str | None] = {}
    blank = []
    for line in text.splitlines()[:LONGEST_LIST]:
        theirs, sign, ours = (part.strip() for part in line.rpartition("=")) if "=" in line else (line.strip(), "", "")
        if not theirs:
            continue
        if sign and ours:
            values[theirs] = ours
        else:
            blank.append(theirs)
    return values, tuple(blank)
