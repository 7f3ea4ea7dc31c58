"""How often one person hears from us: counted over everything, machines wait for room, colleagues are told and go on."""

import datetime as dt
import threading

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from kith.activities import mail as mails
from kith.activities.models import Message, MessageState
from kith.engagement.budget.models import Contact
from kith.engagement.budget.spending import KEPT, purge, set_limits, uses, warning
from kith.engagement.tests.making import again, at, enrol, sequence, template, work
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.clearing import NotNow, Outreach, Receiver, clear
from kith.kernel.mail.leaving import leave
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import user

pytestmark = pytest.mark.django_db
NEWS = Outreach("mailing", "Spring news")
MONDAY = "2026-11-23 10:00:00+00:00"
LATER = "2026-11-23 10:02:00+00:00"


def receiver(person):
    return Receiver(person.email, person.pk)


def write(person, by, answers=None):
    made = mails.write_mail(person, to=[person.email], subject="Pumps", text="Shall we talk?", by=by, answers=answers)
    run_waiting_jobs(names=["activities.send_mail"], now=timezone.now())
    return made


def call(person, by, **more):
    return actions.create(registry["activity"], {"kind": "call", "subject": "Asked", "person": person, "done_at": timezone.now(), **more}, by=by)  # fmt: skip


def note(person):
    return EmailMessage("News", "Hello", "hello@tidewell.example", [person.email])


def test_without_limits_nobody_is_held_back(marta):
    for _n in range(9):
        assert clear([receiver(marta)], "", NEWS).passed
    assert len(uses([marta.pk])[marta.pk]) == 9


def test_a_mailing_waits_once_the_week_is_full_and_says_until_when(marta):
    set_limits("2", "")
    with at(MONDAY):
        clear([receiver(marta)], "", NEWS)
    with at("2026-11-25 10:00:00+00:00"):
        clear([receiver(marta)], "", NEWS)
        held = clear([receiver(marta)], "", NEWS).later["marta@bellevue.example"]
    assert held.until == dt.datetime(2026, 11, 30, 10, tzinfo=dt.UTC) and "2 mails from us in seven days" in held.why
    with at("2026-11-30 10:00:01+00:00"):
        assert clear([receiver(marta)], "", NEWS).passed


def test_the_one_way_out_counts_what_left_and_refuses_what_is_too_much(marta, postbox):
    set_limits("1", "")
    leave(note(marta), person=marta.pk, outreach=NEWS)
    with pytest.raises(NotNow, match="as many as we send"):
        leave(note(marta), person=marta.pk, outreach=NEWS)
    assert len(postbox.kept) == 1
    leave(note(marta), person=marta.pk)
    assert len(postbox.kept) == 2, "what answers somebody leaves, and does not count"
    assert len(uses([marta.pk])[marta.pk]) == 1


def test_what_colleagues_write_counts_and_is_never_held_back(marta, ines, postbox):
    set_limits("1", "")
    write(marta, ines)
    assert "as many as we send" in warning(marta.pk)
    write(marta, ines)
    assert len(postbox.kept) == 2 and [use.through for use in uses([marta.pk])[marta.pk]] == ["hand", "hand"]
    assert clear([receiver(marta)], "", NEWS).later


def test_an_answer_to_what_they_wrote_does_not_count(marta, ines, postbox):
    thread = write(marta, ines).thread
    theirs = Message.objects.create(
        thread=thread, state=MessageState.RECEIVED, sender=marta.email, message_id="<q@bellevue.example>"
    )
    write(marta, ines, answers=theirs)
    assert len(uses([marta.pk])[marta.pk]) == 1


def test_mail_that_could_not_leave_does_not_count(marta, ines):
    made = write(marta, ines)
    Message.objects.filter(pk=made.pk).update(state=MessageState.FAILED)
    assert uses([marta.pk]) == {}


def test_calls_count_apart_and_those_they_make_do_not(marta, ines):
    set_limits("1", "1")
    call(marta, ines)
    call(marta, ines, incoming=True)
    assert [(use.kind, use.name) for use in uses([marta.pk])[marta.pk]] == [("call", "Asked")]
    assert clear([receiver(marta)], "", NEWS).passed


