"""Who might this already be? Candidates while typing, with the reason in words; blank never equals blank.

Certain: the same e-mail address or phone (any of them, normalised). Likely: the same name at the same company, or the
same name where one of the two says nothing more. Rows somebody told apart are not proposed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kith.contacts.models import NotDuplicate
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry

MOST = 5


@dataclass(frozen=True)
class Likeness:
    """A row that may be the same, why, and whether that is certain."""

    row: Any
    why: str
    certain: bool


def like(actor: Actor, record_name: str, row: Any, limit: int = MOST) -> list[Likeness]:
    """Rows the actor may see that may be the same as `row` (saved or not). Derives the row's identifiers first."""
    row.derive()
    record = registry[record_name]
    rows = record.rows(actor, archived=False)
    if row.pk:
        rows = rows.exclude(pk__in=[row.pk, *_told_apart(record_name, row.pk)])
    found: dict[int, Likeness] = {}
    if row.identifiers:
        for other in rows.filter(identifiers__overlap=row.identifiers)[:limit]:
            found[other.pk] = Likeness(other, _same_identifier(row, other), True)
    if row.sort_name and len(found) < limit and _full_name(record_name, row):
        for other in rows.filter(sort_name=row.sort_name).exclude(pk__in=found)[: limit * 4]:
            why = _same_name(record_name, row, other)
            if why:
                found[other.pk] = Likeness(other, why, False)
    return list(found.values())[:limit]


def _full_name(record_name: str, row: Any) -> bool:
    """A first name alone makes nobody the same."""
    return record_name == "company" or bool(row.given_name and row.family_name)


def _same_identifier(row: Any, other: Any) -> str:
    shared = sorted(set(row.identifiers) & set(other.identifiers))[0]
    kind, _colon, value = shared.partition(":")
    words = {
        "e": _("the same e-mail address, %s"),
        "p": _("the same phone number, %s"),
        "d": _("the same web domain, %s"),
    }
    return words[kind] % value


def _same_name(record_name: str, row: Any, other: Any) -> str:
    if record_name == "company":
        return _("the same name")
    if row.company_id and row.company_id == other.company_id:
        return _("the same name at %s") % other.company
    if not row.company_id or not other.company_id:
        return _("the same name")
    return ""


def _told_apart(record_name: str, pk: int) -> list[int]:
    pairs = NotDuplicate.objects.filter(Q(low_id=pk) | Q(high_id=pk), record=record_name)
    return [p.high_id if p.low_id == pk else p.low_id for p in pairs]


def duplicates_of(record_name: str) -> Any:
    """The hook forms call while somebody types: `(actor, values, own=pk) -> [(row, why)]`, values typed by column key; own
    is the row being edited, which neither looks like itself nor like those it was told apart from."""

    def look(actor: Actor, values: dict[str, Any], own: int | None = None) -> list[tuple[Any, str]]:
        record = registry[record_name]
        row = record.model(pk=own)
        columns = record.columns()
        for key, value in values.items():
            if key in columns and columns[key].writable:
                columns[key].put(row, value)
        return [(found.row, found.why) for found in like(actor, record_name, row)]

    return look
