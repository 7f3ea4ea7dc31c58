"""Trying the rules without changing anything: on a person as they are, or on somebody who is only made up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from kith.kernel.records.registry import registry
from kith.qualification.assigning.choosing import Choice, choose

PLACE = ("country", "region", "postcode", "city")


def of_person(pk: int, now: dt.datetime) -> Choice:
    """What the rules would say about this person now. Writes nothing."""
    return choose(pk, now)


class _Asked(Exception):
    """Ends the transaction that the made-up row lives in."""

    def __init__(self, made: Choice):
        self.made = made


def of_sample(values: dict[str, Any], now: dt.datetime) -> Choice:
    """What they would say about somebody with these values (by column key). The row stands in a transaction that is taken
    back, so that filters are asked in the database as always; no event is written of it."""
    record = registry["person"]
    row = record.model(given_name="?")
    columns = record.columns()
    place = {key: values[key] for key in PLACE if values.get(key)}
    for key, value in values.items():
        if key not in PLACE:
            columns[key].put(row, value)
    row.addresses = [{"street": "", "label": "", **place}] if place else []
    try:
        with transaction.atomic():
            row.derive()
            row.save(force_insert=True)
            raise _Asked(choose(row.pk, now))
    except _Asked as asked:
        return asked.made
