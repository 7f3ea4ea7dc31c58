"""What is read of forms: the published one that strangers see, without a query mostly; what waits to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from kith.capture.definition import Definition, read
from kith.capture.models import WAITING, Form, FormVersion, Settings
from kith.kernel.access.actor import Actor
from kith.kernel.errors import InvalidMany
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry


@dataclass(frozen=True)
class Published:
    """A form as strangers meet it."""

    pk: int
    key: str
    name: str
    number: int
    open: bool
    per_network: int
    target_minutes: int | None  # None: as set for forms
    definition: Definition
    proof: bool = False


def published(key: str) -> Published | None:
    """The version in force of the form at that address; None where there is none. Kept until configuration changes."""
    return forms().get(key)


def forms() -> dict[str, Published]:
    """{address: form} of all that are published."""
    found: dict[str, Published] = cached("capture:forms", _load)
    return found


def _load() -> dict[str, Published]:
    rows = {row.pk: row for row in Form.objects.filter(archived_at=None, number__isnull=False)}
    versions = FormVersion.objects.filter(form_id__in=rows)
    out: dict[str, Published] = {}
    for version in versions:
        row = rows[version.form_id]
        if version.number != row.number:
            continue
        try:
            definition = read(version.document)
        except InvalidMany:  # a field or purpose it asks for has gone since; the rest goes on
            definition = _what_is_left(version.document)
        out[row.key] = Published(
            row.pk,
            row.key,
            row.name,
            version.number,
            row.open,
            row.per_network,
            row.target_minutes,
            definition,
            row.proof,
        )
    return out


def _what_is_left(document: dict[str, Any]) -> Definition:
    """A published form without the fields that cannot be asked for any more."""
    kept: list[Any] = []
    for one in document.get("fields") or []:
        try:
            read({**document, "consents": [], "fields": [*kept, one]})
        except InvalidMany:
            continue
        kept.append(one)
    from kith.contacts.consent.queries import purposes

    consents = [key for key in document.get("consents") or [] if key in purposes()]
    return read({**document, "fields": kept, "consents": consents})


def definition_of(form: int, number: int) -> Definition:
    """What a published version said."""
    made: dict[tuple[int, int], Definition] = cached("capture:versions", dict)
    if (form, number) not in made:
        document = FormVersion.objects.get(form_id=form, number=number).document
        try:
            made[form, number] = read(document)
        except InvalidMany:
            made[form, number] = _what_is_left(document)
    return made[form, number]


def in_force(forms: list[Form]) -> dict[int, dict[str, Any]]:
    """{form: the document that strangers see, as it was written}; one query."""
    rows = FormVersion.objects.filter(form__in=[form.pk for form in forms], number=F("form__number"))
    return dict(rows.values_list("form_id", "document"))


def settings() -> Settings:
    found: Settings = cached("capture:settings", lambda: Settings.objects.first() or Settings())
    return found


def waiting(actor: Actor) -> QuerySet[Any]:
    """What waits for a person's eye, the oldest first."""
    rows = registry["submission"].rows(actor, archived=False).filter(state__in=WAITING)
    return rows.select_related("form", "person", "proposed__company", "owner").order_by("created_at", "pk")
