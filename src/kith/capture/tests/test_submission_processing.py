"""What becomes of a submission: whose it is, what is filled in, what waits for a person, and that none is lost."""

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.activities.mail import write_mail
from kith.capture import ack, processing, taking
from kith.capture.jobs import acknowledge, process
from kith.capture.models import Form, LeadClock, Submission
from kith.capture.tests.forms import DOCUMENT, ELIN, checklist, purpose, send, stamped
from kith.contacts.consent.models import Consent
from kith.contacts.models import Company, Person, entries
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db


def make(given="Elin", family="Sørensen", address=ELIN["email"], **more):
    values = {"given_name": given, "family_name": family, "emails": entries([address] if address else []), **more}
    return records.create(registry["person"], values, by=system("cli"))


def work():
    run_waiting_jobs()
    return Submission.objects.order_by("pk").last()


def test_a_stranger_becomes_a_person_at_the_company_of_their_domain():
    checklist()
    send(utm_source="fair", _page="https://tidewell.example/leaks")
    row = work()
    elin = Person.objects.get()
    assert (elin.given_name, elin.family_name, elin.email) == ("Elin", "Sørensen", ELIN["email"])
    assert (elin.company.name, elin.company.domain) == ("Fjordheim Senior Living", "fjordheim.example")
    assert (row.state, row.person, elin.source) == ("done", elin, "Leak-risk checklist")


def test_the_story_says_what_was_sent_and_where(client):
    checklist()
    send(
        utm_source="fair", utm_campaign="spring", _page="https://tidewell.example/leaks", _ref="https://search.example"
    )
    work()
    elin = Person.objects.get()
    sent = Event.objects.get(verb="form.submitted")
    assert (sent.record, sent.record_id, sent.actor_name) == ("person", elin.pk, "Elin Sørensen")
    assert sent.payload["utm"] == {"utm_source": "fair", "utm_campaign": "spring"}
    assert (sent.payload["referrer"], sent.payload["page"]) == (
        "https://search.example",
        "https://tidewell.example/leaks",
    )
    came = Event.objects.get(verb="person.captured")
    form = Form.objects.get()
    assert came.payload == {"through": "form", "source": "Leak-risk checklist", "campaign": "spring", "form": form.pk}
    actor("ines")
    client.force_login(user("ines"))
    page = (
        client.get(f"/people/{elin.pk}/timeline").content.decode() + client.get(f"/people/{elin.pk}").content.decode()
    )
    assert ELIN["why"] in page and "2 to 10" in page and "tidewell.example/leaks" in page


def test_a_mail_providers_domain_makes_no_company():
    checklist()
    send(email="elin@gmail.com", company=None)
    work()
    assert Person.objects.get().company is None and not Company.objects.exists()


def test_somebody_we_know_is_recognised_and_only_blanks_are_filled_in():
    checklist()
    elin = make(job_title="Head of houses", emails=entries(["Elin+work@fjordheim.example"]))
    send(job="Caretaker", phone="+47 22 12 34 56")
    row = work()
    elin.refresh_from_db()
    assert Person.objects.count() == 1 and row.person == elin
    assert (elin.job_title, elin.phone, elin.company.name) == (
        "Head of houses",
        "+4722123456",
        "Fjordheim Senior Living",
    )
    told = {label: (ours, theirs) for label, ours, theirs in taking.differences(row)}
    assert told["Job title"] == ("Head of houses", "Caretaker")


def test_an_address_that_two_people_share_waits_for_a_person():
    checklist()
    make(), make("Rolf", "Berg")
    send()
    row = work()
    assert (row.state, row.person) == ("review", None) and "belongs to 2 people" in row.why
    assert Person.objects.count() == 2 and not Event.objects.filter(verb="person.captured").exists()


def test_the_same_name_at_the_same_company_waits_for_a_person():
    checklist()
    company = records.create(registry["company"], {"name": "Fjordheim Senior Living"}, by=system("cli"))
    elin = make(address="e.sorensen@fjord.example", company=company)
    send()
    row = work()
    assert (row.state, row.proposed) == ("review", elin) and "Fjordheim" in row.why


def test_a_phone_alone_is_sure_only_with_the_same_family_name():
    fields = [{"key": "name", "column": "person.name", "label": {"en": "Name"}},
              {"key": "phone", "column": "person.phone", "label": {"en": "Phone"}}]  # fmt: skip
    checklist(fields=fields)
    elin = make(address="", phones=entries(["+4722123456"]))
    send(name="E. Sorensen", phone="+47 22 12 34 56")
    assert work().person == elin
    send(name="Rolf Berg", phone="+47 22 12 34 56")
    row = work()
    assert (row.state, row.proposed) == ("review", elin)


