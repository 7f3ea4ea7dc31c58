"""What placeholders become is written as whoever gets the mail reads it: days, times, figures and money."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from kith.contacts.consent.tests.people import WORDS, says
from kith.deals.actions import install_defaults
from kith.engagement.letters import filled_source, letter
from kith.engagement.mailings.printing import Press
from kith.engagement.placeholders import cast_of
from kith.engagement.tests.making import add, template
from kith.engagement.wording import current_version, translate
from kith.kernel.access.actor import system
from kith.kernel.customfields.actions import define
from kith.kernel.languages import written, written_in
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import text_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
BODY = "{{ deal.amount }} / {{ deal.closes_on }} / {{ person.custom.visits }} / {{ person.custom.met_at }}"
SAID = {
    "de": "1.234,50\xa0€ / 3. Dez. 2031 / 12.345,5 / 4. Dez. 2031, 09:05",
    "de-AT": "€\xa01.234,50 / 3. Dez. 2031 / 12.345,5 / 4. Dez. 2031, 09:05",
    "sv": "1\xa0234,50\xa0€ / 3 dec. 2031 / 12\xa0345,5 / 4 dec. 2031, 09:05",
    "en": "€1,234.50 / 3 Dec 2031 / 12,345.5 / 4 Dec 2031, 09:05",
    "fr": "1\u202f234,50\xa0€ / 3 déc. 2031 / 12\u202f345,5 / 4 déc. 2031, 09:05",
}


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel("2026-11-23 10:00:00+00:00", tick=False):
        yield


@pytest.fixture
def known(ines, marta):
    """Marta with a deal, and what is known of her in fields of one's own."""
    install_defaults(by=system("cli"))
    for label, kind in (("Visits", "number"), ("Met at", "moment"), ("Since", "day")):
        define(record="person", label=label, kind=kind, by=actor("astrid"))
    at = dt.datetime(2031, 12, 4, 9, 5, tzinfo=dt.UTC)
    values = {"custom.visits": Decimal("12345.5"), "custom.met_at": at, "custom.since": dt.date(2031, 12, 3)}
    edit(registry["person"], marta, values, by=ines)
    deal = add(ines, "deal", name="Sensors", contact=marta.pk, amount="1234.50", currency="EUR", closes_on="2031-12-03")
    return marta, deal


def reads(person, language, by):
    edit(registry["person"], person, {"language": language}, by=by)


def told(deal, **more):
    deal.refresh_from_db()
    by = actor("ines")
    return letter("Hello", BODY, cast_of(deal, by.user, by), **more).text


@pytest.mark.parametrize("language", SAID)
def test_values_are_written_in_the_language_of_whom_the_mail_is_for(ines, known, language):
    marta, deal = known
    marta.refresh_from_db()
    deal.contact, marta.language = marta, language
    cast = cast_of(deal, ines.user, ines)
    assert letter("Hello", BODY, cast).text == SAID[language]
    assert filled_source(BODY, cast) == SAID[language], "the composer fills the same"


def test_where_nobody_knows_what_they_read_the_words_around_say_it_and_then_the_organisation(ines, known):
    _marta, deal = known
    assert told(deal, language="sv") == SAID["sv"]
    assert told(deal) == SAID["en"]


def test_money_keeps_its_own_currency(ines, known):
    marta, deal = known
    edit(registry["deal"], deal, {"currency": "SEK"}, by=ines)
    reads(marta, "sv", ines)
    assert told(deal).startswith("1\xa0234,50\xa0kr / ")


def test_a_mailing_prints_each_letter_in_its_receivers_language(ines, known):
    marta, _deal = known
    body = "{{ person.custom.visits }} / {{ person.custom.since }}"
    made = template(body=body)
    translate(made, language="de", subject="Hallo", body=f"Seit {body}", by=ines)
    letter_of = create(registry["purpose"], {"name": "News", "wording": WORDS}, by=actor("astrid"))
    says(marta, letter_of)
    press = Press(current_version(made), letter_of, ines.user, ines)
    row = press.people([marta.pk])[marta.pk]
    texts = {code: press.letter(row, marta.email, code).text for code in ("de", "sv", "en", "")}
    assert texts["de"].startswith("Seit 12.345,5 / 3. Dez. 2031")
    assert texts["sv"].startswith("12\xa0345,5 / 3 dec. 2031")
    assert texts["en"].startswith("12,345.5 / 3 Dec 2031") and texts[""].startswith("12,345.5 / 3 Dec 2031")


def test_a_look_at_a_template_writes_as_that_person_reads_or_as_the_language_chosen(client, ines, known):
    marta, _deal = known
    reads(marta, "de", ines)
    made = template(body="Since {{ person.custom.since }}.")
    client.force_login(user("ines"))
    look = f"/templates/{made.pk}/look?person={marta.pk}"
    assert "Since 3. Dez. 2031." in text_of(client.get(look))
    assert "Since 3 dec. 2031." in text_of(client.get(f"{look}&language=sv"))
    assert "3. Dez. 2031" in client.get(f"/templates/{made.pk}/letter?person={marta.pk}").content.decode()


def test_every_language_that_somebody_can_be_said_to_read_is_written_in(ines):
    kinds = [registry["deal"].columns()[key].kind for key in ("amount", "closes_on")]
    for code in sorted(written() | {"xx", "tlh", "de-XX", "zh-Hans-CN", "no such", ""}):
        with written_in(code):
            assert all(kind.show(value) for kind, value in zip(kinds, (Decimal(5), dt.date(2031, 12, 3)), strict=True))
    assert translation.get_language() == "en"
