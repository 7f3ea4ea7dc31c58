"""What a form may ask for: columns of people and companies, from the registry, and questions of its own.

Two columns are asked for as strangers know them: a whole name, one e-mail address, one phone number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kith.kernel.kinds import (
    Bool,
    Choice,
    Day,
    Email,
    Integer,
    Kind,
    LongText,
    Number,
    Phone,
    Text,
    Url,
)
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry

KINDS = (Bool, Choice, Day, Integer, LongText, Number, Text, Url)
NOT_ASKED = frozenset(
    {"person.source", "person.about_text", "person.preferred_channel", "company.about_text", "company.revenue"}
)
TYPES = {"textarea": "textarea", "date": "date", "url": "url", "select": "select", "combobox": "select", "switch": "checkbox",
         "email": "email", "tel": "tel", "number": "text"}  # fmt: skip
FILL = {
    "person.name": "name", "person.given_name": "given-name", "person.family_name": "family-name", "person.email": "email",
    "person.phone": "tel", "person.job_title": "organization-title", "company.name": "organization", "company.domain": "url",
}  # fmt: skip
OWN = {"text": Text(1000), "long": LongText(), "choice": Choice({}), "yes": Bool(), "file": Text(255)}
LONGEST = 10_000  # characters of one answer


@dataclass(frozen=True)
class Askable:
    """Something a form can ask for. `key` is "person.job_title"; `column` is the registry's, None for the ways above."""

    key: str
    label: str
    kind: Kind
    record: str
    column: Any = None

    @property
    def type(self) -> str:
        """Which control asks for it."""
        return TYPES.get(self.kind.widget, "text")

    @property
    def fill(self) -> str:
        """What browsers fill in by themselves."""
        return FILL.get(self.key, "off")


def askable() -> dict[str, Askable]:
    """Everything by key, people first, in the reader's language. Kept until configuration changes, as fields of one's own
    do with it."""
    found: dict[str, Askable] = cached(f"capture:askable:{get_language()}", _askable)
    return found


def offered(column: str, options: Iterable[str]) -> tuple[str, ...]:
    """The answers that a field has to choose from: its own choices, else those of its column; () where people write."""
    source = askable().get(column)
    if own := tuple(options):
        return own
    choices = source.kind.options if source is not None and isinstance(source.kind, Choice) else {}
    return tuple(str(key) for key in choices if key != "")


def _askable() -> dict[str, Askable]:
    found = {
        "person.name": Askable("person.name", _("Name"), Text(300), "person"),
        "person.email": Askable("person.email", _("E-mail"), Email(), "person"),
        "person.phone": Askable("person.phone", _("Phone"), Phone(), "person"),
    }
    for record in ("person", "company"):
        for column in registry[record].columns().values():
            key = f"{record}.{column.key}"
            if key not in found and key not in NOT_ASKED and column.writable and _fits(column):
                found[key] = Askable(key, column.label, column.kind, record, column)
    return found


def _fits(column: Any) -> bool:
    return "form" in column.facts.faces and isinstance(column.kind, KINDS) and not column.kind.multiple
