"""The page of one row: what it shows, to whom, and at what price."""

import pytest

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people, companies, deals = registry["person"], registry["company"], registry["deal"]


def add(record, by, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


@pytest.fixture
def browser(client):
    """A signed-in browser: `browser("ines")`."""

    def sign_in(who):
        client.force_login(user(who))
        return client

    return sign_in


def test_the_page_says_who_it_is_what_is_known_and_what_happened(browser):
    ines = actor("ines")
    bellevue = add(companies, ines, name="Hotel Bellevue Group")
    marta = add(people, ines, given_name="Marta", family_name="Kowalczyk", job_title="Facilities director",
                company=bellevue.pk, emails="m.kowalczyk@bellevue.example")  # fmt: skip
    text = browser("ines").get(f"/people/{marta.pk}").content.decode()
    assert "<h1>Marta Kowalczyk</h1>" in text
    assert f'href="/companies/{bellevue.pk}"' in text
    assert "mailto:m.kowalczyk@bellevue.example" in text
    assert "Ines Okafor" in text
    assert "added this" in text
