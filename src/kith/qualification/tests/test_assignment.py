"""Leads reach somebody: by rules in order, in turn, past those who are away or full, and never silently nobody."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.activities import writing
from kith.activities.mail import write_mail
from kith.activities.models import Notice
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.qualification.assigning.choosing import choose
from kith.qualification.assigning.clocks import sweep
from kith.qualification.assigning.deciding import assign, deal_out
from kith.qualification.assigning.load import loads
from kith.qualification.assigning.unrouted import look_again
from kith.qualification.models import Decision, Kind, Turn, Waiting
from kith.qualification.tests.cast import captured, chain, make, person, pool, rule
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = dt.datetime(2026, 3, 9, 10, tzinfo=BERLIN)


def test_somebody_who_comes_to_us_is_given_to_the_colleague_the_first_fitting_rule_names():
    rule("Poland", where="country.is:PL", user=user("ines"), position=1)
    rule("Everybody else", user=user("jonas"), position=2)
    marta = captured(person(addresses=[{"country": "PL", "city": "Gdańsk"}]))
    oliver = captured(person("Oliver Grant", addresses=[{"country": "GB"}]))
    assert (marta.owner, oliver.owner) == (user("ines"), user("jonas"))
    decision = Decision.objects.get(person=oliver)
    assert decision.rule.name == "Everybody else"
    assert decision.passed == [{"rule": "Poland", "why": "the filter does not fit"}]
    assert Notice.objects.filter(user=user("jonas"), record="person", record_id=oliver.pk).count() == 1


def test_who_is_looked_after_already_stays_where_they_are():
    rule(user=user("ines"))
    assert captured(person(owner=user("priya"))).owner == user("priya")
    assert not Decision.objects.exists()


def test_territories_may_be_lists_of_postcodes_and_regions():
    rule("Gdańsk", where="postcode.starts:80", user=user("ines"), position=1)
    rule("Bavaria", where="region.is:Bayern", user=user("jonas"), position=2)
    near = captured(person(addresses=[{"postcode": "80-838", "country": "PL"}]))
    company = make("company", name="Isar Wohnen", addresses=[{"region": "Bayern", "country": "DE"}])
    far = captured(person("Lena Huber", company=company))
    assert (near.owner, far.owner) == (user("ines"), user("jonas"))


def test_members_of_a_pool_take_turns_by_their_shares():
    rule(pool=pool("ines", "jonas", jonas=2))
    owners = [captured(person(f"Lead {n}")).owner.name for n in range(6)]
    assert owners.count("Jonas Lindqvist") == 4
    assert owners.count("Ines Okafor") == 2


def test_who_is_away_is_passed_over_and_the_log_says_so():
    today = dt.date.today()
    rule(pool=pool("ines", "jonas"))
    make("absence", user=user("ines"), first_day=today, last_day=today + dt.timedelta(3))
    owners = {captured(person(f"Lead {n}")).owner.name for n in range(3)}
    assert owners == {"Jonas Lindqvist"}
    told = {c["name"]: c["why"] for c in Decision.objects.first().candidates}
    assert told["Ines Okafor"].startswith("away until")
    assert told["Jonas Lindqvist"] == ""


def test_who_is_full_is_passed_over_until_something_is_decided():
    found = make("pool", name="Small")
    make("pool_member", pool=found, user=user("ines"), most_open=1)
    make("pool_member", pool=found, user=user("jonas"))
    rule(pool=found)
    owners = [captured(person(f"Lead {n}")).owner.name for n in range(4)]
    assert owners.count("Ines Okafor") == 1


def test_who_begins_work_first_gets_what_comes_at_night_and_who_works_now_comes_before():
    early = make(
        "business_calendar",
        name="Early",
        windows={"mon": "06:00-14:00", "tue": "06:00-14:00"},
        time_zone="Europe/Berlin",
    )
    late = make(
        "business_calendar",
        name="Late",
        windows={"mon": "12:00-20:00", "tue": "12:00-20:00"},
        time_zone="Europe/Berlin",
    )
    found = make("pool", name="Shifts")
    make("pool_member", pool=found, user=user("ines"), calendar=early)
    make("pool_member", pool=found, user=user("jonas"), calendar=late)
    rule(pool=found)
    marta = person()
    assert choose(marta.pk, MONDAY.replace(hour=18)).user == user("jonas")
    assert choose(marta.pk, MONDAY.replace(hour=23)).user == user("ines")
    told = choose(marta.pk, MONDAY.replace(hour=23)).candidates.told
    assert next(c["why"] for c in told if c["name"] == "Jonas Lindqvist").startswith("works again on 2026-03-10")


def test_when_a_pool_is_empty_the_rule_s_spare_gets_it_and_without_one_the_next_rule():
    rule("Nobody there", pool=pool(name="Empty"), position=1)
    rule("Spare", pool=pool(name="Empty too"), otherwise=user("helena"), position=2)
    marta = captured(person())
    assert marta.owner == user("helena")
    decision = Decision.objects.get(person=marta)
    assert decision.passed[0]["why"] == "it fits, but nobody of it can take it"


def test_when_nobody_is_found_it_stands_on_the_list_once_and_managers_are_told():
    rule("Poland", where="country.is:PL", user=user("ines"))
    helena = user("helena")
    oliver = captured(person("Oliver Grant"))
    captured(oliver)
    assert oliver.owner is None
    assert chain(oliver) == [("unrouted", "")]
    assert Notice.objects.filter(user=helena, key__startswith="unrouted:").count() == 1
    assert registry["assignment"].rows(actor("ines")).filter(kind=Kind.UNROUTED).count() == 1


def test_whom_nobody_was_found_for_is_found_once_the_rules_answer():
    marta = captured(person())
    assert chain(marta) == [("unrouted", "")]
    rule(user=user("ines"))
    run_waiting_jobs(names=["qualification.unrouted"])
    assert chain(marta) == [("unrouted", ""), ("assigned", "Ines Okafor")]
    assert not Decision.objects.filter(kind=Kind.UNROUTED, stopped_at=None).exists()
    assert look_again() == (0, 0)


def test_whom_nobody_was_found_for_stays_on_the_list_once_and_leaves_it_when_somebody_takes_them():
    marta, oliver = captured(person()), captured(person("Oliver Grant"))
    assert look_again() == (0, 2)
    assert Decision.objects.count() == 2
    actions.edit(registry["person"], oliver, {"owner": user("priya")}, by=system())
    assert look_again() == (0, 1)
    assert [d.person for d in Decision.objects.filter(kind=Kind.UNROUTED, stopped_at=None)] == [marta]


def test_the_rules_can_be_asked_by_hand_for_one_and_for_many_and_it_can_be_taken_back():
    marta, taken = person(), person("Oliver Grant", owner=user("priya"))
    with pytest.raises(Invalid, match="Nobody was found for Marta Kowalczyk"):
        perform(ACTIONS["person.assign_by_rules"], marta, {}, by=actor("ines"))
    assert not Decision.objects.exists()
    rule(user=user("jonas"))
    done = perform(ACTIONS["person.assign_by_rules"], marta, {}, by=actor("ines"))
    marta.refresh_from_db()
    assert (marta.owner, chain(marta)) == (user("jonas"), [("assigned", "Jonas Lindqvist")])
    undo(done.operation, by=actor("ines"))
    marta.refresh_from_db()
    assert marta.owner is None
    with pytest.raises(Invalid, match="Priya Nair looks after Oliver Grant already"):
        perform(ACTIONS["person.assign_by_rules"], taken, {}, by=actor("ines"))
    refused = []
    act = ACTIONS["person.assign_by_rules"]
    assert act.many([marta, taken], by=actor("ines"), refused=lambda row, why: refused.append((row, str(why)))) == 1
    assert refused == [(taken, "Priya Nair looks after Oliver Grant already.")]


def test_running_the_job_twice_gives_a_lead_once():
    from kith.qualification.jobs import assign_people

    rule(user=user("ines"))
    marta = captured(person())
    assign_people(people=[marta.pk])
    assert chain(marta) == [("assigned", "Ines Okafor")]


def _clocked(**values):
    calendar = make(
        "business_calendar",
        name="Office",
        windows={"mon": "09:00-17:00", "tue": "09:00-17:00"},
        time_zone="Europe/Berlin",
    )
    return rule(answer_within="2 business hours", calendar=calendar, **values)


def _given(row, at):
    from kith.qualification.assigning.deciding import assign

    decision = assign(row.pk, now=at)
    row.refresh_from_db()
    return decision


def test_a_lead_that_nobody_answers_goes_to_the_next_one_in_business_time_and_the_chain_is_kept():
    _clocked(pool=pool("ines", "jonas"), when_late="reassign")
    marta = person()
    first = _given(marta, MONDAY.replace(hour=16))
    assert first.due_at == dt.datetime(2026, 3, 10, 10, tzinfo=BERLIN)
    assert sweep(MONDAY.replace(hour=20)) == 0
    assert sweep(dt.datetime(2026, 3, 10, 10, 1, tzinfo=BERLIN)) == 1
    marta.refresh_from_db()
    assert [kind for kind, _who in chain(marta)] == ["assigned", "reassigned"]
    assert len({who for _kind, who in chain(marta)}) == 2
    assert marta.owner.name == chain(marta)[-1][1]


def test_when_everybody_had_it_the_managers_are_told_and_it_stays():
    _clocked(pool=pool("ines"), when_late="reassign")
    user("helena")
    marta = person()
    _given(marta, MONDAY)
    assert sweep(MONDAY + dt.timedelta(hours=5)) == 1
    assert chain(marta) == [("assigned", "Ines Okafor"), ("escalated", "Ines Okafor")]
    assert sweep(MONDAY + dt.timedelta(days=5)) == 0
    assert Notice.objects.filter(user=user("helena"), key__startswith="escalated:").count() == 1


def test_a_real_call_stops_the_clock_and_an_acknowledgement_by_kith_does_not():
    _clocked(pool=pool("ines", "jonas"), when_late="reassign")
    marta = person()
    decision = _given(marta, MONDAY)
    writing.write_note(marta, body="Looks nice", by=actor("ines"))
    decision.refresh_from_db()
    assert decision.stopped_at is None
    writing.log_call(marta, body="She wants a map of the leaks", by=actor("ines"))
    decision.refresh_from_db()
    assert decision.stopped_at is not None
    assert decision.stopped_by == "answered by Ines Okafor"
    assert sweep(MONDAY + dt.timedelta(days=2)) == 0


def test_what_a_sequence_writes_in_a_colleagues_name_stops_no_clock_and_their_own_mail_does():
    _clocked(pool=pool("ines", "jonas"), when_late="reassign")
    marta = person(emails=[{"value": "marta@bellevue.example", "label": ""}])
    decision = _given(marta, MONDAY)
    letter_to = {"to": ["marta@bellevue.example"], "subject": "Pumps", "text": "Would Tuesday do?"}
    write_mail(marta, **letter_to, by=actor("ines", "automation"))
    decision.refresh_from_db()
    assert decision.stopped_at is None
    write_mail(marta, **letter_to, by=actor("ines"))
    decision.refresh_from_db()
    assert decision.stopped_by == "answered by Ines Okafor"


def _sent_from_elsewhere(day, **headers):
    """A colleague's own mail program sent it; Kith found a copy."""
    given = {"From": "Rolf Keller <rolf@tidewell.example>", "To": "marta@bellevue.example", **headers}
    user("rolf")
    take_in(letter("As promised.", **given).as_bytes(), at=day)
    run_waiting_jobs(names=["mail.work"])


