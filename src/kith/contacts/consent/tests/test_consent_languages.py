"""What somebody may be written about is told and changed in their own language."""

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.translation import gettext

from kith.contacts.consent import links
from kith.contacts.consent.tests.people import person, says
from kith.kernel.access.actor import system
from kith.kernel.errors import InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.languages import accepted, nearest, speaking
from kith.kernel.organisation.actions import describe
from kith.kernel.organisation.models import Organisation, bump
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry

pytestmark = pytest.mark.django_db


def unsubscribing(row, purpose):
    return links.unsubscribe_path(row.pk, row.email, purpose.key)


def shown(client, path, **headers):
    answer = client.get(path, headers=headers)
    return answer, answer.content.decode()


def test_the_page_to_unsubscribe_is_german_for_a_german_speaker_and_says_so(client, letter):
    marta = person(language="de")
    says(marta, letter)
    answer, text = shown(client, unsubscribing(marta, letter), **{"Accept-Language": "en"})
    assert '<html lang="de"' in text and answer["Content-Language"] == "de"
    assert "Sollen wir Ihnen für „Newsletter“ keine E-Mails mehr senden?" in text and ">Abmelden" in text
    assert "Zum Inhalt springen" in text
    assert "Sie sind abgemeldet" in client.post(unsubscribing(marta, letter)).content.decode()


def test_the_page_of_consent_has_a_swedish_persons_words_and_days(client, letter):
    marta = person(language="sv")
    says(marta, letter)
    _answer, text = shown(client, links.centre_path(marta.pk, marta.email))
    assert "Vad vi får skriva till dig om" in text and "Spara mitt val" in text
    months = "januari februari mars april maj juni juli augusti september oktober november december".split()
    assert "Samtyckte " in text and months[timezone.localtime().month - 1] in text


def test_who_speaks_a_language_that_kith_does_not_is_met_in_that_of_their_browser(client, letter):
    marta = person(language="pl")
    path = unsubscribing(marta, letter)
    assert "Prenumerationen är avslutad" in shown(client, path, **{"Accept-Language": "pl, sv;q=0.8, de;q=0.7"})[1]
    assert "You are unsubscribed" in shown(client, path, **{"Accept-Language": "pl"})[1]


def test_a_link_that_does_not_work_says_so_in_the_language_of_the_browser(client):
    answer, text = shown(client, "/consent/nonsense", **{"Accept-Language": "de-AT,de;q=0.9"})
    assert answer.status_code == 404 and "Dieser Link funktioniert nicht" in text and '<html lang="de"' in text
    assert "Accept-Language" in answer["Vary"]


def test_the_mail_that_asks_to_confirm_and_its_page_are_swedish_for_a_swede(client, by):
    purpose = records.create(
        registry["purpose"], {"name": "News", "wording": "Tell me what is new.", "double_opt_in": True}, by=by
    )
    marta = person(language="sv")
    says(marta, purpose)
    run_waiting_jobs(names=["consent.ask_to_confirm"])
    [message] = mail.outbox
    assert message.subject.startswith("Bekräfta, ") and "Bekräfta att det var du:" in message.body
    path = next(line for line in message.body.splitlines() if "/consent/confirm/" in line).partition("//")[2]
    path = "/" + path.partition("/")[2]
    assert "Det gäller när du har bekräftat det." in shown(client, path)[1]
    assert "Tack, det är bekräftat" in client.post(path).content.decode()


def test_where_nobodys_language_is_known_the_organisations_is_spoken(client, letter):
    Organisation.objects.update(language="sv")
    bump()
    marta = person()
    assert "Prenumerationen är avslutad" in shown(client, unsubscribing(marta, letter))[1]
    with speaking("xx"):
        assert gettext("Unsubscribe") == "Avsluta prenumerationen"


def test_the_organisations_language_is_one_that_kith_speaks():
    given = {"name": "Tidewell", "currency": "EUR", "country": "SE", "time_zone": "Europe/Stockholm"}
    assert describe(**given, language="sv", by=system("cli")).language == "sv"
    with pytest.raises(InvalidMany):
        describe(**given, language="pl", by=system("cli"))


def test_what_a_browser_reads_is_taken_by_weight(rf):
    request = rf.get("/", headers={"Accept-Language": "fr;q=0.2, de-CH, sv;q=0.9, *;q=0.1, en;q=0"})
    assert accepted(request) == ["de-ch", "sv", "fr"]
    assert nearest(accepted(request), {"sv", "de"}) == "de" and nearest(["pt_BR"], {"pt-br"}) == "pt-br"
    assert nearest(["", "fr"], {"de"}) == ""
