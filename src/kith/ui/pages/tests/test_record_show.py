"""What a value looks like on a page: links, money in its own currency, and nothing that could run."""

import datetime as dt
from decimal import Decimal

import pytest

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.ui.pages.show import render_value, unseen_links
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]


def add(record, by, **raw):
    return actions.create(record, actions.parse_values(record, raw, by=by), by=by)


def shown(row, key, record=people, **options):
    return str(render_value(record.columns()[key], row, **options))


def test_addresses_numbers_and_links_can_be_followed():
    ines = actor("ines")
    bellevue = add(companies, ines, name="Bellevue Hotels")
    marta = add(people, ines, given_name="Marta", emails="marta@bellevue.example; m@home.example",
                phones="+48 58 555 01 42", links="https://bellevue.example/team/", company=bellevue.pk)  # fmt: skip
    assert 'href="mailto:marta@bellevue.example"' in shown(marta, "emails")
    assert "m@home.example" in shown(marta, "emails")
    assert "m@home.example" not in shown(marta, "emails", brief=True)
    assert 'href="tel:+48585550142"' in shown(marta, "phones")
    assert 'rel="noopener noreferrer external"' in shown(marta, "links")
    assert shown(marta, "company") == f'<a href="/companies/{bellevue.pk}">Bellevue Hotels</a>'


def test_money_is_shown_in_the_currency_of_its_own_row():
    deals = registry["deal"]
    deal = deals.model(name="Sensors", amount=Decimal("12400.50"), currency="PLN")
    assert "PLN" in shown(deal, "amount", deals)


def test_scripts_in_words_stay_words():
    evil = '<script>alert("x")</script>'
    row = people.model(given_name=evil, about_text=evil, tags=[evil], emails=[{"value": evil, "label": evil}],
                       phones=[{"value": evil}], links=[{"value": "javascript:alert(1)"}])  # fmt: skip
    for key in ("given_name", "about_text", "tags", "emails", "phones", "links"):
        text = shown(row, key)
        assert "<script" not in text
        assert 'href="javascript' not in text


def test_a_day_at_the_edges_of_the_calendar_is_shown():
    row = people.model(birthday=dt.date(9999, 12, 31))
    assert "9999" in shown(row, "birthday")
    assert shown(people.model(birthday=dt.date(1, 1, 1)), "birthday")


def test_what_is_not_known_is_empty_markup():
    row = people.model()
    assert all(shown(row, key) == "" for key in ("company", "birthday", "emails", "tags", "about_text"))


def test_the_name_of_a_company_out_of_reach_is_not_shown():
    helena = actor("helena")
    secret = add(companies, helena, name="Secret plc", industry="Spying")
    add(people, helena, given_name="Marta", company=secret.pk)
    policy("member", "company", see="own", edit="own")
    ines = actor("ines")
    marta = people.listing(people.rows(ines), list(people.columns().values())).get()
    columns = [people.columns()[k] for k in ("company", "industry")]
    unseen = unseen_links(ines, columns, [marta])
    assert unseen == {("company", secret.pk)}
    for column in columns:
        text = str(render_value(column, marta, unseen=unseen))
        assert "Secret" not in text
        assert "Spying" not in text
    assert unseen_links(helena, columns, [marta]) == frozenset()
