"""Sequences: each step once and in time, stopped at once by what happens, never two of them with one person."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.activities.events import MailReceived
from kith.activities.models import Activity, Message, Notice
from kith.activities.writing import log_meeting
from kith.engagement import actions as do
from kith.engagement.engine import advance_due, advance_one
from kith.engagement.listening import STOPS, SUPPRESSED
from kith.engagement.models import Enrolment, Outcome, Step
from kith.engagement.tests.mailcast import agree
from kith.engagement.tests.making import MONDAY, TUESDAY, add, again, at, enrol, sequence, template, work
from kith.engagement.tests.making import marta as another
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail import clearing
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from kith.kernel.timeline.types import EVENTS
from tests.cast import actor, user
from tests.mailcast import bounce, complaint

pytestmark = pytest.mark.django_db

MAIL = {"do": "mail", "template": "Welcome"}
WAIT = {"do": "wait", "for": "2 days"}


def later(moment, **more):
    return (dt.datetime.fromisoformat(moment) + dt.timedelta(**more)).isoformat()


def began(marta, steps, **more):
    """Marta enrolled on a Monday, with the first steps done."""
    template()
    with at(MONDAY):
        row = enrol(marta, sequence(steps, **more))
    with at(later(MONDAY, minutes=2)):
        work()
    return again(row)


def says(person, event, by=None):
    with change(person, by=by or system("mail"), verb="see") as c:
        c.says(event)


def test_a_mail_leaves_in_the_owners_name_and_stands_in_the_story(ines, marta, postbox):
    row = began(marta, [MAIL])
    [got] = postbox.kept
    assert (got["Subject"], got["To"], got["Reply-To"]) == (
        "Hello Marta",
        "marta@bellevue.example",
        "ines@tidewell.example",
    )
    assert "Ines Okafor" in got["From"]
    assert "Dear Marta" in got.get_body(("plain",)).get_content()
    assert "<table" in got.get_body(("html",)).get_content()
    assert (row.state, row.mails) == ("done", 1)
    verbs = [e.event.verb for e in timeline(ines, "person", marta.pk)[0]]
    assert {"enrolment.created", "mail.written", "mail.sent", "enrolment.ended"} <= set(verbs)


def test_steps_come_one_after_the_other_with_waits_between_and_mails_in_one_thread(ines, marta, postbox):
    template("Second", subject="And now?", body="Any news?")
    row = began(
        marta,
        [MAIL, WAIT, {"do": "call", "subject": "Ask Marta", "within": "1 day"}, {"do": "mail", "template": "Second"}],
    )
    assert row.due_at == dt.datetime.fromisoformat(later(MONDAY, minutes=2, days=2))
    with at(later(MONDAY, days=1)):
        assert work() == 0
    with at(later(MONDAY, days=2, minutes=3)):
        work()
    call = Activity.objects.get(kind="call")
    assert (call.owner, call.person, call.subject) == (user("ines"), marta, "Ask Marta")
    assert call.due_at == dt.datetime.fromisoformat(later(MONDAY, days=3, minutes=3))
    assert [m["Subject"] for m in postbox.kept] == ["Hello Marta", "And now?"]
    assert postbox.kept[1]["In-Reply-To"] == postbox.kept[0]["Message-ID"]
    assert again(row).state == "done"


def test_business_waits_pass_over_the_weekend(ines, marta):
    template()
    made = sequence([{"do": "wait", "for": "1 business day"}, MAIL])
    friday = "2026-11-27 10:00:00+00:00"
    with at(friday):
        row = enrol(marta, made)
    with at(later(friday, minutes=2)):
        work()
    assert again(row).due_at.isoformat() == "2026-11-30T10:02:00+00:00"


def test_a_mail_waits_for_its_window_in_the_time_zone_of_the_person(ines, postbox):
    template()
    far = another(ines, time_zone="America/New_York")
    made = sequence([MAIL], window="Mon-Fri 09:00-17:00")
    with at(MONDAY):  # five in the morning in New York
        row = enrol(far, made)
    with at(later(MONDAY, minutes=2)):
        work()
    assert not postbox.kept
    assert again(row).due_at.isoformat() == "2026-11-23T14:00:00+00:00"
    with at("2026-11-23 14:00:30+00:00"):
        work()
    assert len(postbox.kept) == 1


def test_a_time_zone_that_does_not_exist_is_refused_in_a_sentence(ines, marta):
    template()
    type(marta).objects.filter(pk=marta.pk).update(time_zone="Mars/Phobos")
    marta.refresh_from_db()
    with pytest.raises(Invalid, match="no time zone “Mars/Phobos”; correct it on the page of Marta Kowalska"):
        enrol(marta, sequence([MAIL]))


@pytest.mark.parametrize("met", [True, False])
def test_a_branch_asks_who_the_person_is_when_its_turn_has_come(ines, marta, met):
    then, otherwise = ({"do": "task", "subject": words} for words in ("Invite her", "Ask who decides"))
    steps = [
        {"do": "branch", "if": "job_title.has:director", "then": [then], "else": [otherwise]},
        {"do": "task", "subject": "Both"},
    ]
    if met:
        actions.edit(registry["person"], marta, {"job_title": "Technical director"}, by=ines)
    row = began(marta, steps)
    made = list(Activity.objects.order_by("pk").values_list("subject", flat=True))
    assert made == ["Invite her" if met else "Ask who decides", "Both"]
    assert row.state == "done"


def received(marta):
    says(marta, MailReceived(message=0, subject="Re: Hello"))


def met(marta):
    perform(log_meeting, marta, {"subject": "Coffee"}, by=actor("ines"))


def booked(marta):
    perform(
        log_meeting,
        marta,
        {"subject": "Demo", "when": (timezone.now() + dt.timedelta(3)).isoformat()},
        by=actor("ines"),
    )


def put_away(marta):
    actions.archive(registry["person"], marta, by=actor("ines"))


def withdrew(marta):
    agree(marta)
    agree(marta, yes=False)


def complained(marta):
    sent = Message.objects.get()
    take_in(complaint(sent.message_id, marta.email))
    run_waiting_jobs(names=["mail.work"])


def silenced(marta):
    values = {"address": "Marta@Bellevue.example", "reason": "by_hand", "source": "She rang us"}
    actions.create(registry["suppressed"], values, by=actor("astrid"))


def came_back(marta):
    take_in(bounce(Message.objects.get().message_id, marta.email))
    run_waiting_jobs(names=["mail.work"])


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [(withdrew, Outcome.OPTED_OUT), (complained, Outcome.OPTED_OUT), (silenced, Outcome.OPTED_OUT), (came_back, Outcome.BOUNCED)],
)  # fmt: skip
def test_an_opt_out_stops_calls_and_tasks_as_well_as_mail(ines, marta, postbox, happens, outcome):
    call, task = {"do": "call", "subject": "Ask Marta"}, {"do": "task", "subject": "Look her up"}
    row = began(marta, [MAIL, WAIT, call, task, MAIL])
    with at(later(MONDAY, days=1)):
        happens(marta)
        assert (again(row).state, row.outcome) == ("stopped", outcome) and row.why
    with at(later(MONDAY, days=30)):
        work()
    assert len(postbox.kept) == 1 and not Activity.objects.exists()


def test_an_address_that_is_suppressed_stops_nobody_else(ines, marta):
    tom = add(ines, "person", given_name="Tom", emails="tom@bellevue.example")
    row = began(tom, [WAIT, MAIL])
    silenced(marta)
    assert again(row).state == "active"


def test_everything_that_stops_a_sequence_is_said_by_somebody():
    every = {f"{record.name}.{past}" for record in registry for past in ("created", "changed", "archived", "restored")}
    assert {*STOPS, *SUPPRESSED} <= {*EVENTS, *every}


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [(received, Outcome.REPLIED), (met, Outcome.MET), (booked, Outcome.MET), (put_away, Outcome.ARCHIVED)],
)
def test_what_happens_stops_it_at_once_and_nothing_more_leaves(ines, marta, postbox, happens, outcome):
    row = began(marta, [MAIL, WAIT, MAIL])
    with at(later(MONDAY, days=1)):
        happens(marta)
        assert (again(row).state, row.outcome) == ("stopped", outcome)
    with at(later(MONDAY, days=30)):
        work()
    assert len(postbox.kept) == 1


def test_the_answer_belongs_to_the_mail_it_answers(ines, marta):
    row = began(marta, [MAIL, WAIT, MAIL])
    received(marta)
    assert [s.replied for s in Step.objects.filter(enrolment=row, do="mail")] == [True]


def test_a_relationship_that_moves_on_stops_it_for_everybody_at_the_company(ines, marta):
    from kith.kernel.records.action import ACTIONS
    from kith.process.publishing import bring
    from kith.process.starters import starter

    process = bring(starter("lead-to-loyalty"), by=system("cli"))
    ACTIONS["process.publish"].run(process, by=system("cli"))
    hotel = add(ines, "company", name="Hotel Bellevue")
    tom = add(ines, "person", given_name="Tom", emails="tom@bellevue.example", company=hotel.pk)
    row = began(tom, [MAIL, WAIT, MAIL])
    assert row.state == "active"  # our own mail brought them to the next step, which stops nothing
    journey = registry["journey"].model._default_manager.get(company=hotel)
    perform(ACTIONS["journey.move"], journey, {"stage": "engage", "reason": "They asked for a visit"}, by=ines)
    assert (again(row).state, row.outcome) == ("stopped", Outcome.MOVED)


def test_a_task_or_a_call_that_is_planned_stops_nothing(ines, marta):
    row = began(marta, [{"do": "task", "subject": "Look her up"}, WAIT, MAIL])
    add(ines, "activity", subject="Call her", kind="call", person=marta.pk, due_at="2026-12-01")
    assert again(row).state == "active"


def test_whoever_may_not_be_written_to_is_not_and_the_sequence_says_why(ines, marta, postbox, monkeypatch):
    row = began(marta, [WAIT, MAIL])
    monkeypatch.setattr(
        clearing, "_gates", [lambda asked, purpose: {r.address: "Mail to her came back." for r in asked}]
    )
    with at(later(MONDAY, days=3)):
        work()
    assert (again(row).outcome, row.why, postbox.kept) == (Outcome.WITHHELD, "Mail to her came back.", [])


def test_a_second_sequence_is_refused_by_the_name_of_the_first(ines, marta):
    template()
    first, second = sequence([WAIT, MAIL]), sequence([MAIL], name="Other")
    enrol(marta, first)
    with pytest.raises(Invalid, match="Marta Kowalska is in the sequence “First talk” already"):
        enrol(marta, second)


def test_the_database_itself_refuses_two_at_a_time(ines, marta):
    template()
    row = enrol(marta, sequence([WAIT, MAIL]))
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(sequence=row.sequence, version_number=1, person=marta, owner=row.owner)


def test_people_who_become_one_stay_in_the_sequence_of_the_one_that_stays(ines, marta):
    template()
    made = sequence([WAIT, MAIL])
    twin = add(ines, "person", given_name="Marta", emails="m.kowalska@bellevue.example")
    kept, gone = enrol(marta, made), enrol(twin, made)
    merge(registry["person"], marta, [twin], by=actor("helena"))
    assert (again(kept).state, again(gone).state, gone.person) == ("active", "stopped", marta)


def test_whoever_is_enrolled_stays_on_their_version(ines, marta, postbox):
    row = began(marta, [WAIT, MAIL])
    actions.edit(
        registry["sequence"], row.sequence, {"draft": {"steps": [{"do": "task", "subject": "Something else"}]}}, by=ines
    )
    do.publish(row.sequence, by=ines)
    with at(later(MONDAY, days=3)):
        work()
    assert len(postbox.kept) == 1 and not Activity.objects.exists()


def test_a_job_that_runs_twice_and_a_worker_that_dies_do_each_step_once(ines, marta, postbox):
    template()
    with at(MONDAY):
        row = enrol(marta, sequence([MAIL, {"do": "task", "subject": "Look"}]))
    with at(later(MONDAY, minutes=2)):
        with transaction.atomic():
            advance_one()
            transaction.set_rollback(True)  # what the database does with the work of a worker that is gone
        assert not Message.objects.exists() and not Step.objects.exists()
        assert (advance_due(), advance_due()) == (1, 0)
        work()
    assert (len(postbox.kept), Activity.objects.count(), Step.objects.count()) == (1, 1, 2)
    assert again(row).state == "done"


def test_the_same_step_a_second_time_is_refused_by_the_database(ines, marta):
    row = began(marta, [MAIL, WAIT])
    Enrolment.objects.filter(pk=row.pk).update(at_step=0, due_at=timezone.now())
    advance_one()
    assert Message.objects.count() == 1 and Step.objects.filter(enrolment=row).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Step(enrolment=row, position=0, number="1", do="mail").save(force_insert=True)


def test_one_that_breaks_holds_up_nobody_and_rests_in_the_end_with_a_sentence(ines, marta):
    row = began(marta, [MAIL, WAIT])
    Enrolment.objects.filter(pk=row.pk).update(at_step=0, due_at=MONDAY)  # the database refuses what it does next
    with at(MONDAY):
        good = enrol(another(ines, given_name="Oliver"), sequence([{"do": "task", "subject": "Look"}], name="Good"))
    with at(later(MONDAY, minutes=2)):
        work()
    assert (again(good).state, again(row).state, again(row).tries) == ("done", "active", 1)
    assert again(row).due_at.isoformat() == later(MONDAY, minutes=12)
    for n in range(1, 5):
        with at(later(MONDAY, minutes=2 + 11 * n)):
            work()
    assert again(row).state == "paused" and "unexpected went wrong 5 times" in again(row).why
    assert Notice.objects.filter(user=user("ines"), record_id=marta.pk, kind="workflow").count() == 1
    do.resume(row, by=ines)
    assert (again(row).state, again(row).tries) == ("active", 0)


def test_a_blank_value_without_other_words_lets_it_rest_and_tells_the_owner(ines, marta, postbox):
    template("Role", subject="For you", body="As {{ person.job_title }} you know.")
    row = began(marta, [{"do": "mail", "template": "Role"}])
    assert row.state == "paused" and "person.job_title" in row.why and not postbox.kept
    assert "rests" in Notice.objects.get(user=user("ines")).text
    actions.edit(registry["person"], marta, {"job_title": "Chief engineer"}, by=ines)
    with at(TUESDAY):
        perform(do.resume, row, {}, by=ines)
        work()
    assert "As Chief engineer" in postbox.kept[0].get_body(("plain",)).get_content()


def test_an_enrolment_is_taken_back_as_long_as_nothing_was_written(ines, marta, postbox):
    template()
    with at(MONDAY):
        told = perform(do.enrol, marta, {"sequence": str(sequence([MAIL, WAIT, MAIL]).pk)}, by=ines)
        undo(told.operation, by=ines)
    with at(TUESDAY):
        work()
        assert not postbox.kept
        again_told = perform(do.enrol, marta, {"sequence": str(told.result.sequence_id)}, by=ines)
    with at(later(TUESDAY, minutes=2)):
        work()
        done = undo(again_told.operation, by=ines)
    assert done.conflicts and Enrolment.objects.get(pk=again_told.result.pk).archived_at is None


def test_pausing_and_stopping_by_hand(ines, marta, postbox):
    row = began(marta, [WAIT, MAIL])
    perform(do.pause, row, {}, by=ines)
    with at(later(MONDAY, days=5)):
        work()
        assert not postbox.kept
        perform(do.resume, again(row), {}, by=ines)
        perform(do.stop, again(row), {"why": "She called"}, by=ines)
        work()
    assert (again(row).outcome, row.why, postbox.kept) == (Outcome.BY_HAND, "She called", [])


def test_what_cannot_be_carried_out_cannot_be_published(ines):
    template()
    made = actions.create(registry["sequence"], {"name": "Broken", "draft": {"steps": [
        {"do": "mail", "template": "Nowhere"}, {"do": "wait"}, {"do": "branch", "if": "shoe_size.is:44"}]}}, by=ines)  # fmt: skip
    with pytest.raises(InvalidMany) as refused:
        do.publish(made, by=ines)
    said = refused.value.message
    assert "Step 1: There is no mail template “Nowhere”" in said and "Step 2:" in said and "shoe_size" in said


def test_a_step_costs_the_same_whatever_number_of_people_wait(ines, marta):
    template()
    made = sequence([MAIL, WAIT, MAIL])
    with at(MONDAY):
        for n in range(3):
            enrol(add(ines, "person", given_name=f"P{n}", emails=f"p{n}@bellevue.example"), made)
    counts = []
    with at(later(MONDAY, minutes=2)):
        for _n in range(3):
            with CaptureQueriesContext(connection) as asked:
                advance_one()
            counts.append(len(asked))
    assert counts[1] == counts[2] <= 60, counts
