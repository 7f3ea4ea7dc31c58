"""What people agreed to: what holds, the words they saw, the gate of mail, and what they do by themselves."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kith.contacts.consent import actions, links, queries
from kith.contacts.consent.models import Consent, State, Wording
from kith.contacts.consent.tests.people import WORDS, person, says
from kith.contacts.models import entries
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.leaving import leave
from kith.kernel.records import actions as records
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import type_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmed(by):
    return records.create(
        registry["purpose"], {"name": "Product news", "wording": "Tell me what is new.", "double_opt_in": True}, by=by
    )


def may(row, purpose):
    return row.pk in queries.may([row.pk], purpose.key)


def letters():
    run_waiting_jobs(names=["consent.ask_to_confirm"])
    return mail.outbox


def link_in(message):
    return re.search(r"https?://[^/]+(/consent/confirm/\S+)", message.body)[1]


def test_nobody_agreed_before_they_said_so(letter):
    marta = person()
    assert not may(marta, letter)
    says(marta, letter)
    assert may(marta, letter)
    says(marta, letter, yes=False)
    assert not may(marta, letter)


def test_what_was_agreed_to_keeps_its_words_when_they_change(letter, by):
    marta = person()
    says(marta, letter)
    records.edit(registry["purpose"], letter, {"wording": "Write to me every day."}, by=by)
    line = Consent.objects.get()
    assert (line.wording, line.wording_number) == (WORDS, 1)
    texts = list(Wording.objects.filter(language="").order_by("number").values_list("number", "text"))
    assert texts == [(1, WORDS), (2, "Write to me every day.")]
    assert queries.words_of(queries.purpose_called("newsletter")).number == 2


def test_a_change_that_leaves_the_words_alone_makes_no_version(letter, by):
    records.edit(registry["purpose"], letter, {"what_for": "News about leaks"}, by=by)
    assert set(Wording.objects.values_list("number", flat=True)) == {1}


def test_the_key_of_a_purpose_stays(letter, by):
    with pytest.raises(Invalid, match="key stays"):
        records.edit(registry["purpose"], letter, {"key": "other"}, by=by)


def test_somebody_is_asked_in_their_language(letter):
    assert queries.words_of(letter, "de-AT").text == "Schreibt mir einmal im Monat."
    assert queries.words_of(letter, "pl").text == WORDS


def test_the_log_refuses_to_be_changed(letter):
    says(person(), letter)
    for change in ({"state": "withdrawn"}, {"wording": "Anything."}, {"proof": {"made": "up"}}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Consent.objects.update(**change)


def test_a_merge_takes_the_log_along_and_an_undo_brings_it_back(letter, by):
    from kith.kernel.records.merge import merge
    from kith.kernel.timeline.models import Operation
    from kith.kernel.timeline.operations import undo

    marta, double = person(), person("Marta", "m.kowalczyk@bellevue.example")
    says(double, letter)
    merge(registry["person"], marta, [double], by=by)
    assert may(marta, letter)
    undo(Operation.objects.latest("pk"), by=by)
    assert not may(marta, letter) and may(double, letter)


def test_what_runs_out_holds_no_longer(letter, by):
    records.edit(registry["purpose"], letter, {"holds_days": 365}, by=by)
    marta = person()
    with time_machine.travel(dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC)):
        says(marta, letter)
        assert may(marta, letter)
    with time_machine.travel(dt.datetime(2027, 3, 13, 9, tzinfo=dt.UTC)):
        assert not may(marta, letter)
        assert queries.standing_of(marta.pk)[0].ran_out


def test_a_thousand_people_are_asked_for_in_one_query(letter):
    people = [person(f"Marta{n}", f"marta{n}@bellevue.example") for n in range(5)]
    for row in people[:3]:
        says(row, letter)
    queries.purposes()
    with CaptureQueriesContext(connection) as captured:
        assert queries.may([p.pk for p in people], "newsletter") == {p.pk for p in people[:3]}
    assert len(captured) == 1


def test_mail_for_a_purpose_reaches_only_those_who_agreed(letter):
    marta, elin = person(), person("Elin", "elin@fjordheim.example")
    says(marta, letter)
    leave(EmailMessage("Leaks", "Twelve pages.", to=[marta.email]), purpose="newsletter", person=marta.pk)
    with pytest.raises(Invalid, match="did not agree to “Newsletter”"):
        leave(EmailMessage("Leaks", "Twelve pages.", to=[elin.email]), purpose="newsletter", person=elin.pk)
    with pytest.raises(Invalid, match="did not agree"):
        leave(EmailMessage("Leaks", "Twelve pages.", to=["stranger@fjordheim.example"]), purpose="newsletter")
    leave(EmailMessage("Your question", "Down to -20.", to=[elin.email]), person=elin.pk)
    assert [m.to for m in mail.outbox] == [[marta.email], [elin.email]]


def test_an_unknown_purpose_lets_nothing_through(letter):
    marta = person()
    says(marta, letter)
    with pytest.raises(Invalid):
        leave(EmailMessage("Leaks", "Twelve pages.", to=[marta.email]), purpose="made-up", person=marta.pk)


def test_what_is_confirmed_by_mail_counts_only_after_the_button_behind_the_link(confirmed, client):
    marta = person()
    says(marta, confirmed)
    assert not may(marta, confirmed)
    [message] = letters()
    path = link_in(message)
    assert "Tell me what is new." in client.get(path).content.decode()
    assert not may(marta, confirmed)  # mail scanners open every link
    client.post(path)
    assert may(marta, confirmed)
    line = Consent.objects.latest("pk")
    assert (line.state, line.through, line.proof["confirmed_from"]) == ("confirmed", "link", "127.0.0.0/24")
    client.post(path)
    assert Consent.objects.count() == 2


def test_the_mail_to_confirm_leaves_once_however_often_the_job_runs(confirmed):
    from kith.contacts.consent.jobs import ask_to_confirm

    says(person(), confirmed)
    [line] = Consent.objects.all()
    ask_to_confirm(ids=[line.pk])
    ask_to_confirm(ids=[line.pk])
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_who_withdrew_meanwhile_is_not_confirmed_by_the_old_link(confirmed, client):
    marta = person()
    says(marta, confirmed)
    path = link_in(letters()[0])
    says(marta, confirmed, yes=False)
    assert "withdrew" in client.post(path).content.decode()
    assert not may(marta, confirmed)


def test_somebody_else_filling_in_a_form_takes_nothing_away_from_what_was_confirmed(confirmed, client):
    marta = person()
    says(marta, confirmed)
    client.post(link_in(letters()[0]))
    says(marta, confirmed)
    assert may(marta, confirmed)
    assert Consent.objects.latest("pk").state == State.CONFIRMED


def test_nobody_is_pestered_with_questions_through_a_form(confirmed):
    marta = person()
    with time_machine.travel(dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC), tick=False):
        for _again in range(5):
            says(marta, confirmed)
        assert len(letters()) == 1
    with time_machine.travel(dt.datetime(2026, 3, 14, 9, tzinfo=dt.UTC), tick=False):
        says(marta, confirmed)
        assert len(letters()) == 2


def test_a_link_to_confirm_ends_after_a_month(confirmed, client):
    with time_machine.travel(dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC)):
        says(person(), confirmed)
        path = link_in(letters()[0])
    with time_machine.travel(dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)):
        assert client.post(path).status_code == 404
    assert Consent.objects.count() == 1


def test_people_see_change_and_withdraw_on_their_own_page(letter, client):
    marta = person(language="de")
    says(marta, letter)
    path = links.centre_path(marta.pk, marta.email)
    shown = client.get(path).content.decode()
    assert "Schreibt mir einmal im Monat." in shown and WORDS in shown and "marta@bellevue.example" in shown
    assert client.post(path, {}).status_code == 303
    assert not may(marta, letter)
    client.post(path, {"purpose": "newsletter"})
    assert may(marta, letter)
    line = Consent.objects.latest("pk")
    assert (line.through, line.wording, line.language) == ("centre", "Schreibt mir einmal im Monat.", "de")
    client.post(path, {"purpose": "newsletter", "stop": "1"})
    assert not may(marta, letter)


def test_keeping_a_choice_that_did_not_change_says_nothing(letter, client):
    marta = person()
    says(marta, letter)
    client.post(links.centre_path(marta.pk, marta.email), {"purpose": "newsletter"})
    assert Consent.objects.count() == 1


def test_a_link_that_was_tampered_with_gets_a_page_without_data(letter, client):
    marta, elin = person(), person("Elin", "elin@fjordheim.example")
    good = links.centre_path(marta.pk, marta.email)
    other = links.unsubscribe_path(marta.pk, marta.email, "newsletter").replace("/unsubscribe/", "/consent/")
    for path in (
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        good[:20],
        other,
        "/consent/" + "x" * 5000,
        "/unsubscribe/x",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "does not work" in answer.content.decode() and "marta" not in answer.content.decode().lower()
    assert client.get(good).status_code == 200
    assert elin.email not in client.get(good).content.decode()


def test_a_link_ends_when_its_address_is_theirs_no_more(letter, client):
    marta = person()
    path = links.centre_path(marta.pk, marta.email)
    records.edit(registry["person"], marta, {"emails": entries(["new@bellevue.example"])}, by=system("cli"))
    assert client.get(path).status_code == 404


def test_a_link_follows_a_merge(letter, client, by):
    from kith.kernel.records.merge import merge

    marta, double = person(), person("Marta", "m.kowalczyk@bellevue.example")
    path = links.centre_path(double.pk, double.email)
    merge(registry["person"], marta, [double], by=by)
    assert client.get(path).status_code == 200


def test_one_click_in_a_mail_program_unsubscribes_without_a_cookie(letter):
    marta = person()
    says(marta, letter)
    headers = links.unsubscribe_headers(marta.pk, marta.email, "newsletter")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<https?://[^/]+(/unsubscribe/[^>]+)>", headers["List-Unsubscribe"])[1]
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(path).status_code == 200
    assert may(marta, letter)
    for _time in (1, 2):
        assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not may(marta, letter)
    assert list(Consent.objects.values_list("state", "through")) == [("given", "form"), ("withdrawn", "unsubscribe")]


def test_a_colleague_notes_a_yes_and_a_no_with_a_reason(letter, by):
    marta = person()
    for verb in ("give_consent", "withdraw_consent"):
        act = next(a for a in registry["person"].actions if a.verb == verb)
        perform(act, marta, {"purpose": str(letter.pk), "reason": "Said so at the fair, 12 March"}, by=by)
    lines = list(Consent.objects.order_by("pk"))
    assert [(x.state, x.through, x.by_id) for x in lines] == [
        ("given", "hand", by.user_id), ("withdrawn", "hand", by.user_id)]  # fmt: skip
    told = Event.objects.filter(record="person", record_id=marta.pk, verb__startswith="person.consent").order_by(
        "recorded_at"
    )
    said = [type_of(event.verb).say(event.payload) for event in told]
    assert said == ["agreed to: Newsletter", "withdrew: Newsletter, because: Said so at the fair, 12 March"]


def test_a_colleague_cannot_confirm_for_somebody(confirmed, by):
    marta = person()
    actions.give_consent(marta, purpose=confirmed, reason="On the phone", by=by)
    assert not may(marta, confirmed) and len(letters()) == 1
    nobody = records.create(registry["person"], {"given_name": "Rolf", "family_name": "Berg"}, by=system("cli"))
    with pytest.raises(Invalid, match="confirmed by mail"):
        actions.give_consent(nobody, purpose=confirmed, reason="On the phone", by=by)


def test_an_archived_purpose_is_agreed_to_by_nobody(letter, by):
    marta = person()
    says(marta, letter)
    records.archive(registry["purpose"], letter, by=by)
    assert queries.may([marta.pk], "newsletter") == set()


def test_the_page_of_a_person_says_what_holds(letter, client):
    from tests.cast import user

    marta = person()
    says(marta, letter)
    client.force_login(user("ines"))
    shown = client.get(f"/people/{marta.pk}").content.decode()
    assert "What they agreed to" in shown and "Leak-risk checklist" in shown
    assert client.get(f"/purposes/{letter.pk}").status_code == 200


def test_a_purpose_that_is_not_there_is_named_with_those_that_are(letter):
    with pytest.raises(NotFound, match="newsletter"):
        queries.purpose_called("news")


def test_texts_by_language_are_read_as_they_are_written():
    from kith.kernel.kinds.translations import Translations

    kind = Translations()
    value = kind.parse("de: Schreibt mir.\nGern auch oft.\npl: Piszcie do mnie.")
    assert value == {"de": "Schreibt mir.\nGern auch oft.", "pl": "Piszcie do mnie."}
    assert kind.parse(kind.edit(value)) == value
    with pytest.raises(Invalid, match="language"):
        kind.parse("Schreibt mir.")
