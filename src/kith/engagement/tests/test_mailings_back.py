"""What comes back from a mailing: bounces, complaints, answers, unsubscribing; and the result made of it."""

import pytest

from kith.awareness.models import Member
from kith.engagement.mailings import results
from kith.engagement.models import Mailing, Recipient
from kith.engagement.tests.mailcast import gather, guest, mailing, send
from kith.engagement.tests.making import template
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import Suppressed
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.mailcast import bounce, complaint, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(ines, postbox):
    """A mailing of a campaign, sent to Marta, who is in both segments, and to Piotr and Elin."""
    marta, piotr, elin = guest(ines, "Marta"), guest(ines, "Piotr"), guest(ines, "Elin", language="de")
    text = template(
        "Autumn", language="en", translations=[{"language": "de", "subject": "Herbst", "body": "Guten Tag"}]
    )
    campaign = actions.create(registry["campaign"], {"name": "Autumn"}, by=ines)
    hotels, guests = gather(ines, "Hotels", marta, piotr), gather(ines, "Guests", marta, elin)
    return send(mailing(ines, hotels, guests, template=text, campaign=campaign), ines)


def arrive(message):
    take_in(message if isinstance(message, bytes) else message.as_bytes())
    run_waiting_jobs(names=["mail.work"])


def mail_to(postbox, name):
    return next(m for m in postbox.kept if str(m["To"]).startswith(name))


def told(row, name):
    return Recipient.objects.get(mailing=row, person__given_name=name)


def test_a_bounce_comes_back_to_the_mailing_and_silences_only_the_address_it_was_sent_to(sent, postbox):
    mail = mail_to(postbox, "marta")
    arrive(bounce(mail["Message-ID"], "piotr@bellevue.example"))
    assert told(sent, "Marta").bounced_at is None and not Suppressed.objects.exists()
    arrive(bounce(mail["Message-ID"], "marta@bellevue.example"))
    assert told(sent, "Marta").bounced_at is not None
    assert Suppressed.objects.get().address == "marta@bellevue.example"
    assert Event.objects.filter(verb="mailing.bounced", record_id=told(sent, "Marta").person_id).count() == 1
    assert Member.objects.get(person__given_name="Marta").state == "bounced"


def test_a_complaint_comes_back_to_the_mailing_and_ends_all_mail_there(sent, postbox):
    arrive(complaint(mail_to(postbox, "piotr")["Message-ID"], "piotr@bellevue.example"))
    assert told(sent, "Piotr").complained_at is not None and Suppressed.objects.get().reason == "complained"


def test_an_answer_is_an_answer_to_the_mailing_and_to_the_campaign(sent, postbox):
    mail = mail_to(postbox, "elin")
    answer = letter(
        "Ja, gern.", From="Elin <elin@bellevue.example>", In_Reply_To=mail["Message-ID"], Subject="Re: Herbst"
    )
    arrive(answer)
    assert told(sent, "Elin").replied_at is not None
    assert dict(Member.objects.values_list("person__given_name", "state")) == {
        "Marta": "sent", "Piotr": "sent", "Elin": "responded",
    }  # fmt: skip


def test_the_result_counts_each_segment_and_language_and_everybody_once(sent, postbox, client):
    link = mail_to(postbox, "marta")["List-Unsubscribe"].strip("<>")
    assert client.post("/unsubscribe/" + link.partition("/unsubscribe/")[2]).status_code == 200
    by = system("cli")
    total = results.total(by, sent)
    assert (total.n["sent"], total.n["unsubscribed"], total.n["replied"]) == (3, 1, 0)
    assert {line.label: (line.n["sent"], line.n["unsubscribed"]) for line in results.per_segment(by, sent)} == {
        "Hotels": (2, 1), "Guests": (2, 1),
    }  # fmt: skip
    assert {line.key: line.n["sent"] for line in results.per_language(by, sent)} == {"en": 2, "de": 1}
    assert results.compared(results.per_segment(by, sent)).startswith("Too few")
    assert total.share("unsubscribed") == "33.3% (6.1–79.2)"


def test_what_people_do_after_the_mail_is_counted_and_not_what_they_did_before(sent, ines):
    by, marta = system("cli"), told(sent, "Marta").person
    assert results.afterwards(by, sent) == {"lead": 0, "qualified": 0, "deal": 0, "won": 0}
    from kith.contacts.events import Captured
    from kith.kernel.timeline.change import change

    with change(marta, by=by) as c:
        c.says(Captured(through="form", source="Leak-risk checklist"))
    assert results.afterwards(by, sent)["lead"] == 1


def test_the_pages_of_a_mailing_say_what_became_of_it(sent, client, ines):
    client.force_login(ines.user)
    page = client.get(f"/mailings/{sent.pk}").content.decode()
    assert "How far it is" in page and "Before it is sent" not in page
    page = client.get(f"/mailings/{sent.pk}/recipients").content.decode()
    assert "marta@bellevue.example" in page and "Hotels, Guests" in page
    page = client.get(f"/mailings/{sent.pk}/recipients?state=held").content.decode()
    assert "Nobody here" in page
    assert client.get("/mailings/999/recipients").status_code == 404


def test_two_who_become_one_stay_once_in_the_mailing(sent, ines):
    from kith.kernel.records.merge import merge

    marta, piotr = told(sent, "Marta").person, told(sent, "Piotr").person
    merge(registry["person"], marta, [piotr], by=system("cli"))
    assert Recipient.objects.filter(mailing=sent, person=marta).count() == 1
    assert Mailing.objects.get(pk=sent.pk).state == "sent"
