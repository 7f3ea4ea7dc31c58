"""A first mapping, from the names of the columns and from what stands in them. What is open is said, not decided."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.readers import Table
from kith.kernel.intake.readers.profiling import ColumnProfile, profile
from kith.kernel.intake.reading import CREATED, EXTERNAL
from kith.kernel.intake.synonyms import EVERY_TYPE, LABELS, OF_TYPE
from kith.kernel.kinds import Addresses, Colleague, Day, Link, LongText, Many, Number, Phones
from kith.kernel.kinds.phones import default_region
from kith.kernel.text import fold

SURE, LIKELY, GUESS = 1.0, 0.8, 0.6
# What the values must be where only the end of a name speaks for a column: "HasOptedOutOfEmail" is no address.
ANY = ("day", "moment", "money", "number", "url", "country", "choice", "text", "email", "phone")
EXPECTED = {"emails": ("email",), "phones": ("phone", "number", "text"), "links": ("url",), "domain": ("url",)}
SAY_WHAT_FOR = ("label", "type")  # last word of a column that says what the one beside it is for
BY_VALUE = {"email": "emails", "phone": "phones", "url": "links", "country": "addresses.country"}


@dataclass
class Proposed:
    """One column of the file: where it may go, why, and what a person has to decide."""

    profile: ColumnProfile
    entry: Entry | None = None
    why: str = ""
    decide: str = ""


@dataclass
class Proposal:
    mapping: Mapping
    columns: list[Proposed] = field(default_factory=list)


def propose(target: Any, table: Table, actor: Actor) -> Proposal:
    """A mapping for this file into `target`, each column at most once where only one value fits."""
    columns = target.columns(actor)
    proposed = [Proposed(p) for p in profile(table)]
    labels = _labels(table.headers)
    offers = [offer for n, p in enumerate(proposed) for offer in _offers(n, p.profile, target, columns, labels)]
    taken: set[str] = set()
    for _score, n, entry, why in sorted(offers, key=lambda o: (-o[0], o[1])):
        kind = columns[entry.target].kind if entry.target in columns else None
        place = "split" if entry.split else f"{entry.to}/{entry.slot}" if entry.part else entry.to
        again = (isinstance(kind, Many) and not entry.part) or isinstance(kind, LongText)  # several fit
        if proposed[n].entry is not None or (place in taken and not again):
            continue
        taken.add(place)
        proposed[n].entry, proposed[n].why = entry, why
    whole = {p.entry.to for p in proposed if p.entry is not None and not p.entry.part}
    for p in proposed:
        if p.entry is not None and p.entry.part and p.entry.slot == "1" and p.entry.target in whole & {"addresses"}:
            p.entry = None  # our own exports repeat city and country of the first address beside the whole
        _settle(p, columns)
        if table.format == "vcard":
            _as_card(p, columns, actor)
    entries = tuple(p.entry for p in proposed if p.entry is not None)
    left_out = tuple(p.profile.header for p in proposed if p.entry is None)
    constants = (
        {"owner": "me"} if "owner" in columns and actor.user_id and not any(e.to == "owner" for e in entries) else {}
    )
    mapping = Mapping(
        type=target.name, entries=entries, left_out=left_out, constants=constants,
        source=source_of(table.headers) if any(_has_ids(e) for e in entries) else "",
    )  # fmt: skip
    return Proposal(mapping, proposed)


def _has_ids(entry: Entry) -> bool:
    return entry.to == EXTERNAL or entry.by == "external_id"


def source_of(headers: list[str]) -> str:
    """The name of the system a file comes from, where its columns give it away."""
    if {"CreatedById", "SystemModstamp"} & set(headers):
        return "salesforce"
    return "import"


def parts(header: str) -> tuple[str, list[str], str]:
    """(name without spaces and signs, its words, number at its end): "MobilePhone 2" -> ("mobilephone", [...], "2")."""
    text = re.sub(r"__c$", "", header)
    text = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", text).replace("E-mail", "Email").replace("e-mail", "email")
    found = re.findall(r"[^\W_]+", fold(text))
    at = next((i for i in (len(found) - 1, *range(1, len(found) - 1)) if i > 0 and found[i].isdigit()), 0)
    number = found.pop(at) if at else ""  # "E-mail 2", "Address 2 street"
    return "".join(found), found, number


def _what_for(name: str, last: str) -> str:
    """ "phonelabel" -> "phone": what a column of labels speaks of."""
    return name.removesuffix(last)


def _labels(headers: list[str]) -> set[tuple[str, str]]:
    """(name, number) of columns whose purpose stands in a column beside them: "Phone 2" with "Phone 2 label"."""
    out = set()
    for header in headers:
        name, found, number = parts(header)
        if len(found) > 1 and found[-1] in SAY_WHAT_FOR:
            out |= {(_what_for(name, found[-1]), number), (_what_for(name, found[-1]) + "value", number)}
    return out


def _as_card(p: Proposed, columns: dict[str, Any], actor: Actor) -> None:
    """A card is one person: a number nobody can read, or a firm that is not there yet, must not cost the whole card."""
    if p.entry is None or p.entry.target not in columns:
        return
    kind = columns[p.entry.target].kind
    if isinstance(kind, Link):
        p.entry = replace(p.entry, missing="create" if actor.can(f"{kind.record.name}.create") else "blank")
    elif not p.entry.split:
        p.entry = replace(p.entry, invalid="blank")


def _offers(
    n: int, p: ColumnProfile, target: Any, columns: dict[str, Any], labels: set[tuple[str, str]]
) -> list[tuple[float, int, Entry, str]]:
    """Everything this column may be, with a score: its name decides, its values support or stand in."""
    name, found, number = parts(p.header)
    out: list[tuple[float, int, Entry, str]] = []

    labelled = (name, number) in labels

    def offer(score: float, entry: Entry | None, why: str) -> None:
        if entry is not None:
            out.append((score, n, entry, why))

    if target.record is not None and name in (
        "id",
        "externalid",
        f"{target.name}id",
        "recordid",
        "uid",
        *_own_ids(target),
    ):
        offer(SURE, Entry(header=p.header, to=EXTERNAL), _("its name"))
    for to, names in _names(target, columns).items():
        if name in names:
            offer(SURE if p.kind != "empty" else LIKELY, _entry(p, to, found, number, columns, labelled), _("its name"))
        elif p.kind in EXPECTED.get(to, ANY) and any("".join(found[i:]) in names for i in range(1, len(found))):
            offer(LIKELY, _entry(p, to, found, number, columns, labelled), _("the end of its name"))
        elif found[-1] in SAY_WHAT_FOR and _what_for(name, found[-1]) in {n.removesuffix("value") for n in names}:
            offer(SURE, _entry(p, to, found, number, columns), _("its name"))
    if (to := BY_VALUE.get(p.kind, "")) and to.partition(".")[0] in columns:
        offer(GUESS, _entry(p, to, found, number, columns, labelled), _("its values"))
    return out


def _own_ids(target: Any) -> tuple[str, ...]:
    return tuple(w + "id" for names in OF_TYPE.get(target.name, {}).values() for w in names.split())


def _names(target: Any, columns: dict[str, Any]) -> dict[str, set[str]]:
    """{where to: names that mean it}, the type's own words first."""
    own = OF_TYPE.get(target.name, {})
    out: dict[str, set[str]] = {to: set(names.split()) for to, names in own.items() if to in columns or to == "split"}
    for key, column in columns.items():
        held = {"".join(parts(str(column.label))[1]), key.removeprefix("custom.").replace("_", "")}
        out.setdefault(key, set()).update(held)
    claimed = {w for names in own.values() for w in names.split()}
    for to, names in EVERY_TYPE.items():
        if to.partition(".")[0] in columns or (to == CREATED and target.record is not None):
            out.setdefault(to, set()).update(w for w in names.split() if w not in claimed)
    return out


