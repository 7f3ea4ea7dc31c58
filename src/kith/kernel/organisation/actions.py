"""Changing the organisation itself."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import Country, Currency, TimeZone
from kith.kernel.organisation.models import Organisation, bump, current, refresh


def describe(*, name: str, currency: str, country: str, time_zone: str, language: str = "", by: Actor) -> Organisation:
    """Name, currency (ISO), country (ISO, for phone numbers without one), time zone, and the language of Kith's own words for
    people outside whose own nobody knows ("" leaves it). Raises InvalidMany."""
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
    values["language"] = language or current().language
    if values["language"] not in dict(settings.SPOKEN):
        errors["language"] = [_("Choose one of the languages offered.")]
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