def test_a_mail_that_a_colleague_wrote_in_their_own_program_stops_the_clock_whatever_their_rights():
    _clocked(pool=pool("ines", "jonas"), when_late="reassign")
    marta = person(emails=[{"value": "marta@bellevue.example", "label": ""}])
    decision = _given(marta, MONDAY)
    _sent_from_elsewhere(MONDAY - dt.timedelta(days=3))  # an old one, found by the first look into the mailbox
    _sent_from_elsewhere(MONDAY + dt.timedelta(minutes=1), Auto_Submitted="auto-replied")  # their absence notice
    decision.refresh_from_db()
    assert decision.stopped_at is None
    _sent_from_elsewhere(MONDAY + dt.timedelta(minutes=30))
    decision.refresh_from_db()
    assert decision.stopped_by == "answered by Rolf Keller"
    assert decision.stopped_at == MONDAY + dt.timedelta(minutes=30)
    assert sweep(MONDAY + dt.timedelta(days=2)) == 0


def test_a_mail_from_before_a_lead_was_passed_on_that_is_found_later_answers_it_still():
    _clocked(pool=pool("ines", "jonas"), when_late="reassign")
    marta = person(emails=[{"value": "marta@bellevue.example", "label": ""}])
    _given(marta, MONDAY)
    assert sweep(MONDAY + dt.timedelta(hours=3)) == 1
    _sent_from_elsewhere(MONDAY + dt.timedelta(minutes=90))
    assert not Decision.objects.filter(person=marta, stopped_at=None).exists()


