"""A stranger's mail is acknowledged at once where its mailbox says so: once, seldom, in their language, never to a machine."""

import json

import pytest
from django.core import mail

from kith.capture.models import Submission
from kith.contacts.models import Person
from kith.kernel.accounts import tokens
from kith.kernel.errors import InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.addresses import loop_mark
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import ArrivedState, Mailbox, Strangers, Suppressed
from kith.kernel.records.actions import create, parse_values
from kith.kernel.records.registry import registry
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
GERMAN = "Guten Tag {{ person.name }},\n\nIhre Nachricht ist da.\n\n{{ organisation.name }}"


def mailbox(strangers=Strangers.QUEUE, **values):
    given = {
        "acknowledge": True,
        "acknowledge_words": "We have it, {{ person.name }}.",
        "acknowledge_translations": {"de": GERMAN},
    }
    return Mailbox.objects.create(
        name="Hello",
        address="hello@tidewell.example",
        host="imap.tidewell.example",
        strangers=strangers,
        **given | values,
    )


def got(box, text="Do you mend old pumps?", language="", **headers):
    """What arrived, when every job has run."""
    said = f"Content-Language: {language}\n".encode() if language else b""
    arrived = take_in(said + letter(text, **headers).as_bytes(), mailbox=box)
    run_waiting_jobs()
    arrived.refresh_from_db()
    return arrived


@pytest.mark.parametrize("strangers", [Strangers.QUEUE, Strangers.LEAD])
def test_whoever_waits_or_becomes_somebody_hears_at_once_that_it_came(strangers):
    got(mailbox(strangers), Message_ID="<1@bellevue.example>", Subject="Old pumps")
    (sent,) = mail.outbox
    assert (sent.to, sent.reply_to, sent.subject) == (
        ["marta@bellevue.example"],
        ["hello@tidewell.example"],
        "Re: Old pumps",
    )
    assert sent.body == "We have it, Marta Kowalska."
    told = {name.lower(): value for name, value in sent.extra_headers.items()}
    assert told["auto-submitted"] == "auto-replied" and told["in-reply-to"] == "<1@bellevue.example>"
    assert told["x-loop"] == loop_mark()
    assert Submission.objects.get().acknowledged_at is not None
    assert Person.objects.count() == (strangers == Strangers.LEAD)


def test_it_is_off_until_somebody_wants_it():
    assert Mailbox().acknowledge is False
    got(mailbox(acknowledge=False))
    assert mail.outbox == [] and Submission.objects.get().acknowledged_at is None


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"language": "de-AT"}, "Guten Tag Marta Kowalska,"), ({"Accept_Language": "de, en;q=0.5"}, "Guten Tag"),
        ({"Accept_Language": "fr-FR"}, "We have it"), ({"language": "drop it"}, "We have it"), ({}, "We have it"),
    ],
)  # fmt: skip
def test_it_speaks_the_language_of_the_mail_where_the_mailbox_does(headers, words):
    got(mailbox(), **headers)
    assert mail.outbox[0].body.startswith(words)


def test_without_words_of_its_own_the_mailbox_says_kiths():
    got(mailbox(acknowledge_words="", acknowledge_translations={}))
    assert "We have your mail" in mail.outbox[0].body


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"}, {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk", "List_Id": "<l.x.example>"},
        {"From": "no-reply@bellevue.example"}, {"X_Loop": "somebody@else.example"}, {"From": "hello@tidewell.example"},
        {"Authentication_Results": "mx.tidewell.example; dmarc=fail"}, {"From": "MAILER-DAEMON@bellevue.example"},
    ],
)  # fmt: skip
def test_a_machine_is_never_answered(headers):
    got(mailbox(), **headers)
    assert mail.outbox == []


def test_it_leaves_once_for_a_mail_and_seldom_to_one_address():
    from kith.capture.mailack import acknowledge

    box = mailbox()
    for n in range(5):
        got(box, f"Once more, {n}", Message_ID=f"<{n}@bellevue.example>")
    assert Submission.objects.count() == 5 and len(mail.outbox) == 3
    for row in Submission.objects.all():
        acknowledge(row.pk)
    assert len(mail.outbox) == 3


def test_nothing_leaves_to_an_address_that_bounced():
    Suppressed.objects.create(address="marta@bellevue.example", reason="bounced")
    assert got(mailbox()).state == ArrivedState.HELD
    assert mail.outbox == []


def test_somebody_known_is_not_told_by_a_machine():
    create(
        registry["person"],
        {"given_name": "Marta", "emails": [{"value": "marta@bellevue.example", "label": ""}]},
        by=actor("ines"),
    )
    assert got(mailbox()).state == ArrivedState.FILED
    assert mail.outbox == []


def test_our_mail_carries_no_advertising_of_whoever_claims_an_address():
    got(mailbox(), Subject="Cheap pumps at https://pumps.example", From='"www.pumps.example" <marta@bellevue.example>')
    (sent,) = mail.outbox
    assert sent.subject == "Re: We have your message" and "pumps" not in sent.body


def test_words_with_a_placeholder_that_does_not_exist_are_refused(client):
    raw = {"name": "Sales", "address": "sales@tidewell.example", "host": "imap.tidewell.example"}
    record, astrid = registry["mailbox"], actor("astrid")
    for field, text in (
        ("acknowledge_words", "Hello {{ person.nmae }}"),
        ("acknowledge_translations", "de: Guten Tag {{ who }}"),
    ):
        with pytest.raises(InvalidMany) as refused:
            create(record, parse_values(record, raw | {field: text}, by=astrid), by=astrid)
        assert field in refused.value.errors


def test_it_is_set_on_the_mailboxs_page_and_by_programs(client):
    client.force_login(user("astrid"))
    box = mailbox(acknowledge=False)
    page = client.get(f"/mailboxes/{box.pk}/edit").content.decode()
    assert "Say at once that it came" in page and "To people nobody knows" in page
    told = {"acknowledge": True, "acknowledge_translations": {"de": "Guten Tag"}}
    headers = {"Authorization": "Bearer " + tokens.issue(user("astrid"), "settings")[1]}
    sent = client.patch(
        f"/api/v1/mailboxes/{box.pk}", json.dumps(told), content_type="application/json", headers=headers
    )
    assert sent.status_code == 200, sent.content
    box.refresh_from_db()
    assert box.acknowledge and box.acknowledge_translations == {"de": "Guten Tag"}