def test_what_looks_like_spam_waits_and_is_never_dropped():
    checklist()
    send(homepage="x")
    row = work()
    assert row.state == "review" and "no person had sent it" in row.why and not Person.objects.exists()
    assert mail.outbox == []


def test_the_same_stranger_twice_in_one_batch_is_one_person():
    checklist()
    send()
    send(why="And another thing.")
    work()
    assert Person.objects.count() == 1
    assert set(Submission.objects.values_list("state", "person")) == {("done", Person.objects.get().pk)}
    assert (
        Event.objects.filter(verb="form.submitted").count() == 2
        and Event.objects.filter(verb="person.captured").count() == 2
    )


def test_two_from_one_new_company_share_it():
    checklist()
    send()
    send(name="Rolf Berg", email="rolf@fjordheim.example")
    work()
    assert Company.objects.count() == 1 and Person.objects.filter(company=Company.objects.get()).count() == 2


def test_a_hundred_at_once_cost_hardly_more_than_ten():
    checklist()

    def cost(start, n):
        for k in range(start, start + n):
            send(name=f"Elin S{k}", email=f"elin{k}@house{k}.example", company=f"House {k}")
        Submission.objects.update(network="")
        with CaptureQueriesContext(connection) as captured:
            processing.process_waiting()
        return len(captured)

    from kith.capture.models import Form

    Form.objects.update(per_network=1000)
    from kith.kernel.organisation.models import bump

    bump()
    cost(0, 2)
    assert cost(100, 30) <= cost(10, 10) + 12
    assert not Submission.objects.exclude(state="done").exists()


def test_a_worker_killed_in_the_middle_loses_nothing_and_does_nothing_twice(monkeypatch):
    checklist()
    send()
    tell = taking.tell

    class Killed(BaseException):
        """What no code catches."""

    def die(*_args, **_kwargs):
        raise Killed

    monkeypatch.setattr(taking, "tell", die)
    with pytest.raises(Killed), transaction.atomic():
        process()
    assert Submission.objects.get().state == "new" and not Person.objects.exists()
    monkeypatch.setattr(taking, "tell", tell)
    process()
    process()
    assert Person.objects.count() == 1 and Event.objects.filter(verb="form.submitted").count() == 1


def test_one_that_fails_does_not_keep_the_others_and_stands_in_the_queue_in_the_end():
    checklist()
    send()
    send(name="Rolf Berg", email="rolf@berg.example")
    bad = Submission.objects.first()
    Submission.objects.filter(pk=bad.pk).update(facts=["no object"])
    processing.process_waiting()
    bad.refresh_from_db()
    assert (bad.state, bad.tries) == ("new", 1) and bad.problem
    assert Person.objects.get().email == "rolf@berg.example"
    for _again in range(4):
        with time_machine.travel(timezone.now() + timezone.timedelta(days=_again + 1)):
            processing.process_waiting()
    bad.refresh_from_db()
    assert bad.state == "failed" and bad.tries == 5


def test_what_they_agreed_to_is_kept_with_its_proof():
    purpose()
    checklist(consents=["newsletter"])
    send(consent="newsletter", _page="https://tidewell.example/leaks")
    row = work()
    line = Consent.objects.get()
    assert (line.person, line.state, line.wording) == (row.person, "given", "Newsletter: write to me.")
    assert (line.source, line.page, line.address) == (
        "Leak-risk checklist",
        "https://tidewell.example/leaks",
        ELIN["email"],
    )
    assert line.proof == {"submission": row.pk, "network": "127.0.0.0/24", "shown_in": "en"}


def test_the_words_kept_are_those_that_were_shown_even_when_they_change_before_processing():
    letter = purpose()
    checklist(consents=["newsletter"])
    send(consent="newsletter")
    records.edit(registry["purpose"], letter, {"wording": "Every day."}, by=system("cli"))
    work()
    assert (Consent.objects.get().wording, Consent.objects.get().wording_number) == ("Newsletter: write to me.", 1)


def test_a_purpose_confirmed_by_mail_is_asked_for_with_a_link():
    purpose(double_opt_in=True)
    checklist(consents=["newsletter"])
    send(consent="newsletter")
    work()
    assert Consent.objects.get().state == "asked"
    assert sorted(m.subject.split(",")[0] for m in mail.outbox) == ["Please confirm", "Your checklist"]


def test_they_are_told_at_once_that_it_came_in_words_of_the_form():
    checklist()
    send(why="Sensors & pipes")
    work()
    [message] = mail.outbox
    assert (message.to, message.subject) == ([ELIN["email"]], "Your checklist, Elin")
    assert message.body.startswith("Hello Elin,") and "You wrote: Sensors & pipes" in message.body
    assert (
        message.extra_headers.items() >= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}.items()
    )
    assert "Sensors &amp; pipes" in message.alternatives[0][0] and "/consent/" in message.body