def test_a_sequence_waits_for_room_and_then_goes_on_where_it_stood(marta, ines, postbox):
    set_limits("1", "")
    template()
    with at(MONDAY):
        clear([receiver(marta)], "", NEWS)
        row = enrol(
            marta, sequence([{"do": "task", "subject": "Look them up"}, {"do": "mail", "template": "Welcome"}]), ines
        )
    with at(LATER):
        work()
        row = again(row)
        assert (row.state, row.mails, postbox.kept) == ("active", 0, []) and "as many as we send" in row.why
        assert row.due_at == dt.datetime(2026, 11, 30, 10, tzinfo=dt.UTC) and row.steps.count() == 1
    with at("2026-11-30 10:00:01+00:00"):
        work()
    assert (again(row).state, again(row).why, len(postbox.kept)) == ("done", "", 1)
    assert registry["activity"].model._default_manager.filter(subject="Look them up").count() == 1
    assert [use.through for use in uses([marta.pk], dt.datetime(2026, 11, 30, 11, tzinfo=dt.UTC))[marta.pk]] == ["sequence"], "and it counts once"  # fmt: skip


def test_a_sequence_has_nobody_called_who_was_called_enough(marta, ines):
    set_limits("", "1")
    with at(MONDAY):
        call(marta, ines)
        row = enrol(marta, sequence([{"do": "call", "subject": "Ask how it goes"}]), ines)
    with at(LATER):
        work()
    assert "as many as we make" in again(row).why and again(row).state == "active"


def test_what_is_rolled_back_did_not_count(marta):
    set_limits("1", "")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        clear([receiver(marta)], "", NEWS)
        raise ZeroDivisionError
    assert clear([receiver(marta)], "", NEWS).passed


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_at_once_only_one_finds_room(marta):
    set_limits("1", "")
    ready, found = threading.Barrier(4), []

    def ask():
        try:
            ready.wait()
            with transaction.atomic():
                found.append(len(clear([receiver(marta)], "", NEWS).passed))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [0, 0, 0, 1]


def test_hundreds_are_asked_for_in_as_many_queries_as_few(marta, django_assert_max_num_queries):
    set_limits("1", "")
    people = [actions.create(registry["person"], {"given_name": f"Guest {n}", "emails": [{"value": f"g{n}@hotel.example", "label": ""}]}, by=system("cli")) for n in range(40)]  # fmt: skip
    Contact.objects.create(person=people[0], through="mailing")
    with django_assert_max_num_queries(9 + 40):  # locks of at most 64 slots
        found = clear([receiver(p) for p in people], "", NEWS)
    assert (len(found.passed), list(found.later)) == (39, ["g0@hotel.example"])


@pytest.mark.parametrize("given", ["-1", "100", "many", "1.5", "٣"])
def test_a_limit_is_a_whole_number(given):
    with pytest.raises(Invalid, match="whole number"):
        set_limits(given, "")


def test_old_contacts_go(marta):
    Contact.objects.create(person=marta, through="mailing", at=timezone.now() - KEPT - dt.timedelta(days=1))
    purge()
    assert Contact.objects.count() == 0


def test_the_person_shows_what_used_it_and_what_waits(marta, ines, postbox):
    client = Client()
    client.force_login(user("ines"))
    set_limits("1", "")
    write(marta, ines)
    shown = client.get(f"/people/{marta.pk}/panel/budget").content.decode()
    assert "Mails: 1 of 1" in shown and "Pumps" in shown and "A colleague" in shown
    assert "You may write all the same" in client.get(f"/people/{marta.pk}/budget").content.decode()
    set_limits("2", "")
    assert client.get(f"/people/{marta.pk}/budget").status_code == 204


def test_only_those_who_manage_settings_set_it(ines):
    client = Client()
    client.force_login(user("ines"))
    assert client.post("/settings/contact-budget/", {"mails": "3"}).status_code == 403
    client.force_login(user("astrid"))
    assert client.post("/settings/contact-budget/", {"mails": "x"}).status_code == 422
    assert client.post("/settings/contact-budget/", {"mails": "3", "calls": ""}).status_code == 302
    assert b'value="3"' in client.get("/settings/contact-budget/").content
