"""What placeholders of mail templates stand for: a column of a person, company or deal, or one of a few facts of the owner
and the organisation, as far as the writer may see them. Their grammar is `kernel/mail/placeholders.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.languages import written_in
from kith.kernel.mail.placeholders import Place, check_names, places
from kith.kernel.organisation.models import current
from kith.kernel.records.columns import Column
from kith.kernel.records.reach import hides, unseen_links
from kith.kernel.records.registry import registry

RECORDS = ("person", "company", "deal")
OWNER = ("name", "first_name", "email")
ORGANISATION = ("name",)
# Other sources of placeholders: {source: (what there is, what one becomes)}; see `register_source`.
_sources: dict[str, tuple[Callable[[], dict[str, str]], Callable[[str, Cast], str]]] = {}


def register_source(source: str, offered: Callable[[], dict[str, str]], value: Callable[[str, Cast], str]) -> None:
    """Let a room offer placeholders of its own: `offered()` is {"booking.first_talk": what it is called}, and `value(key,
    cast)` the words for one in a mail."""
    _sources[source] = (offered, value)


@dataclass(frozen=True)
class Cast:
    """Whom a mail is about, from and for: rows of the types by name, the colleague who writes, as whom values are read."""

    rows: dict[str, Any]
    owner: Any
    by: Actor
    language: str = ""  # in which days and figures are written; "" for the organisation's

    def reads(self, language: str) -> Cast:
        """The same, where it is not known what they read."""
        return self if self.language else replace(self, language=language)


def known() -> dict[str, str]:
    """{placeholder: what it is called} of all there are."""
    out: dict[str, str] = {}
    for name in RECORDS:
        record = registry[name]
        for key, column in record.columns().items():
            if column.expr is None and not column.facts.needs and column.kind.widget != "textarea":
                out[f"{name}.{key}"] = f"{record.label}: {column.label}"
    for offered, _value in _sources.values():
        out |= offered()
    out |= {f"owner.{key}": f"{_('Owner')}: {key.replace('_', ' ')}" for key in OWNER}
    return out | {f"organisation.{key}": f"{_('Organisation')}: {key}" for key in ORGANISATION}


def check(text: str, field: str) -> None:
    """Raises Invalid, naming the nearest that exists, for a placeholder that does not."""
    try:
        found = list(places(text))
    except Invalid as problem:
        raise Invalid(problem.message, field) from None
    if found:
        check_names(found, [f"{RECORDS[0]}.given_name", *known()], field)


def values(text: str, cast: Cast) -> dict[Place, str]:
    """What each placeholder of the text becomes. Raises Invalid naming those that are blank and have no other words."""
    found = {place: value_of(place, cast) or place.fallback for place in places(text)}
    blank = [place.name for place, value in found.items() if value is None or (not value and place.fallback is None)]
    if blank:
        raise Invalid(_("Not known, and without other words in the template: %s. Fill it in, or write {{ %s | \"…\" }}.") % (
            ", ".join(blank), blank[0]))  # fmt: skip
    return {place: value or "" for place, value in found.items()}


def value_of(place: Place, cast: Cast) -> str:
    """The value in words, as the writer may see it; "" when it is not known."""
    if place.source == "organisation":
        return str(current().name)
    if place.source == "owner":
        return _of_owner(place.key, cast.owner)
    if place.source in _sources:
        return _sources[place.source][1](place.key, cast)
    row, record = cast.rows.get(place.source), registry[place.source]
    column = record.columns(cast.by).get(place.key)
    if row is None or column is None or hides(column, row, unseen_links(cast.by, [column], [row])):
        return ""
    return in_words(column, row, cast.language)


def in_words(column: Column, row: Any, *languages: str) -> str:
    """A value as it stands in a mail: days, times, figures and money as the receiver's language writes them."""
    with written_in(*languages):
        return column.show(column.get(row), row)


def _of_owner(key: str, owner: Any) -> str:
    if owner is None:
        return ""
    if key == "first_name":
        return str(owner.name).partition(" ")[0]
    return str(getattr(owner, key, ""))


def cast_of(row: Any, owner: Any, by: Actor) -> Cast:
    """Who is who in a mail about this row (person, company or deal), as far as the writer may see them."""
    record = registry.by_model(type(row))
    assert record is not None
    rows: dict[str, Any] = {record.name: row}
    if record.name == "deal":
        rows |= {"person": row.contact, "company": row.company}
    elif record.name == "person":
        rows["company"] = row.company
    linked = {name: other for name, other in rows.items() if other is not None}
    seen = {n: o for n, o in linked.items() if o is row or registry[n].rows(by).filter(pk=o.pk).exists()}
    return Cast(seen, owner, by, getattr(seen.get("person"), "language", ""))
