"""How soon whoever comes to us is answered: set by way and source, by the opening hours that were set with it."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.api.tests.programs import Program
from kith.capture import speed
from kith.capture.models import AnswerTarget, Form, LeadClock
from kith.capture.tests.forms import checklist, send
from kith.contacts.events import Captured
from kith.kernel.calendars.models import BusinessCalendar
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry, write_events
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
MORNING = "2026-03-12T09:00:00Z"  # a Thursday


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(MORNING, tick=False):
        yield


def answer(through, minutes, source="", **more):
    return records.create(
        registry["answer_target"], {"through": through, "minutes": minutes, "source": source, **more}, by=actor("astrid")
    )  # fmt: skip


def comes(through, source="", name="Elin"):
    by = actor("ines")
    person = records.create(registry["person"], {"given_name": name}, by=by)
    write_events([Entry("person", person.pk, Captured(through, source))], by)
    return LeadClock.objects.get(person=person)


def minutes(clock):
    return clock.target_minutes, (clock.due_at - clock.started_at).total_seconds() / 60


def test_each_way_promises_what_was_set_for_it_and_a_source_of_its_own_wins():
    answer("mail", 120)
    answer("mail", 15, source="Sales@Tidewell.example")
    assert minutes(comes("mail", "info@tidewell.example")) == (120, 120)
    assert minutes(comes("mail", "sales@tidewell.example")) == (15, 15)
    assert minutes(comes("chat", "Website chat")) == (60, 60)


def test_the_hours_of_its_calendar_count_to_the_promise_and_to_the_answer():
    late = BusinessCalendar.objects.create(
        name="Evenings", time_zone="UTC", windows={"thu": "18:00-20:00", "fri": "18:00-20:00"}
    )
    answer("chat", 30, calendar=late)
    clock = comes("chat", "Website chat")
    assert clock.due_at.isoformat() == "2026-03-12T18:30:00+00:00"
    with time_machine.travel("2026-03-12T18:20:00Z", tick=False):
        perform(ACTIONS["activity.log_call"], clock.person, {"body": "Down to -20."}, by=actor("ines"))
    clock.refresh_from_db()
    assert clock.minutes == 20, "the day before the evening did not count"


def test_a_clock_that_runs_keeps_its_promise_and_counting_again_gives_the_same():
    rule = answer("referral", 30)
    clock = comes("referral", "Friends")
    records.edit(registry["answer_target"], rule, {"minutes": 600}, by=actor("astrid"))
    before = LeadClock.objects.values().get()
    speed.follow([clock.person_id])
    assert LeadClock.objects.values().get() == before
    assert comes("referral", "Friends", "Rolf").target_minutes == 600


def test_a_form_keeps_its_own_minutes_and_one_without_follows_what_is_set_for_forms():
    answer("form", 240)
    checklist()
    send()
    run_waiting_jobs()
    assert LeadClock.objects.get().target_minutes == 240
    form = Form.objects.get()
    records.edit(registry["form"], form, {"target_minutes": 20}, by=actor("astrid"))
    send(name="Rolf Berg", email="rolf@berg.example", company="Berg")
    run_waiting_jobs()
    assert sorted(LeadClock.objects.values_list("target_minutes", flat=True)) == [20, 240]


def test_whoever_is_typed_in_imported_or_sent_by_a_program_waits_only_where_it_is_set_and_from_then_on():
    by = actor("ines")
    before = records.create(registry["person"], {"given_name": "Before"}, by=by)
    with time_machine.travel("2026-03-12T10:00:00Z", tick=False):
        answer("hand", 45)
        speed.follow([before.pk])
        made = records.create(registry["person"], {"given_name": "Elin"}, by=by)
        records.create(registry["person"], {"given_name": "Berta"}, by=by.via("api"))
    clock = LeadClock.objects.get()
    assert (clock.person_id, clock.through, minutes(clock)) == (made.pk, "hand", (45, 45))


def test_a_clock_goes_on_after_its_rule_was_put_away_and_is_gone_when_the_person_is_taken_back():
    rule, by = answer("api", 45), actor("ines", "api")
    done = records.create(registry["person"], {"given_name": "Elin"}, by=by)
    records.archive(registry["answer_target"], rule, by=actor("astrid"))
    speed.follow([done.pk])
    assert LeadClock.objects.get().target_minutes == 45
    records.create(registry["person"], {"given_name": "Rolf"}, by=by)
    assert LeadClock.objects.count() == 1


def test_whoever_is_made_as_they_come_waits_once_and_by_the_way_they_came():
    answer("hand", 45)
    answer("form", 20)
    checklist()
    send()
    run_waiting_jobs()
    assert list(LeadClock.objects.values_list("through", "target_minutes")) == [("form", 20)]


def test_a_hundred_who_come_together_cost_what_five_do():
    answer("hand", 30)
    by = actor("ines").via("import")
    two, five, hundred = (
        bulk_create(registry["person"], [New({"given_name": f"P{n}"}) for n in range(count)], by=by, refused=print)
        for count in (2, 5, 100)
    )
    answer("import", 30)
    AnswerTarget.objects.update(created_at="2026-03-12T08:00:00Z")
    bump()
    asked = []
    for people in (two, five, hundred):
        with CaptureQueriesContext(connection) as found:
            speed.follow_made([person.pk for person in people])
        asked.append(len(found))
    assert asked[1] == asked[2] <= 6, "what is configured is read once"
    assert LeadClock.objects.filter(through="import", target_minutes=30).count() == 107


def test_the_breach_list_counts_by_each_clocks_own_hours_and_the_report_says_way_target_and_both_figures(client):
    late = BusinessCalendar.objects.create(name="Evenings", time_zone="UTC", windows={"thu": "18:00-20:00"})
    answer("chat", 30, calendar=late)
    comes("chat", "Website chat")
    comes("hand", "", "Rolf")
    with time_machine.travel("2026-03-12T19:00:00Z", tick=False):
        told = Program("ines")("get", "reports/speed").data
        (elin,) = [one for one in told["late"] if one["source"]]
        assert (elin["waited_minutes"], elin["over_minutes"], elin["target_minutes"]) == (60, 30, 30)
        (chat,) = [one for one in told["sources"] if one["through"] == "chat"]
        assert (chat["source"], chat["target_minutes"], chat["median_minutes"], chat["ninety_percent_minutes"]) == (
            "Website chat",
            30,
            None,
            None,
        )
        client.force_login(user("ines"))
        page = client.get("/speed-to-lead/").content.decode()
    assert "of 30 min promised" in page and "By hand" in page


def test_a_source_has_one_time_and_nonsense_is_refused():
    answer("mail", 120, source="info@tidewell.example")
    with pytest.raises(Invalid, match="There is a time for this source already"):
        answer("mail", 30, source="INFO@tidewell.example")
    with pytest.raises(InvalidMany, match="whole number of minutes"):
        answer("chat", 0)
    with pytest.raises(InvalidMany, match="has no source"):
        answer("import", 30, source="fair.csv")
    assert AnswerTarget.objects.count() == 1


def test_it_is_set_in_the_settings_and_by_programs(client):
    client.force_login(user("astrid"))
    answer("hand", 45)
    page = client.get("/answer-targets/").content.decode()
    assert "first answer" in page and "By hand" in page
    made = Program("astrid")("post", "answer-targets", {"through": "mail", "minutes": 90})
    assert made.status_code == 201
    assert comes("mail", "info@tidewell.example").target_minutes == 90
