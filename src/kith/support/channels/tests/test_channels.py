"""Messages of other services in tickets: one conversation and one clock, whatever way it goes on; answers go back the same way."""

from __future__ import annotations

import json

import pytest
import time_machine
from django.utils import timezone

from kith.activities.models import Notice
from kith.automation.tests.othersystem import running
from kith.kernel import outgoing
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.support.channels.models import Passed, Writer
from kith.support.channels.sending import secret_of
from kith.support.models import Entry, Ticket
from kith.support.tests.cast import clocks, level, marta, moment
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
HELP = "help@tidewell.example"
NUMBER = "+48585550142"
SENDS = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


@pytest.fixture(autouse=True)
def _fresh(db):
    bump()


@pytest.fixture
def gateway(settings):
    with running(settings) as server:
        yield server


@pytest.fixture
def channel(gateway):
    return made("channel", name="Our WhatsApp", kind="whatsapp", gateway=gateway.address)


@pytest.fixture
def person():
    return marta(actor("ines"), phones=[{"value": NUMBER, "label": ""}])


def made(record, **values):
    return actions.create(registry[record], values, by=actor("astrid"))


def call(client, channel, told, secret=""):
    body = json.dumps(told).encode()
    signed = {"Kith-Signature": outgoing.signed(secret or secret_of(channel), body)}
    return client.post(f"/hooks/channels/{channel.pk}/", body, content_type="application/json", headers=signed)


def writes(client, channel, text="The night porter gets no alerts.", ref="m1", sender="whatsapp:48585550142", **more):
    answer = call(client, channel, {"id": ref, "from": sender, "name": "Marta", "text": text, **more})
    assert answer.status_code == 202, answer.content
    return Ticket.objects.get(pk=answer.json()["ticket"])


def says(ticket, body="Look under Settings.", who="ines", **more):
    ticket.refresh_from_db()
    perform(ACTIONS["ticket.answer"], ticket, {"body": body, **more}, by=actor(who))
    return ticket.entries.latest("pk")


def work(later=0):
    run_waiting_jobs(names=["channels.send"], now=timezone.now() + timezone.timedelta(minutes=later))


def mails(text, **headers):
    row = take_in(
        letter(
            text, **{"From": "Marta <marta@bellevue.example>", "To": HELP, "Subject": "Alerts", **headers}
        ).as_bytes()
    )
    run_waiting_jobs(names=["mail.work"])
    return row


# --- one conversation


def test_a_whatsapp_message_opens_a_ticket_of_whoever_has_the_number_with_its_clock(client, channel, person):
    level()
    ticket = writes(client, channel)
    assert (ticket.person, ticket.company, ticket.channel) == (person, person.company, "whatsapp")
    assert (ticket.subject, ticket.last_side) == ("The night porter gets no alerts.", "them")
    assert {"first", "resolution"} <= set(clocks(ticket))
    assert Writer.objects.get().handle == "+48585550142"


def test_the_second_message_joins_it(client, channel, person):
    first = writes(client, channel)
    assert writes(client, channel, "It is the third floor.", "m2") == first
    assert list(first.entries.order_by("pk").values_list("text", "channel")) == [
        ("The night porter gets no alerts.", "whatsapp"), ("It is the third floor.", "whatsapp")]  # fmt: skip


def test_the_answer_goes_out_by_the_way_they_wrote_signed_and_stops_the_clock(client, channel, person, gateway):
    level()
    ticket = writes(client, channel)
    entry = says(ticket)
    work()
    ((headers, body),) = gateway.kept
    assert json.loads(body) == {
        "id": str(entry.pk), "to": "whatsapp:48585550142", "text": "Look under Settings.", "ticket": ticket.pk}  # fmt: skip
    assert outgoing.is_signed(headers["Kith-Signature"], secret_of(channel), body)
    assert (entry.channel, entry.message, Passed.objects.get(entry=entry).state) == ("whatsapp", None, "sent")
    assert clocks(ticket)["first"].state == "met"
    work(60)
    assert len(gateway.kept) == 1


