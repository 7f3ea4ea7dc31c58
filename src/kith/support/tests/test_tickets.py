"""Tickets by hand: what is said in them, who has them, what follows, and how it is taken back."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.support import closing
from kith.support.answering import customer_said
from kith.support.house import set_rules
from kith.support.models import Entry, Ticket
from kith.support.tests.cast import clocks, level, marta, moment, ticket
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def do(name, row, by, **raw):
    outcome = perform(ACTIONS[f"ticket.{name}"], row, raw, by=by)
    row.refresh_from_db()
    return outcome


def sides(row):
    return list(Entry.objects.filter(ticket=row).order_by("at", "pk").values_list("side", flat=True))


def test_a_ticket_by_hand_holds_what_was_asked_and_its_first_clock_runs(ines):
    level()
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
    assert (sides(row), row.channel, row.owner_id) == (["them"], "hand", ines.user_id)
    assert row.company.name == "Hotel Bellevue"
    assert clocks(row)["first"].due_at == moment("2026-03-12 14:00")
    assert clocks(row)["resolution"].state == "running"
    row.refresh_from_db()
    assert (row.next_step, row.next_step_at) == ("Answer", moment("2026-03-12 14:00"))


def test_an_answer_meets_the_first_clock_and_waiting_rests_the_resolution(ines):
    level()
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
    with time_machine.travel(moment("2026-03-12 10:00"), tick=False):
        do("answer", row, ines, body="Good morning Marta, may I move him to the night team?", then="wait")
    assert (row.state, sides(row)) == ("waiting", ["them", "us"])
    assert (clocks(row)["first"].state, clocks(row)["resolution"].state) == ("met", "paused")
    assert clocks(row)["resolution"].used == 3600
    row.refresh_from_db()
    assert row.next_step == "Ask again" and row.next_step_at == row.waiting_until
    with time_machine.travel(moment("2026-03-13 10:00"), tick=False):
        customer_said(row, "Yes please.", by=ines, channel="portal", person=row.person)
    row.refresh_from_db()
    assert row.state == "open"
    assert (clocks(row)["next"].state, clocks(row)["resolution"].state) == ("running", "running")


def test_a_reply_within_the_window_opens_it_again_and_after_it_a_ticket_follows(ines):
    level()
    row = ticket(ines, marta(ines))
    do("solve", row, ines, cause="Settings")
    customer_said(row, "It is back.", by=ines, channel="portal", person=row.person)
    row.refresh_from_db()
    assert (row.state, row.reopened, row.solved_at) == ("open", 1, None)
    do("solve", row, ines)
    with time_machine.travel(timezone.now() + dt.timedelta(days=9)):
        entry = customer_said(row, "And again.", by=ines, channel="portal", person=row.person)
    assert entry.ticket_id != row.pk
    assert (entry.ticket.follows_id, entry.ticket.repeats, entry.ticket.owner_id) == (row.pk, True, row.owner_id)
    row.refresh_from_db()
    assert row.state == "solved"


def test_solving_is_taken_back_with_its_clocks(ines):
    level()
    row = ticket(ines, marta(ines))
    before = {c.kind: c.state for c in row.clocks.all()}
    operation = do("solve", row, ines, cause="Settings").operation
    assert clocks(row)["resolution"].state == "met"
    undo(operation, by=ines)
    row.refresh_from_db()
    assert (row.state, row.solved_at) == ("new", None)
    assert {c.kind: c.state for c in row.clocks.all()} == before


def test_a_note_names_a_colleague_and_is_taken_back_whole(ines):
    row = ticket(ines, marta(ines))
    user("priya")
    from kith.activities.models import Notice

    operation = do("note", row, ines, body="@Priya Nair, careful: a promise from the handover.").operation
    assert Notice.objects.filter(user=user("priya"), record="ticket", record_id=row.pk).exists()
    undo(operation, by=ines)
    row.refresh_from_db()
    assert (sides(row), row.said) == (["them"], 1)


def test_the_cause_is_asked_for_where_the_house_wants_it(ines):
    set_rules(reopen_days=7, wait_days=3, ask_cause=True, route=True)
    row = ticket(ines, marta(ines))
    with pytest.raises(Invalid, match="cause"):
        do("solve", row, ines)
    do("solve", row, ines, cause="Settings")
    assert row.state == "solved"


def test_merged_tickets_are_one_talk_and_two_again_after_undo(ines):
    level()
    priya = actor("priya")
    first, second = ticket(ines, marta(ines)), ticket(ines, subject="Porter sees nothing")
    do("note", second, priya, body="The same, I think.")
    kept, operation = merge(registry["ticket"], first, [second], by=actor("astrid"))
    assert sides(kept) == ["them", "them", "note"]
    second.refresh_from_db()
    assert second.archived_at is not None
    customer_said(second, "Any news?", by=ines, channel="portal")
    assert Entry.objects.latest("pk").ticket_id == first.pk
    assert {c.state for c in second.clocks.all()} <= {"void"}
    undo(operation, by=actor("astrid"))
    second.refresh_from_db()
    assert second.archived_at is None and "note" in sides(second)
    assert {c.state for c in second.clocks.all()} == {"running"}


def test_a_part_is_split_off_and_comes_back(ines):
    row = ticket(ines, marta(ines))
    later = customer_said(row, "Besides: the invoice names the old company.", by=ines, channel="portal")
    outcome = do("split", row, ines, entry=later.pk, subject="Invoice names the old company")
    made = outcome.result
    assert (sides(row), sides(made)) == (["them"], ["them"])
    assert Event.objects.filter(verb="ticket.split").exists()
    undo(outcome.operation, by=ines)
    assert sides(row) == ["them", "them"]


def test_solving_the_larger_one_answers_its_parts(ines):
    parent = ticket(ines, subject="Alerts are late everywhere")
    parts = [ticket(ines, subject=f"Late alert {n}") for n in range(2)]
    for part in parts:
        do("make_part", part, ines, parent=str(parent.pk))
    do("solve_all", parent, ines, body="The server was replaced.", cause="Server")
    assert [Ticket.objects.get(pk=p.pk).state for p in (parent, *parts)] == ["solved"] * 3
    assert all(sides(part)[-1] == "us" for part in parts)


def test_a_part_may_stand_by_itself_again(ines):
    parent, part = ticket(ines, subject="Alerts are late everywhere"), ticket(ines, subject="Late alert")
    assert not ACTIONS["ticket.leave_larger"].applies(part)
    do("make_part", part, ines, parent=str(parent.pk))
    left = do("leave_larger", part, ines)
    assert part.parent_id is None and not ACTIONS["ticket.solve_all"].applies(parent)
    undo(left.operation, by=ines)
    part.refresh_from_db()
    assert part.parent_id == parent.pk


def test_what_they_say_on_the_phone_counts_as_a_reply_and_opens_it_again_or_one_that_follows(ines):
    level()
    row = ticket(ines, marta(ines))
    do("answer", row, ines, body="Which phone is it?", then="wait")
    do("they_said", row, ines, body="  It is the Fairphone.  ")
    said = row.entries.get(side="them", channel="phone")
    assert (said.text, said.name, row.state) == ("It is the Fairphone.", "Marta Kowalczyk", "open")
    assert clocks(row)["next"].state == "running"
    undo(do("they_said", row, ines, body="Meant for another ticket.").operation, by=ines)
    row.refresh_from_db()
    assert (row.last_words, row.entries.count()) == ("It is the Fairphone.", 3)
    with pytest.raises(NeedsInput, match="Their words is needed"):
        do("they_said", row, ines, body=" ")
    do("solve", row, ines)
    do("they_said", row, ines, body="It happens again.", channel="hand")
    assert (row.state, row.reopened) == ("open", 1)
    do("solve", row, ines)
    with time_machine.travel(timezone.now() + dt.timedelta(days=30)):
        made = do("they_said", row, ines, body="It is back.").result
    assert (made.follows_id, made.channel, made.request, row.state) == (row.pk, "phone", "It is back.", "solved")


def test_what_they_said_and_is_taken_back_leaves_the_day_on_which_it_is_looked_at(ines):
    with time_machine.travel(dt.datetime(2026, 3, 11, 10, 0, tzinfo=dt.UTC), tick=False) as clock:  # a Wednesday
        row = ticket(ines, marta(ines))
        due = Ticket.objects.get(pk=row.pk).next_step_at
        clock.shift(dt.timedelta(hours=2))
        undo(do("they_said", row, ines, body="Meant for another ticket.").operation, by=ines)
    assert Ticket.objects.get(pk=row.pk).next_step_at == due


def test_time_spent_adds_up_and_is_taken_back(ines):
    row = ticket(ines)
    do("log_time", row, ines, minutes="25")
    more = do("log_time", row, ines, minutes="1 h")
    assert row.minutes == 85
    undo(more.operation, by=ines)
    row.refresh_from_db()
    assert row.minutes == 25
    with pytest.raises(Invalid, match="from one minute to a day"):
        do("log_time", row, ines, minutes="0")


def test_waiting_ends_by_itself_and_solved_tickets_close(ines):
    row, other = ticket(ines, marta(ines)), ticket(ines, subject="Export for the insurer")
    do("wait", row, ines, why="the name of the porter")
    do("solve", other, ines)
    with time_machine.travel(timezone.now() + dt.timedelta(days=12)):
        assert (closing.wake_up(), closing.close_old()) == (1, 1)
        assert (closing.wake_up(), closing.close_old()) == (0, 0)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, other.state) == ("open", "closed")


def test_asking_what_they_told_us_is_noticed_and_counted(ines):
    person = marta(ines)
    row = ticket(ines, person)
    do("answer", row, ines, body="Which phone does the porter use at night?")
    customer_said(row, "A Fairphone 5.", by=ines, channel="portal", person=person)
    other = ticket(ines, person, subject="Sound of the alarm")
    do("answer", other, ines, body="Could you tell us which phone the porter uses at night?")
    assert (row.reasked, other.reasked) == (0, 1)
    assert Event.objects.get(verb="ticket.reasked").payload["by_itself"] is True


def test_handing_on_counts_as_effort_and_taking_does_not(ines):
    from kith.kernel.records.columns import Facts  # noqa: F401

    row = ticket(actor("astrid"), marta(ines), owner=None)
    jonas = user("jonas")
    do("take", row, ines)
    do("hand", row, ines, owner=str(jonas.pk))
    assert (row.owner_id, row.transfers) == (jonas.pk, 1)


def test_a_part_is_cut_off_by_time_and_what_we_said_stays(ines):
    kept, other = ticket(ines, marta(ines)), ticket(ines, subject="The invoice")
    now = timezone.now()
    merge(registry["ticket"], kept, [other], by=actor("astrid"))
    first, besides = kept.entries.order_by("pk")
    Entry.objects.filter(pk=besides.pk).update(
        at=now - dt.timedelta(hours=2)
    )  # what came later by its id was said before
    Entry.objects.filter(pk=first.pk).update(at=now - dt.timedelta(hours=1))
    do("answer", kept, ines, body="We look into it.")
    do("note", kept, ines, body="The same as last week.")
    made = do("split", kept, ines, entry=first.pk, subject="Alerts").result
    assert [entry.pk for entry in made.entries.all()] == [first.pk]
    assert sorted(sides(kept)) == ["note", "them", "us"]
    with pytest.raises(Invalid, match="no entry .* of theirs"):
        do("split", kept, ines, entry=kept.entries.get(side="us").pk, subject="Alerts")


def test_a_part_that_is_cut_off_takes_its_clock_along_and_brings_it_back_when_it_is_taken_back(ines):
    level()
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        row = ticket(ines, marta(ines))
    with time_machine.travel(moment("2026-03-12 10:00"), tick=False):
        do("answer", row, ines, body="Good morning Marta, may I move him to the night team?", then="wait")
    for hour, text in ((11, "Yes, please."), (12, "Besides: the invoice of March is wrong.")):
        with time_machine.travel(moment(f"2026-03-12 {hour}:00"), tick=False):
            besides = customer_said(row, text, by=ines, channel="portal", person=row.person)
    owed = moment("2026-03-13 11:00")
    assert [(c.kind, c.number, c.due_at) for c in row.clocks.filter(kind="next")] == [("next", 1, owed)]
    with time_machine.travel(moment("2026-03-12 12:10"), tick=False):
        first = do("split", row, ines, entry=besides.pk, subject="The invoice of March")
        assert clocks(row)["next"].due_at == owed, "their other answer stands here still"
        undo(first.operation, by=ines)
        both = row.entries.filter(side="them").order_by("at")[1]
        cut = do("split", row, ines, entry=both.pk, subject="The invoice of March")
    made = cut.result
    assert set(clocks(row)) == {"first", "resolution"}, "nobody here waits for another answer"
    assert (clocks(row)["resolution"].state, row.next_step) == ("running", "Solve")
    assert {kind: (c.state, c.started_at) for kind, c in clocks(made).items()} == {
        kind: ("running", moment("2026-03-12 11:00")) for kind in ("first", "resolution")
    }
    made.refresh_from_db()
    assert (made.next_step, made.next_step_at) == ("Answer", clocks(made)["first"].due_at)
    with time_machine.travel(moment("2026-03-12 12:20"), tick=False):
        undo(cut.operation, by=ines)
    row.refresh_from_db(), made.refresh_from_db()
    assert (clocks(row)["next"].state, clocks(row)["next"].due_at, row.next_step) == ("running", owed, "Answer")
    assert made.archived_at is not None and all(c.state == "void" for c in made.clocks.all())


def test_one_address_that_is_refused_keeps_nobody_else_from_their_answer(ines):
    parent = ticket(ines, subject="Alerts are late everywhere")
    parts = [ticket(ines, marta(ines), subject="Late alert")]
    values = {"given_name": "Jakub", "emails": [{"value": "jakub@nowak.example", "label": ""}]}
    parts.append(ticket(ines, create(registry["person"], values, by=ines), subject="Late again"))
    registry["suppressed"].model._default_manager.create(address="marta@bellevue.example", reason="by_hand")
    for part in parts:
        do("make_part", part, ines, parent=str(parent.pk))
    do("solve_all", parent, ines, body="The server was replaced.")
    assert [Ticket.objects.get(pk=p.pk).state for p in (parent, *parts)] == ["solved"] * 3
    refused, sent = (part.entries.get(side="us") for part in parts)
    assert (refused.message, sent.message.to) == (None, ["jakub@nowak.example"])
    note = parent.entries.get(side="note").text
    assert f"#{parts[0].pk} Late alert" in note and f"#{parts[1].pk}" not in note


def test_more_solved_tickets_than_fit_into_one_go_close_all_the_same(ines, monkeypatch):
    rows = [ticket(ines, subject=f"Ticket {n}") for n in range(5)]
    for row in rows:
        do("solve", row, ines)
    monkeypatch.setattr(closing, "BATCH", 2)
    with time_machine.travel(timezone.now() + dt.timedelta(days=12)):
        assert (closing.close_old(), closing.close_old()) == (5, 0)
