"""Mail that arrives: filed on the conversation it answers or with whoever wrote, kept whole, never twice, never lost."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.activities.incoming import file_for
from kith.activities.models import Message, MessageState
from kith.activities.tests.making import MAIL, arrive
from kith.activities.writing import compose_mail
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.files.models import StoredFile
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail import working
from kith.kernel.mail.arriving import bytes_of, take_in
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox, Suppressed
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, add, user
from tests.mailcast import bounce, complaint, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta(ines):
    hotel = add(ines, "company", name="Hotel Bellevue", domain="bellevue.example")
    return add(
        ines, "person", given_name="Marta", family_name="Kowalska", company=hotel.pk, emails="marta@bellevue.example"
    )


def written(ines, marta):
    """A mail to Marta that left."""
    message = perform(compose_mail, marta, {"subject": "Pumps", "body": "Would Tuesday do?"}, by=ines).result
    run_waiting_jobs(names=MAIL)
    message.refresh_from_db()
    return message


def verbs(row, record="person"):
    return [e.event.verb for e in timeline(actor("ines"), record, row.pk)[0]]


def test_an_answer_joins_the_conversation_and_moves_the_last_touch(ines, marta, postbox):
    sent = written(ines, marta)
    assert sent.state == MessageState.SENT and sent.message_id.endswith("@tidewell.example>")
    row = arrive(
        letter("Tuesday suits us.\n\nOn Mon, Ines wrote:\n> Would Tuesday do?\n> a\n> b", In_Reply_To=sent.message_id)
    )
    got = Message.objects.get(arrived=row.pk)
    assert (row.state, got.state, got.thread_id) == (ArrivedState.FILED, MessageState.RECEIVED, sent.thread_id)
    assert got.fresh == "Tuesday suits us." and "Would Tuesday do?" in got.text
    entry = timeline(ines, "person", marta.pk)[0][0]
    assert (entry.event.actor_name, entry.sentence, entry.body.text) == (
        "Marta Kowalska",
        "wrote to us: Re: Pumps",
        "Tuesday suits us.",
    )
    assert "mail.received" in verbs(marta.company, "company")
    marta.refresh_from_db()
    assert marta.last_touch_at == got.at


def test_an_answer_is_known_even_where_a_server_rewrote_the_domain_of_our_message_id(ines, marta, postbox):
    sent = written(ines, marta)
    row = arrive(
        letter(
            References=sent.message_id.replace("@tidewell.example", "@relay.example"), From="assistant@other.example"
        )
    )
    assert Message.objects.get(arrived=row.pk).thread_id == sent.thread_id


def test_mail_of_somebody_known_begins_a_conversation_on_their_story(marta):
    row = arrive(letter(Subject="A question"))
    got = Message.objects.get(arrived=row.pk)
    assert (got.thread.person_id, got.thread.company_id) == (marta.pk, marta.company_id)
    assert (row.record, row.record_id) == ("person", marta.pk)


def test_somebody_unknown_of_a_known_company_stands_on_the_companys_story(marta):
    row = arrive(letter(From="Jan <jan@bellevue.example>"))
    got = Message.objects.get(arrived=row.pk)
    assert (got.thread.person_id, got.thread.company_id) == (None, marta.company_id)


def test_a_colleague_of_theirs_who_joins_in_has_it_on_their_own_story_too(ines, marta, postbox):
    jan = add(ines, "person", given_name="Jan", emails="jan@other.example")
    sent = written(ines, marta)
    arrive(letter(From="jan@other.example", In_Reply_To=sent.message_id))
    assert "mail.received" in verbs(jan) and "mail.received" in verbs(marta)


def test_a_stranger_is_held_and_filed_once_somebody_says_who_it_is(ines):
    row = arrive(letter(From="Piotr <piotr@nowhere.example>"))
    assert (row.state, row.problem) == (ArrivedState.HELD, "Nobody knows this sender.")
    piotr = add(ines, "person", given_name="Piotr", emails="piotr@nowhere.example")
    got = file_for(row.pk, piotr, ines)
    assert file_for(row.pk, piotr, ines) == got
    row.refresh_from_db()
    assert row.state == ArrivedState.FILED and "mail.received" in verbs(piotr)


def test_a_stranger_goes_to_whoever_takes_strangers_in(monkeypatch):
    asked = []

    def queue(arrived, parsed, mailbox):
        asked.append((arrived, parsed.sender.address, mailbox))
        return "held"

    monkeypatch.setattr(working, "_strangers", [])
    working.register_stranger(queue)
    row = arrive(letter(From="piotr@nowhere.example"))
    assert asked == [(row.pk, "piotr@nowhere.example", None)] and row.state == ArrivedState.HELD
    box = Mailbox.objects.create(
        name="Sales", address="sales@tidewell.example", host="imap.example", strangers="ignore"
    )
    other = arrive(letter(From="piotr@nowhere.example"), mailbox=box)
    assert other.state == ArrivedState.IGNORED and len(asked) == 1


def test_the_same_message_again_is_one(marta):
    raw = letter().as_bytes()
    assert arrive(raw).pk == arrive(raw).pk
    assert Message.objects.count() == 1
    other_way = arrive(b"Received: from elsewhere\n" + raw)
    assert (other_way.state, other_way.problem) == (ArrivedState.IGNORED, "The same message came before.")
    assert Message.objects.count() == 1


def test_a_made_up_message_id_that_is_taken_hides_no_mail(marta):
    arrive(letter("First", Message_ID="<same@bellevue.example>"))
    arrive(letter("Second, quite another", Message_ID="<same@bellevue.example>"))
    assert sorted(Message.objects.values_list("fresh", flat=True)) == ["First", "Second, quite another"]


def test_the_bytes_are_kept_whole_before_anybody_looks_into_them(marta):
    raw = b"From: marta@bellevue.example\nContent-Type: multipart/mixed; boundary=x\n\n--y broken \x00\xff"
    row = take_in(raw)
    assert bytes_of(row) == raw and row.state == ArrivedState.WAITING
    run_waiting_jobs(names=MAIL)
    row.refresh_from_db()
    assert row.state == ArrivedState.FILED and bytes_of(row) == raw


def test_a_fault_of_ours_loses_nothing_and_is_tried_again_from_the_list(marta, monkeypatch):
    def broken(*_):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(working, "_filers", [broken])
    row = take_in(letter().as_bytes())
    for day in range(1, 7):
        run_waiting_jobs(names=MAIL, now=timezone.now() + dt.timedelta(days=day))
    row.refresh_from_db()
    assert row.state == ArrivedState.FAILED and "a fault of ours" in row.problem
    monkeypatch.undo()
    perform(ACTIONS["arrived.retry"], row, {}, by=actor("astrid"))
    run_waiting_jobs(names=MAIL)
    row.refresh_from_db()
    assert (row.state, row.problem) == (ArrivedState.FILED, "")


def test_files_stand_under_the_mail_and_with_the_person(ines, marta):
    message = letter("The plan is attached.")
    message.add_attachment(b"%PDF-1.4 plan", maintype="application", subtype="pdf", filename="Plan.pdf")
    message.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="run.exe")
    arrive(message)
    kept = StoredFile.objects.get(record_type="person", record_id=marta.pk)
    body = timeline(ines, "person", marta.pk)[0][0].body
    assert f"/files/{kept.pk}" in [link.href for link in body.links]
    assert kept.name == "Plan.pdf" and "“run.exe” is not kept" in body.note


def test_an_absence_notice_is_filed_quietly(ines, marta, postbox):
    sent = written(ines, marta)
    before = registry["person"].get(ines, marta.pk).last_touch_at
    row = arrive(letter("I am away.", In_Reply_To=sent.message_id, Auto_Submitted="auto-replied"))
    got = Message.objects.get(arrived=row.pk)
    assert got.state == MessageState.AUTOMATIC and verbs(marta)[0] == "mail.auto_replied"
    assert registry["person"].get(ines, marta.pk).last_touch_at == before


def test_a_newsletter_is_quiet_and_mail_through_a_group_of_ours_is_not(marta, postbox):
    arrive(letter("News", To="list@news.example", List_Id="<news.example>"))
    arrive(letter("A question", To="hello@tidewell.example", List_Id="<hello.tidewell.example>", Precedence="list"))
    states = Message.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [MessageState.AUTOMATIC, MessageState.RECEIVED]


def test_a_machine_nobody_knows_is_left_alone(marta):
    row = arrive(letter(From="robot@nowhere.example", To="x@list.example", Auto_Submitted="auto-replied"))
    assert row.state == ArrivedState.IGNORED


def test_mail_of_our_own_that_comes_round_is_left_alone(ines, marta, postbox):
    written(ines, marta)
    row = arrive(postbox.kept[0].as_bytes())
    assert (row.state, Message.objects.count()) == (ArrivedState.IGNORED, 1)


def test_a_flood_of_machines_is_cut_off(marta):
    states = [arrive(letter(str(n), Auto_Submitted="auto-replied")).state for n in range(working.MOST_AUTOMATIC + 2)]
    assert states[0] == ArrivedState.FILED and states[-1] == ArrivedState.IGNORED
    assert Message.objects.count() == working.MOST_AUTOMATIC


def test_what_a_colleague_sent_from_elsewhere_is_filed_as_sent_by_them(ines, marta):
    row = arrive(
        letter(
            "As promised.",
            From="Ines Okafor <ines@tidewell.example>",
            To="marta@bellevue.example",
            Cc="hello@tidewell.example",
        )
    )
    got = Message.objects.get(arrived=row.pk)
    assert (got.state, got.author, got.thread.person_id) == (MessageState.SENT, user("ines"), marta.pk)
    entry = timeline(ines, "person", marta.pk)[0][0]
    assert (entry.event.actor_name, entry.sentence) == ("Ines Okafor", "wrote: Re: Pumps")
    marta.refresh_from_db()
    assert marta.last_touch_at == got.at


def test_colleagues_among_themselves_are_no_business_of_kith(ines):
    user("jonas")
    row = arrive(letter(From="ines@tidewell.example", To="jonas@tidewell.example"))
    assert (row.state, row.problem) == (ArrivedState.IGNORED, "Colleagues wrote to each other.")


def test_mail_that_its_own_domain_disowns_waits_for_somebody(ines, marta):
    raw = b"Authentication-Results: mx.tidewell.example; dmarc=fail header.from=tidewell.example\n" + letter(
        From="ines@tidewell.example", To="marta@bellevue.example").as_bytes()  # fmt: skip
    assert arrive(raw).state == ArrivedState.HELD and not Message.objects.exists()


def test_a_mail_that_came_back_is_said_and_its_address_is_written_to_no_more(ines, marta, postbox):
    sent = written(ines, marta)
    touched = registry["person"].get(ines, marta.pk).last_touch_at
    arrive(bounce(sent.message_id, "marta@bellevue.example"))
    sent.refresh_from_db()
    assert (sent.state, sent.problem) == (MessageState.BOUNCED, "marta@bellevue.example: 550 No such user here")
    assert verbs(marta)[0] == "mail.bounced"
    assert Suppressed.objects.get().reason == "bounced"
    assert touched is not None and registry["person"].get(ines, marta.pk).last_touch_at is None
    with pytest.raises(Invalid, match="does not exist"):
        perform(compose_mail, marta, {"subject": "Again", "body": "x"}, by=ines)


@pytest.mark.parametrize("status", ["5.2.2", "4.4.1"])
def test_a_full_mailbox_or_a_delay_suppresses_nobody(ines, marta, postbox, status):
    sent = written(ines, marta)
    arrive(bounce(sent.message_id, "marta@bellevue.example", status))
    assert verbs(marta)[0] == "mail.bounced" and not Suppressed.objects.exists()


def test_nobody_can_have_another_address_silenced(ines, marta, postbox):
    sent = written(ines, marta)
    arrive(bounce(sent.message_id, "somebody@else.example"))
    assert arrive(bounce("<made-up@tidewell.example>", "marta@bellevue.example")).state == ArrivedState.IGNORED
    assert not Suppressed.objects.exists()


def test_a_complaint_ends_mail_to_that_address(ines, marta, postbox):
    sent = written(ines, marta)
    arrive(complaint(sent.message_id, "marta@bellevue.example"))
    assert (verbs(marta)[0], Suppressed.objects.get().reason) == ("mail.complained", "complained")


def test_answering_on_the_record_page_continues_the_conversation(client, ines, marta, postbox):
    row = arrive(letter("When?", Subject="Re: AW: Pumps", Reply_To="Desk <desk@bellevue.example>"))
    got = Message.objects.get(arrived=row.pk)
    link = next(x for x in timeline(ines, "person", marta.pk)[0][0].body.links if x.label == "Answer")
    client.force_login(user("ines"))
    page = client.get(link.href).content.decode()
    assert 'value="Re: Pumps"' in page and "desk@bellevue.example" in page
    sent = client.post(
        link.href.partition("?")[0], {"body": "Tuesday.", "subject": "Re: Pumps", "answers": str(got.pk)}
    )
    assert sent.status_code == 303
    run_waiting_jobs(names=MAIL)
    mail = postbox.kept[0]
    assert (mail["To"], mail["In-Reply-To"]) == ("desk@bellevue.example", got.message_id)
    assert Message.objects.filter(thread=got.thread).count() == 2


def test_only_mail_on_this_story_can_be_answered_here(ines, marta):
    other = add(ines, "person", given_name="Jan", emails="jan@other.example")
    got = Message.objects.get(arrived=arrive(letter()).pk)
    with pytest.raises(Invalid, match="no mail"):
        perform(compose_mail, other, {"subject": "x", "body": "y", "answers": got.pk}, by=ines)


def test_a_mailbox_of_ones_own_is_where_answers_go(ines, marta, postbox):
    Mailbox.objects.create(name="Sales", address="sales@tidewell.example", host="imap.example")
    written(ines, marta)
    Mailbox.objects.create(name="Ines", address="ines.o@tidewell.example", host="imap.example", holder=user("ines"))
    written(ines, marta)
    assert [m["Reply-To"] for m in postbox.kept] == ["sales@tidewell.example", "ines.o@tidewell.example"]


def test_an_address_that_two_people_share_leads_to_the_one_we_last_spoke_with(ines, marta):
    twin = add(ines, "person", given_name="Marta", family_name="K.", emails="marta@bellevue.example")
    arrive(letter())
    assert Message.objects.get().thread.person_id == marta.pk  # neither: the first
    registry["person"].model.objects.filter(pk=twin.pk).update(last_touch_at=timezone.now() + dt.timedelta(1))
    arrive(letter("Another"))
    assert Message.objects.latest("pk").thread.person_id == twin.pk


def test_filing_twice_files_once(marta):
    row = take_in(letter().as_bytes())
    working.work(row.pk)
    working.work(row.pk)
    assert Message.objects.count() == 1 and Event.objects.filter(verb="mail.received").count() == 1


def test_an_administrator_says_whose_a_held_message_is(ines, marta):
    row = arrive(letter(From="piotr@nowhere.example"))
    perform(ACTIONS["arrived.file_with"], row, {"person": str(marta.pk)}, by=actor("astrid"))
    row.refresh_from_db()
    assert (row.state, row.record_id, row.problem) == (ArrivedState.FILED, marta.pk, "")
    assert "mail.received" in verbs(marta)


def test_the_page_of_an_arrival_shows_it_and_offers_no_empty_form(client, marta):
    row = arrive(letter("A question, in short.", From="piotr@nowhere.example"))
    actor("astrid")
    client.force_login(user("astrid"))
    page = client.get(f"/arrived-mail/{row.pk}").content.decode()
    assert "A question, in short." in page and f"/files/{row.file_id}" in page
    assert f"/arrived-mail/{row.pk}/edit" not in page
    whole = b"".join(client.get(f"/files/{row.file_id}").streaming_content)
    assert whole == bytes_of(row)
    client.force_login(user("ines"))
    assert client.get(f"/arrived-mail/{row.pk}").status_code == client.get(f"/files/{row.file_id}").status_code == 404


def test_a_mail_is_read_whole_by_those_who_see_whom_it_is_about(client, ines, marta):
    from tests.cast import policy

    row = arrive(letter("New words.\n\nOn Mon 2, Ines wrote:\n> Old words?\n> a\n> b"))
    address = f"/mail/{Message.objects.get(arrived=row.pk).pk}"
    client.force_login(user("ines"))
    assert "Old words?" in client.get(address).content.decode()
    for record in ("person", "company", "deal"):
        policy("read_only", record, see="none", edit="none")
    client.force_login(user("rolf"))
    assert client.get(address).status_code == 404 and client.get("/mail/999999").status_code == 404


LONG = "x" * 900


@pytest.mark.parametrize(
    "headers",
    [{"Subject": LONG}, {"Message_ID": f"<{LONG}@bellevue.example>"}, {"Message_ID": f"<{'y' * 290}@b.example>"}, {"Message_ID": ""},
     {"From": f'"{LONG}" <marta@bellevue.example>'}, {"From": f"{'z' * 290}@bellevue.example"}, {"In_Reply_To": f"<{'q' * 297}>"},
     {"References": " ".join(f"<{n}@x>" for n in range(900))}, {"To": ", ".join(f"a{n}@x.example" for n in range(900))},
     {"Reply_To": LONG}, {"Date": LONG}, {"Subject": ""}, {"Subject": "\u202e\u0007 odd"}],
)  # fmt: skip
def test_headers_of_any_length_are_filed(ines, marta, headers):
    row = arrive(letter(**headers))
    assert row.state == ArrivedState.FILED, row.problem
    assert Message.objects.filter(arrived=row.pk).exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 6), st.binary(max_size=10)), min_size=1, max_size=6)
)
def test_whatever_happened_to_a_message_on_its_way_it_ends_in_a_state(marta, edits):
    raw = letter("Tuesday suits us.\n\nOn Mon wrote:\n> x").as_bytes()
    for at, gone, put in edits:
        raw = raw[:at] + put + raw[at + gone :]
    row = take_in(raw)
    working.work(row.pk)
    row.refresh_from_db()
    assert row.state != ArrivedState.WAITING and bytes_of(row) == raw


def test_a_message_too_large_or_empty_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr("kith.kernel.mail.arriving.LIMIT", 100)
    with pytest.raises(Invalid, match="the most that is read is"):
        take_in(b"x" * 101)
    with pytest.raises(Invalid, match="empty"):
        take_in(b"\n\n")
    assert not Arrived.objects.exists()
    assert system("mail").is_system


def test_an_answer_that_comes_before_what_it_answers_is_one_conversation_with_it(marta):
    first, answer = letter("Would Tuesday do?", Subject="Pumps"), letter("Or Friday?", Subject="Re: Pumps")
    answer["In-Reply-To"] = first["Message-ID"]
    assert arrive(answer).state == arrive(first).state == ArrivedState.FILED
    assert Message.objects.count() == 2 and Message.objects.values("thread").distinct().count() == 1


@pytest.mark.django_db(transaction=True)
def test_messages_of_one_conversation_filed_at_the_same_moment_wait_for_each_other(marta):
    first, answer = letter("Would Tuesday do?", Subject="Pumps"), letter("Or Friday?", Subject="Re: Pumps")
    answer["In-Reply-To"] = first["Message-ID"]
    early, late = take_in(first.as_bytes()), take_in(answer.as_bytes())
    filed = threading.Event()

    def beside():
        filed.wait(10)
        try:
            working.work(late.pk)
        finally:
            connection.close()

    other = threading.Thread(target=beside)
    other.start()
    with transaction.atomic():
        working.work(early.pk)
        filed.set()
        other.join(1)  # it waits for the end of this transaction
        assert other.is_alive()
    other.join(20)
    assert Message.objects.count() == 2 and Message.objects.values("thread").distinct().count() == 1


def test_whose_address_it_is_follows_mailboxes_and_colleagues_as_they_change():
    from kith.activities.whose import of_us

    ines, astrid = user("ines"), actor("astrid")
    assert of_us("INES@tidewell.example") == (ines, True) and of_us("sales@tidewell.example") == (None, False)
    values = {"name": "Sales", "address": "sales@tidewell.example", "host": "127.0.0.1", "security": "none"}
    box = actions.create(registry["mailbox"], values, by=astrid)
    assert of_us("sales@tidewell.example") == (None, True)
    box = actions.edit(registry["mailbox"], box, {"holder": ines}, by=astrid)
    assert of_us("sales@tidewell.example") == (ines, True)
    actions.edit(registry["mailbox"], box, {"address": "orders@tidewell.example"}, by=astrid)
    assert of_us("sales@tidewell.example") == (None, False) and of_us("orders@tidewell.example") == (ines, True)