def test_whoever_goes_on_by_mail_has_the_same_ticket_with_the_same_clock_and_is_answered_by_mail(
    client, channel, person, settings
):
    settings.EMAIL_BACKEND = SENDS["EMAIL_BACKEND"]
    made("way_in", name="Help", through="mail", place=HELP)
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        level()
        ticket = writes(client, channel)
        due = clocks(ticket)["resolution"].due_at
    with time_machine.travel(moment("2026-03-12 10:00"), tick=False):
        says(ticket, then="")
    with time_machine.travel(moment("2026-03-12 11:00"), tick=False):
        mails("Still nothing, see the picture.", Date="Thu, 12 Mar 2026 11:00:00 +0100")
        assert Ticket.objects.get() == ticket
        assert list(ticket.entries.order_by("at").values_list("channel", "side")) == [
            ("whatsapp", "them"), ("whatsapp", "us"), ("mail", "them")]  # fmt: skip
        assert (clocks(ticket)["resolution"].due_at, clocks(ticket)["resolution"].state) == (due, "running")
        assert says(ticket).message is not None, "by mail, as they wrote last"
        assert says(ticket, way="channel").channel == "whatsapp", "unless the channel is chosen"


def test_whoever_asked_by_mail_and_goes_on_by_whatsapp_has_the_same_ticket(client, channel, person):
    made("way_in", name="Help", through="mail", place=HELP)
    mails("The night porter gets no alerts.")
    ticket = Ticket.objects.get()
    assert writes(client, channel, "Are you there?") == ticket


def test_of_several_open_tickets_none_is_guessed(client, channel, person):
    for subject in ("Alerts", "Invoice"):
        made("ticket", subject=subject, person=person)
    assert writes(client, channel).subject == "The night porter gets no alerts."
    assert Ticket.objects.count() == 3


def test_a_mail_about_something_new_opens_its_own_ticket_where_nothing_came_by_a_channel(client, channel, person):
    made("way_in", name="Help", through="mail", place=HELP)
    mails("One thing.")
    mails("Another thing.", Subject="Invoice")
    assert Ticket.objects.count() == 2


def test_a_solved_ticket_opens_again_within_its_days_and_one_follows_it_later(client, channel, person):
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        ticket = writes(client, channel)
        says(ticket, then="solve")
    with time_machine.travel(moment("2026-03-13 09:00"), tick=False):
        assert writes(client, channel, "Still nothing.", "m2") == ticket
        ticket.refresh_from_db()
        assert (ticket.state, ticket.reopened) == ("open", 1)
        says(ticket, then="solve")
    with time_machine.travel(moment("2026-08-13 09:00"), tick=False):
        later = writes(client, channel, "How do I add a sensor?", "m3")
    assert (later.follows, later.subject) == (ticket, "How do I add a sensor?")


# --- who it is


def test_a_sender_nobody_knows_is_taken_in_and_can_be_answered(client, channel, gateway):
    ticket = writes(client, channel, sender="4915112345678", name="Elin Berg")
    ticket.refresh_from_db()
    assert (str(ticket.person), ticket.person.phones[0]["value"]) == ("Elin Berg", "+4915112345678")
    assert ticket.entries.get().person == ticket.person
    says(ticket)
    work()
    assert json.loads(gateway.kept[0][1])["to"] == "4915112345678"


def test_a_number_that_two_people_have_waits_for_a_colleague_and_is_answered_meanwhile(
    client, channel, person, gateway
):
    made("person", given_name="Jan", family_name="Kowalczyk", phones=[{"value": NUMBER, "label": ""}])
    ticket = writes(client, channel)
    assert (ticket.person, writes(client, channel, "Hello?", "m2")) == (None, ticket)
    held = registry["submission"].model._default_manager.get(through="channel", person=None)
    says(ticket)
    work()
    assert len(gateway.kept) == 1
    perform(ACTIONS["submission.merge"], held, {"person": str(person.pk)}, by=actor("ines"))
    ticket.refresh_from_db()
    assert (ticket.person, Writer.objects.get().person) == (person, person)
    assert set(Entry.objects.filter(ticket=ticket, side="them").values_list("person", flat=True)) == {person.pk}


