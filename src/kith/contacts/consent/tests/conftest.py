"""Who asks, and for what."""

import pytest


@pytest.fixture
def by():
    from tests.cast import actor

    return actor("astrid")


@pytest.fixture
def letter(by):
    from kith.contacts.consent.tests.people import WORDS
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    values = {"name": "Newsletter", "wording": WORDS, "translations": {"de": "Schreibt mir einmal im Monat."}}
    return actions.create(registry["purpose"], values, by=by)
