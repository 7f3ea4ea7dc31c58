"""Custom fields as columns: the same `Column` as any other, its source being the row's JSON."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.customfields.models import CustomField
from kith.kernel.errors import NotFound
from kith.kernel.kinds import KINDS, Choice, Kind, Link
from kith.kernel.organisation.models import cached
from kith.kernel.records.columns import Column, Facts


def custom_kind(f: CustomField) -> Kind:
    """The kind of a custom field, with its options."""
    if f.kind == "choice":
        return Choice(dict(f.options.get("choices", {})))
    if f.kind == "link":
        return Link(f.options["target"])
    return KINDS[f.kind]()


def custom_columns(record: str) -> dict[str, Column]:
    """{"custom.key": Column} of a record type's fields that are not archived."""
    every: dict[str, dict[str, Column]] = cached("custom_columns", _load, ())
    return every.get(record, {})


def _load() -> dict[str, dict[str, Column]]:
    out: dict[str, dict[str, Column]] = {}
    for f in CustomField.objects.filter(archived_at__isnull=True):
        key = f"custom.{f.key}"
        facts = Facts(personal=f.personal or "no", help=f.help)
        column = Column(
            key, f.label, custom_kind(f), facts, f"custom__{f.key}", f.record, custom=f.key, required=f.required
        )
        out.setdefault(f.record, {})[key] = column
    return out


def fields_of(record: str) -> list[CustomField]:
    """A record type's fields, those out of use included, in order."""
    every: dict[str, list[CustomField]] = cached("custom_fields", _load_fields, ())
    return every.get(record, [])


def field_of(pk: int) -> CustomField:
    """One of them by its id. Raises NotFound."""
    every: dict[str, list[CustomField]] = cached("custom_fields", _load_fields, ())
    found = next((f for fields in every.values() for f in fields if f.pk == pk), None)
    if found is None:
        raise NotFound(_("There is no field %s.") % pk)
    return found


def _load_fields() -> dict[str, list[CustomField]]:
    out: dict[str, list[CustomField]] = {}
    for f in CustomField.objects.all():
        out.setdefault(f.record, []).append(f)
    return out