def _entry(
    p: ColumnProfile, to: str, found: list[str], number: str, columns: dict[str, Any], labelled: bool = False
) -> Entry | None:
    if to == "split":
        return Entry(header=p.header, to="given_name", split=True)
    if to == CREATED:
        return Entry(header=p.header, to=to)
    column = columns[to.partition(".")[0]]
    kind = column.kind
    if isinstance(kind, Link):
        by_id = found[-1] == "id" and len(found) > 1
        if by_id and isinstance(kind, Colleague):
            return None  # colleagues have no ids of other systems
        own = getattr(kind.record, "name", "") == column.record  # the other end may stand further down in the same file
        return Entry(header=p.header, to=to, by="external_id" if by_id else "", missing="wait" if by_id or own else "")
    if isinstance(kind, Many):
        if found[-1] in SAY_WHAT_FOR and len(found) > 1:
            return Entry(header=p.header, to=f"{to.partition('.')[0]}.label", slot=number or "1")
        prefix = next((w for w in found[:-1] if w in LABELS), "")
        label = next((LABELS[w] for w in found if w in LABELS), "")
        slot = (
            (number or "1")
            if isinstance(kind, Addresses) and not prefix
            else f"{prefix}{number}"
            if isinstance(kind, Addresses)
            else (number or "1")
            if labelled
            else ""
        )
        return Entry(header=p.header, to=to, label=label if label in kind.labels else "", slot=slot)
    return Entry(header=p.header, to=to)


def _settle(p: Proposed, columns: dict[str, Any]) -> None:
    """How the column's values are written, as far as they prove it; else the question."""
    entry = p.entry
    if entry is None:
        return
    kind = columns[entry.target].kind if entry.target in columns else Day() if entry.to == CREATED else None
    options = p.profile.options
    if isinstance(kind, Day) and p.profile.kind in ("day", "moment"):
        p.decide = p.profile.ambiguous
        order = options.get("order", "")
        p.entry = replace(entry, order=order if order in ("DMY", "MDY") else "")
    elif isinstance(kind, Number) and p.profile.kind in ("number", "money"):
        p.decide = p.profile.ambiguous
        odd = any("," in str(s) or "." in str(s) for s in p.profile.samples)
        p.entry = replace(entry, decimal="" if p.decide or not odd else options.get("decimal", ""))
    elif isinstance(kind, Phones):
        local = any(not str(s).startswith(("+", "00")) for s in p.profile.samples)
        if local and not default_region():
            p.decide = _("Some numbers lack their country: say which one they belong to.")
    elif p.profile.kind == "choice" and p.profile.ambiguous:
        p.decide = p.profile.ambiguous