def test_where_nothing_follows_the_clock_a_late_lead_stays_late_until_somebody_answers():
    _clocked(pool=pool("ines"))
    marta = person()
    decision = _given(marta, MONDAY)
    late = MONDAY + dt.timedelta(hours=5)
    assert sweep(late) == 0
    decision.refresh_from_db()
    assert decision.stopped_at is None
    assert Waiting.objects.get(person=marta).due_at == decision.due_at
    mine = next(one for one in loads(late) if one.user == user("ines"))
    assert (mine.waiting, mine.late) == (1, 1)
    writing.log_call(marta, body="She wants a map of the leaks", by=actor("ines"))
    mine = next(one for one in loads(late) if one.user == user("ines"))
    assert (mine.waiting, mine.late) == (0, 0)


def test_where_nothing_follows_the_clock_it_ends_for_whom_the_lead_is_no_more():
    _clocked(pool=pool("ines", "jonas"))
    marta = person()
    decision = _given(marta, MONDAY)
    actions.edit(registry["person"], marta, {"owner": user("priya")}, by=system())
    assert sweep(MONDAY + dt.timedelta(hours=5)) == 1
    decision.refresh_from_db()
    assert decision.stopped_at is not None


def test_handing_a_lead_on_by_hand_stops_the_clock_and_stands_in_the_chain():
    _clocked(pool=pool("ines", "jonas"), when_late="reassign")
    marta = person()
    decision = _given(marta, MONDAY)
    actions.edit(registry["person"], marta, {"owner": user("priya")}, by=actor("helena"))
    decision.refresh_from_db()
    assert decision.stopped_at is not None
    assert chain(marta)[-1] == ("handed", "Priya Nair")