@pytest.mark.parametrize(
    ("kind", "sender", "number"),
    [
        ("whatsapp", "whatsapp:+48 58 555 01 42", NUMBER),
        ("whatsapp", "48585550142", NUMBER),
        ("sms", "+48585550142", NUMBER),
        ("sms", "0048585550142", NUMBER),
        ("sms", "TIDEWELL", ""),
        ("social", "+48585550142", ""),
    ],
)
def test_a_number_is_the_same_however_a_service_writes_it(client, gateway, person, kind, sender, number):
    ticket = writes(client, made("channel", name="One", kind=kind), sender=sender)
    assert Writer.objects.get().number == number
    assert (ticket.person == person) is bool(number)


def test_on_a_social_network_they_are_known_by_their_name_there(client, gateway):
    social = made("channel", name="Instagram", kind="social", gateway=gateway.address)
    first = writes(client, social, sender="@Bellevue.Hotel", name="")
    assert writes(client, social, "Hello?", "m2", sender="bellevue.hotel", name="") == first
    first.refresh_from_db()
    assert (str(first.person), first.channel) == ("@Bellevue.Hotel", "social")


# --- calls


def test_a_message_that_is_told_twice_stands_once(client, channel, person):
    assert writes(client, channel) == writes(client, channel)
    assert (Ticket.objects.count(), Entry.objects.count(), Passed.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "other"])
def test_a_call_without_the_right_signature_is_refused(client, channel, header):
    body = json.dumps({"id": "m1", "from": NUMBER, "text": "Hello"}).encode()
    header = outgoing.signed("other", body) if header == "other" else header
    answer = client.post(
        f"/hooks/channels/{channel.pk}/", body, content_type="application/json", headers={"Kith-Signature": header}
    )
    assert (answer.status_code, Ticket.objects.count()) == (401, 0)


def test_a_new_secret_ends_the_old_one(client, channel):
    old = secret_of(channel)
    perform(ACTIONS["channel.renew_secret"], channel, {}, by=actor("astrid"))
    assert call(client, channel, {"id": "m1", "from": NUMBER, "text": "Hello"}, old).status_code == 401


@pytest.mark.parametrize(
    "told",
    [
        {"from": NUMBER, "text": "Hi"},
        {"id": "1", "text": "Hi"},
        {"id": "1", "from": NUMBER},
        {"id": "1", "from": NUMBER, "text": 7},
    ],
)
def test_a_message_that_lacks_something_is_refused_by_its_name(client, channel, told):
    answer = call(client, channel, told)
    assert answer.status_code == 422 and answer.json()["title"]


def test_a_channel_that_is_put_away_is_not_heard(client, channel):
    actions.archive(registry["channel"], channel, by=actor("astrid"))
    assert call(client, channel, {"id": "m1", "from": NUMBER, "text": "Hello"}).status_code == 404


def test_too_many_calls_of_one_network_are_put_off(client, channel, monkeypatch):
    from kith.contacts import callers

    monkeypatch.setattr(callers, "MOST_CALLS", 1)
    writes(client, channel)
    assert call(client, channel, {"id": "m2", "from": NUMBER, "text": "Hello"}).status_code == 429


def test_files_are_said_to_have_stayed_with_the_service(client, channel, person):
    ticket = writes(client, channel, "", attachments=[{"type": "image"}])
    assert ticket.entries.get().text == "[1 file came with it and stayed with the service]"


# --- answers that do not get through


def test_a_gateway_that_hangs_is_contained_seen_and_tried_again(client, channel, person, gateway):
    gateway.plan = ["hang"]
    ticket = writes(client, channel)
    entry = says(ticket)
    work()
    row = Passed.objects.get(entry=entry)
    assert (row.state, row.tries) == ("waits", 1) and row.problem
    client.force_login(user("ines"))
    page = client.get(f"/tickets/{ticket.pk}/talk").content.decode()
    assert "Not sent yet, it is tried again: 127.0.0.1" in page and "Send again" in page
    work(2)
    row.refresh_from_db()
    assert (row.state, row.problem, len(gateway.kept)) == ("sent", "", 2)


