"""Writing on a record page, and mail that is kept, sent once, retried, and threaded by its headers."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.activities import mail
from kith.activities.jobs import remind, send_mail
from kith.activities.models import Activity, Mention, Message, MessageState
from kith.activities.writing import compose_mail, log_call, log_meeting, plan_task, write_note
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import perform
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, add, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta(ines):
    hotel = add(ines, "company", name="Hotel Bellevue")
    return add(ines, "person", given_name="Marta", company=hotel.pk, emails="marta@bellevue.example")


def test_what_was_said_stands_under_its_line_in_the_story(ines, marta):
    perform(write_note, marta, {"body": "Keys are at the reception.\n\n<b>Ask</b> for Jan."}, by=ines)
    perform(log_call, marta, {"body": "She wants 40 more.", "minutes": "12", "incoming": True}, by=ines)
    perform(log_meeting, marta, {"subject": "Survey", "body": "Walked the cellars."}, by=ines)
    said = [(e.sentence, e.body and e.body.text) for e in timeline(ines, "company", marta.company_id)[0]]
    assert said[:3] == [
        ("met: Survey", "Walked the cellars."), ("took a call, 12 min", "She wants 40 more."),
        ("wrote a note", "Keys are at the reception.\n\n<b>Ask</b> for Jan."),
    ]  # fmt: skip


def test_a_meeting_ahead_is_planned_and_a_call_ahead_is_refused(ines, marta):
    tomorrow = (timezone.now() + dt.timedelta(1)).isoformat()
    perform(log_meeting, marta, {"subject": "Demo", "when": tomorrow}, by=ines)
    marta.refresh_from_db()
    assert marta.next_step == "Demo"
    with pytest.raises(Invalid, match="future"):
        perform(log_call, marta, {"body": "x", "when": tomorrow}, by=ines)


def test_an_entry_without_words_says_what_it_needs(ines, marta):
    with pytest.raises(NeedsInput):
        perform(write_note, marta, {"body": "  "}, by=ines)
    with pytest.raises(NeedsInput):
        perform(plan_task, marta, {"body": "only details"}, by=ines)


def test_an_entry_about_a_deal_is_about_its_contact_and_company_too(ines, marta):
    from kith.deals.actions import install_defaults

    install_defaults(actor("astrid"))
    deal = add(ines, "deal", name="Pilot", company=marta.company_id, contact=marta.pk)
    perform(plan_task, deal, {"subject": "Send offer", "due": "2026-12-01"}, by=ines)
    marta.refresh_from_db()
    deal.refresh_from_db()
    assert marta.next_step == deal.next_step == "Send offer"


def test_without_a_mail_server_a_mail_stays_in_the_outbox_and_says_so(ines, marta, settings):
    settings.EMAIL_BACKEND = mail.DUMMY
    perform(compose_mail, marta, {"subject": "Offer", "body": "Hello Marta"}, by=ines)
    message = Message.objects.get()
    assert (message.state, message.to) == (MessageState.OUTBOX, ["marta@bellevue.example"])
    assert "not sent" in timeline(ines, "person", marta.pk)[0][0].body.note.lower()
    with pytest.raises(Invalid, match="KITH_EMAIL_URL"):
        mail.try_again(message, by=ines)


def test_a_mail_is_sent_once_with_headers_that_thread_and_moves_the_last_touch(ines, marta, postbox):
    first = perform(compose_mail, marta, {"subject": "Offer\nBcc: everybody@example", "body": "Hello"}, by=ines).result
    send_mail(message=first.pk)
    send_mail(message=first.pk)
    assert len(postbox.kept) == 1
    got = postbox.kept[0]
    assert (got["Subject"], got["Bcc"], got["Reply-To"]) == (
        "Offer Bcc: everybody@example",
        None,
        "ines@tidewell.example",
    )
    reply = mail.write_mail(
        marta, to=["marta@bellevue.example"], subject="Re: Offer", text="And?", by=ines, answers=first
    )
    send_mail(message=reply.pk)
    assert postbox.kept[1]["In-Reply-To"] == postbox.kept[1]["References"] == first.message_id
    assert reply.thread == first.thread
    marta.refresh_from_db()
    assert marta.last_touch_at is not None
    assert [e.event.verb for e in timeline(ines, "person", marta.pk, chips=["mail"])[0]][:1] == ["mail.sent"]


def test_a_refused_mail_is_tried_again_and_a_dead_server_leaves_it_in_the_outbox(ines, marta, postbox, settings):
    from smtplib import SMTPException

    message = perform(compose_mail, marta, {"subject": "Offer", "body": "Hello"}, by=ines).result
    postbox.refuse = 1
    with pytest.raises(SMTPException):
        mail.send(message.pk)
    mail.send(message.pk)
    assert len(postbox.kept) == 1
    settings.EMAIL_PORT = 9
    lost = perform(compose_mail, marta, {"subject": "Offer 2", "body": "Hello"}, by=ines).result
    send_mail(message=lost.pk)  # outside a worker there is no next try
    lost.refresh_from_db()
    assert lost.state == MessageState.FAILED and "refused" in lost.problem.lower()


def test_nobody_known_means_no_mail(ines):
    tom = add(ines, "person", given_name="Tom")
    with pytest.raises(Invalid, match="No e-mail address"):
        perform(compose_mail, tom, {"subject": "Hi", "body": "x"}, by=ines)
    perform(compose_mail, tom, {"subject": "Hi", "body": "x", "to": "tom@example.com"}, by=ines)


def test_a_reminder_reaches_its_owner_once(ines, marta):
    add(ines, "activity", subject="Call", due_at="2030-01-01", remind_at="2026-01-01", person=marta.pk)
    remind()
    remind()
    assert [(m.user, m.why) for m in Mention.objects.all()] == [(user("ines"), "reminder")]
    assert Activity.objects.get().remind_at is None