def test_the_load_of_everybody_says_what_they_hold_and_what_waits():
    _clocked(pool=pool("ines"), when_late="reassign")
    _given(person(), dt.datetime.now(tz=BERLIN))
    _given(person("Oliver Grant"), MONDAY)
    mine = next(one for one in loads() if one.user == user("ines"))
    assert (mine.held, mine.waiting, mine.late) == (2, 2, 1)


def test_a_rule_names_one_way_at_most_and_a_filter_that_can_be_used():
    with pytest.raises(InvalidMany, match="not to several of them"):
        rule(user=user("ines"), pool=pool("jonas"))
    raw = {"name": "Odd", "where": "colour.is:red", "user": user("ines").pk}
    with pytest.raises(InvalidMany, match="no field “colour”"):
        actions.parse_values(registry["assignment_rule"], raw, by=actor("astrid"))


def test_members_may_write_their_own_absence_and_nobody_else_s():
    mine = actions.create(
        registry["absence"],
        {"user": user("ines"), "first_day": dt.date(2026, 5, 4), "last_day": dt.date(2026, 5, 8)},
        by=actor("ines"),
    )
    assert registry["absence"].rows(actor("ines"), "edit").filter(pk=mine.pk).exists()
    assert not registry["absence"].rows(actor("jonas"), "edit").filter(pk=mine.pk).exists()


