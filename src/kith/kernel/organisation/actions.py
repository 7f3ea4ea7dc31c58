"""Changing the organisation itself."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import Country, Currency, TimeZone
from kith.kernel.organisation.models import Organisation, bump, refresh


def describe(*, name: str, currency: str, country: str, time_zone: str, by: Actor) -> Organisation:
    """Name, currency (ISO), country (ISO, for phone numbers without one) and time zone. Raises InvalidMany."""
    by.require("settings.manage")
    errors: dict[str, list[str]] = {}
    values: dict[str, str] = {"name": name.strip()[:200]}
    if not values["name"]:
        errors["name"] = [_("Give your organisation a name.")]
    for key, kind, given in (
        ("currency", Currency(), currency),
        ("country", Country(), country),
        ("time_zone", TimeZone(), time_zone),
    ):
        try:
            values[key] = kind.clean(given)
        except Invalid as problem:
            errors[key] = [problem.message]
    if not errors and not (values["currency"] and values["time_zone"]):
        errors["currency"] = [_("Choose a currency and a time zone.")]
    if errors:
        raise InvalidMany(errors)
    with transaction.atomic():
        row = refresh()
        for key, value in values.items():
            setattr(row, key, value)
        row.save(update_fields=list(values))
        bump()
    return row


def finish_setup(*, by: Actor) -> None:
    """The first run is over; nobody is guided again."""
    by.require("settings.manage")
    with transaction.atomic():
        Organisation.objects.filter(set_up_at__isnull=True).update(set_up_at=timezone.now())
        bump()