def test_what_is_given_up_is_told_to_whoever_wrote_it_and_sent_again_at_a_press(client, channel, person, gateway):
    gateway.plan = [500] * 6
    ticket = writes(client, channel)
    entry = says(ticket)
    for _n in range(6):
        work(24 * 60)
    row = Passed.objects.get(entry=entry)
    assert row.state == "failed" and "answered 500" in row.problem
    assert Notice.objects.filter(user=user("ines"), text__contains="did not go out").count() == 1
    client.force_login(user("astrid"))
    assert "answered 500" in client.get(f"/channels/{channel.pk}").content.decode()
    perform(ACTIONS["ticket.send_again"], ticket, {}, by=actor("ines"))
    work()
    row.refresh_from_db()
    assert (row.state, row.problem) == ("sent", "")
    with pytest.raises(Invalid):
        perform(ACTIONS["ticket.send_again"], ticket, {}, by=actor("ines"))


def test_a_gateway_inside_a_private_network_is_not_called(client, channel, person, gateway, settings):
    settings.AUTOMATION_REACHES = ()
    entry = says(writes(client, channel))
    work()
    assert gateway.kept == [] and "private network" in Passed.objects.get(entry=entry).problem


def test_without_an_address_for_answers_they_leave_by_mail(client, person):
    silent = made("channel", name="SMS", kind="sms")
    entry = says(writes(client, silent, sender=NUMBER))
    assert entry.message is not None and entry.channel == "mail"


def test_files_do_not_go_by_a_channel_and_nobody_is_told_that_they_did(client, channel, person):
    from kith.support.answering import answer

    ticket = writes(client, channel)
    with pytest.raises(Invalid, match="only words"):
        answer(ticket, "See here.", by=actor("ines"), files=[object()])
    with pytest.raises(Invalid, match="by no channel"):
        says(made("ticket", subject="Invoice", person=person), way="channel")


# --- pages


def test_the_box_says_by_which_way_the_answer_goes_and_it_can_be_switched(client, channel, person):
    ticket = writes(client, channel)
    client.force_login(user("ines"))
    page = client.get(f"/tickets/{ticket.pk}/talk").content.decode()
    assert "Our WhatsApp to +48 58 555 01 42" in page and "mail to marta@bellevue.example" in page
    assert '<option value="channel" selected>' in page and "by WhatsApp" in page
    client.post(f"/tickets/{ticket.pk}/talk", {"kind": "answer", "body": "By mail then.", "way": "mail", "then": ""})
    assert ticket.entries.latest("pk").channel == "mail"


def test_the_secret_stands_on_the_page_of_whoever_sets_it_up_alone(client, channel):
    for who, there in (("astrid", True), ("ines", False)):
        client.force_login(user(who))
        assert (secret_of(channel) in client.get(f"/channels/{channel.pk}").content.decode()) is there


def test_whoever_asked_by_a_channel_and_has_a_ticket_merged_into_anothers_is_told_there_in_their_language(
    client, channel, person, gateway
):
    from kith.kernel.records.merge import merge
    from kith.support.merging import tell_merged

    theirs = writes(client, channel, "Der Nachtportier bekommt nichts.", sender="4915112345678", name="Elin Berg")
    theirs.refresh_from_db()
    actions.edit(registry["person"], theirs.person, {"language": "de"}, by=actor("ines"))
    other = made("ticket", subject="Alerts", person=person)
    merge(registry["ticket"], other, [theirs], by=actor("astrid"))
    assert [tell_merged(other.pk), tell_merged(other.pk)] == [1, 0]
    work()
    ((_headers, body),) = gateway.kept
    told = json.loads(body)
    assert told["to"] == "4915112345678" and told["text"].startswith("Guten Tag,")


def test_a_customer_who_is_merged_keeps_what_they_wrote_by(client, channel, person):
    from kith.kernel.records.merge import merge

    ticket = writes(client, channel, sender="4915112345678", name="Marta K.")
    ticket.refresh_from_db()
    merge(registry["person"], person, [ticket.person], by=system("cli"))
    assert Writer.objects.get().person == person