def test_a_company_that_nobody_looks_after_goes_with_its_person_and_one_with_an_owner_does_not():
    rule(user=user("ines"))
    free, kept = make("company", name="Fjordheim"), make("company", name="Bellevue", owner=user("jonas"))
    for name, company in (("Elin Berg", free), ("Marta Kowalczyk", kept)):
        captured(person(name, company=company))
    for row in (free, kept):
        row.refresh_from_db()
    assert (free.owner, kept.owner) == (user("ines"), user("jonas"))


def leads(n: int, **values: object) -> list[int]:
    return [person(f"Lead {k}", **values).pk for k in range(n)]


def test_many_at_once_are_given_as_they_would_be_one_after_the_other():
    inbound = pool("ines", "jonas", "priya", jonas=2)
    actions.edit(registry["pool_member"], inbound.members.get(user=user("priya")), {"most_open": 2}, by=actor("astrid"))
    rule("Gdańsk", where="city.is:Gdańsk", user=user("helena"), position=1)
    rule(pool=inbound, answer_within="2 business hours", position=2)
    one_by_one, together = leads(9), leads(9)
    far = leads(2, addresses=[{"city": "Gdańsk"}])

    def owners(pks):
        return list(Decision.objects.filter(person__in=pks).order_by("person").values_list("user__name", flat=True))

    for pk in one_by_one:
        assign(pk)
    expected = owners(one_by_one)
    taken_back = Decision.objects.filter(person__in=one_by_one)
    credited = dict(Turn.objects.values_list("user__name", "credit"))
    registry["person"].model.objects.filter(pk__in=one_by_one).update(owner=None)
    taken_back.delete()
    Turn.objects.all().delete()
    deal_out([*together, *far])
    assert owners(together) == expected
    assert expected.count(user("priya").name) == 2
    assert dict(Turn.objects.values_list("user__name", "credit")) == credited
    assert owners(far) == [user("helena").name] * 2
    assert Decision.objects.filter(person__in=together, due_at=None).count() == 0


def test_two_of_one_company_that_come_together_leave_it_with_whoever_got_the_first():
    rule(pool=pool("ines", "jonas"))
    company = make("company", name="Isar Wohnen")
    first, second = leads(2, company=company)
    deal_out([second, first])
    owners = dict(registry["person"].model.objects.values_list("pk", "owner__name"))
    company.refresh_from_db()
    assert company.owner.name == owners[first]
    assert {owners[first], owners[second]} == {user("ines").name, user("jonas").name}


def test_ten_times_as_many_leads_ask_the_database_no_more_often():
    rule(pool=pool("ines", "jonas"))
    few, many = leads(3), leads(30)
    with CaptureQueriesContext(connection) as first:
        deal_out(few)
    with CaptureQueriesContext(connection) as second:
        deal_out(many)
    assert len(second) <= len(first) + 1


def test_one_lead_that_cannot_be_given_to_anybody_does_not_hold_up_the_others():
    from kith.contacts.models import Person

    rule(user=user("ines"))
    good, broken, last = leads(3)
    Person.objects.filter(pk=broken).update(customer_until=dt.date(2020, 1, 1))  # breaks the row's own rule
    with pytest.raises(Invalid):
        deal_out([good, broken, last])
    assert set(Decision.objects.values_list("person", flat=True)) == {good, last}