def test_a_mail_of_ours_carries_no_advertising_of_theirs():
    checklist()
    send(why="Buy at https://pills.example <b>now</b>")
    work()
    [message] = mail.outbox
    assert "pills" not in message.body and "pills" not in message.alternatives[0][0]


def test_the_acknowledgement_leaves_once_however_often_its_job_runs():
    checklist()
    send()
    row = work()
    acknowledge(ids=[row.pk])
    acknowledge(ids=[row.pk])
    assert len(mail.outbox) == 1 and Submission.objects.get().acknowledged_at


def test_nobody_is_pestered_through_a_form():
    checklist()
    for n in range(6):
        send(why=f"Message {n}")
        work()
    assert len(mail.outbox) == ack.MOST_A_DAY


@pytest.mark.parametrize(
    "address", ["noreply@fjordheim.example", "MAILER-DAEMON@fjordheim.example", "bounces+7@fjordheim.example"]
)
def test_machines_are_not_answered(address):
    checklist()
    send(email=address)
    assert work().state == "done" and mail.outbox == []


def test_a_suppressed_address_is_not_written_to(monkeypatch):
    from kith.kernel.mail import clearing

    monkeypatch.setattr(clearing, "_gates", [lambda receivers, purpose: {r.address: "It bounced." for r in receivers}])
    checklist()
    send()
    assert work().state == "done" and mail.outbox == []


def test_a_mail_cannot_be_given_other_headers_through_a_name():
    checklist()
    send(name="Elin\r\nBcc: everybody@fjordheim.example")
    work()
    [message] = mail.outbox
    assert "\n" not in message.subject and message.recipients() == [ELIN["email"]]


def test_a_form_that_sends_no_acknowledgement_sends_none():
    checklist(ack={"on": False})
    send()
    work()
    assert mail.outbox == []


def test_the_clock_of_a_lead_runs_until_a_colleague_calls_and_an_undo_starts_it_again():
    ines = actor("ines")
    with time_machine.travel("2026-03-12T09:00:00Z", tick=False):
        checklist()
        send(_t=stamped())
        work()
    clock = LeadClock.objects.get()
    assert clock.reached_at is None and clock.source == "Leak-risk checklist"
    assert clock.due_at - clock.started_at == timezone.timedelta(hours=1)
    with time_machine.travel("2026-03-12T09:40:00Z", tick=False):
        done = perform(ACTIONS["activity.log_call"], Person.objects.get(), {"body": "Down to -20."}, by=ines)
    clock.refresh_from_db()
    assert (clock.minutes, clock.reached_by_id) == (40, ines.user_id)
    undo(done.operation, by=ines)
    clock.refresh_from_db()
    assert clock.minutes is None and clock.reached_at is None


def test_a_sequence_that_writes_in_a_colleagues_name_answers_nobody_and_their_own_mail_from_elsewhere_does():
    with time_machine.travel("2026-03-12T09:00:00Z", tick=False):
        checklist()
        send(_t=stamped())
        work()
    elin = Person.objects.get()
    with time_machine.travel("2026-03-12T09:10:00Z", tick=False):
        write_mail(elin, to=[elin.email], subject="Hello", text="Hello", by=actor("ines", "automation"))
    assert LeadClock.objects.get().reached_at is None
    rolf = user("rolf")  # who may only read
    sent = letter("As promised.", From="Rolf Keller <rolf@tidewell.example>", To=elin.email)
    with time_machine.travel("2026-03-12T09:35:00Z", tick=False):
        take_in(sent.as_bytes(), at=LeadClock.objects.get().started_at + timezone.timedelta(minutes=30))
        run_waiting_jobs(names=["mail.work"])
    clock = LeadClock.objects.get()
    assert (clock.minutes, clock.reached_by_id) == (30, rolf.pk)


def test_the_clock_is_that_of_the_very_form_whatever_others_are_called():
    checklist()
    said = {"name": "Leak-risk checklist", "key": "at-the-fair", "draft": DOCUMENT, "target_minutes": 15}
    other = records.create(registry["form"], said, by=system("cli"))
    ACTIONS["form.publish"].run(other, by=system("cli"))
    send(key=other.key)
    work()
    assert LeadClock.objects.get().target_minutes == 15


def test_whoever_writes_again_before_an_answer_has_one_clock():
    checklist()
    send()
    send(why="Hello?")
    work()
    assert LeadClock.objects.count() == 1
