"""Somebody who is asked, and what they say."""

from __future__ import annotations

from kith.contacts.consent import actions
from kith.contacts.consent.models import Through
from kith.contacts.models import entries
from kith.kernel.access.actor import system
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry

WORDS = "Write to me about leaks and buildings, about once a month."


def person(given="Marta", address="marta@bellevue.example", **more):
    values = {"given_name": given, "family_name": "Kowalczyk", "emails": entries([address]), **more}
    return records.create(registry["person"], values, by=system("cli"))


def says(row, purpose, yes=True, **more):
    said = actions.Said(row.pk, purpose, yes, Through.FORM, address=row.email, source="Leak-risk checklist", **more)
    actions.say(row, said, by=system("web"))
