"""Campaigns: what they cost, who belongs to them, who came, and what follows for those who did."""

import datetime as dt
from decimal import Decimal

import pytest

from kith.awareness.campaigns import actions as do
from kith.awareness.campaigns.queries import campaign_for, cost_of
from kith.awareness.models import Member, MemberStep
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import perform
from kith.kernel.records.actions import create, parse_values
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db
people, campaigns, activities = registry["person"], registry["campaign"], registry["activity"]


def person(by, name, **raw):
    given, _space, family = name.partition(" ")
    return create(people, parse_values(people, {"given_name": given, "family_name": family, **raw}, by=by), by=by)


def fair(by, **values):
    return create(campaigns, {"name": "Museum fair", "channel": "fair", **values}, by=by)


def states(campaign):
    return dict(Member.objects.filter(campaign=campaign).values_list("person__name", "state"))


def test_costs_add_up_beside_the_budget_in_the_organisations_currency(ines):
    one = fair(ines, budget=Decimal(2000), currency="EUR")
    do.add_cost(one, amount=Decimal("1200.50"), note="Stand", by=ines)
    do.add_cost(one, amount=Decimal("-100.50"), note="Discount", by=ines)
    do.add_cost(one, amount=Decimal(90), currency="CHF", note="Tram", by=ines)
    cost = cost_of(one)
    assert (cost.total, cost.unrated, cost.used) == (Decimal("1100.00"), 1, 55)


def test_a_pasted_list_marks_who_came_and_keeps_who_was_not_recognised(client, ines):
    one, marta = fair(ines), person(ines, "Marta Kowalska", emails="marta@bellevue.example")
    person(ines, "Oliver Brandt", phones="+48 58 555 01 42")
    sent = {"who": "Marta K. <MARTA@bellevue.example>\n+48585550142\nnobody@else.example\n", "state": "attended",
            "task": "Thank for the visit", "due": "2026-12-01"}  # fmt: skip
    shown = text(client.post(f"/campaigns/{one.pk}/attendance", sent))
    assert "2 people are marked." in shown and "nobody@else.example" in shown
    assert states(one) == {"Marta Kowalska": "attended", "Oliver Brandt": "attended"}
    told = Event.objects.get(verb="campaign.members_marked")
    assert told.payload["unknown"] == "nobody@else.example"
    task = activities.model.objects.get(person=marta)
    assert (task.subject, task.due_at.date()) == ("Thank for the visit", dt.date(2026, 12, 1))
    again = client.post(f"/campaigns/{one.pk}/attendance", {**sent, "who": "marta@bellevue.example"})
    assert again.status_code == 303 and activities.model.objects.filter(person=marta).count() == 1


def test_marking_is_taken_back_whole_with_its_tasks(ines):
    one, marta = fair(ines), person(ines, "Marta", emails="marta@bellevue.example")
    do.set_state(one, [marta.pk], "invited", by=ines)
    done = perform(do.mark, one, {"who": "marta@bellevue.example", "state": "attended", "task": "Call"}, by=ines)
    undo(done.operation, by=ines)
    assert states(one) == {"Marta": "invited"}
    assert activities.rows(ines, archived=False).count() == 0
    assert MemberStep.objects.count() == 1


def test_every_change_of_a_members_state_is_kept(ines):
    one, marta = fair(ines), person(ines, "Marta")
    for state in ("invited", "registered", "registered", "no_show"):
        do.set_state(one, [marta.pk], state, by=ines)
    steps = MemberStep.objects.order_by("pk").values_list("old", "new", "by_name")
    assert list(steps) == [("", "invited", "Ines Okafor"), ("invited", "registered", "Ines Okafor"),
                           ("registered", "no_show", "Ines Okafor")]  # fmt: skip


def test_the_audience_is_invited_once_and_whoever_answered_stays_what_they_are(ines):
    segment = create(registry["segment"], {"name": "Curators", "conditions": "job_title.has:curator"}, by=ines)
    marta, _oliver = person(ines, "Marta", job_title="Curator"), person(ines, "Oliver", job_title="Curator")
    run_waiting_jobs()
    one = fair(ines, segment=segment)
    do.set_state(one, [marta.pk], "registered", by=ines)
    do.invite(one, by=ines)
    do.invite(one, by=ines)
    assert states(one) == {"Marta": "registered", "Oliver": "invited"}
    with pytest.raises(Invalid, match="segment of people"):
        do.invite(create(campaigns, {"name": "Nobody"}, by=ines), by=ines)


def test_lists_and_segments_ask_who_belongs_who_answered_who_came_and_who_is_silent(ines):
    one, marta, oliver = fair(ines), person(ines, "Marta"), person(ines, "Oliver")
    do.set_state(one, [marta.pk], "attended", by=ines)
    do.set_state(one, [oliver.pk], "invited", by=ines)
    person(ines, "Wanda")

    def found(text):
        return sorted(compile_tree(people, parse(text), ines).apply(people.rows(ines)).values_list("name", flat=True))

    assert found("campaign.is:museum-fair") == ["Marta", "Oliver"]
    assert found("campaign.is_not:museum-fair") == ["Wanda"]
    assert found("campaign.attended:museum-fair") == found("campaign.answered:museum-fair") == ["Marta"]
    assert found("campaign.silent:museum-fair") == ["Oliver"]
    segment = create(registry["segment"], {"name": "Came", "conditions": "campaign.attended:museum-fair"}, by=ines)
    run_waiting_jobs()
    do.set_state(one, [oliver.pk], "attended", by=ines)
    run_waiting_jobs()
    segment.refresh_from_db()
    assert segment.members == 2


def test_members_that_are_too_many_to_be_read_at_once_are_refused_in_words(ines, monkeypatch):
    from kith.awareness.campaigns import parts

    one = fair(ines)
    for name in ("Marta Kowalska", "Oliver Grant"):
        made = person(ines, name, emails=f"{name[:3]}@bellevue.example")
        do.mark(one, who=made.email, state="invited", by=ines)
    assert len(parts.MEMBERS.dump(ines, one)) == 2
    monkeypatch.setattr(parts, "MOST", 1)
    with pytest.raises(Invalid, match="has 2 members.*filter=campaign.is:museum-fair"):
        parts.MEMBERS.dump(ines, one)


def test_a_campaign_is_meant_by_its_key_its_name_or_one_of_its_words(ines):
    one = fair(ines, words=["mf26", "Museum_Fair_Leipzig", "MF26"])
    assert campaign_for("MUSEUM-fair") == campaign_for("Museum Fair") == campaign_for("mf26") == one
    assert campaign_for("Museum_Fair_Leipzig") == campaign_for("museum_fair_LEIPZIG") == one
    assert one.words == ["mf26", "museum_fair_leipzig"]
    assert campaign_for("") is None and campaign_for("spring") is None


def test_merged_people_are_one_member(ines):
    one, marta, double = fair(ines), person(ines, "Marta"), person(ines, "Marta K.")
    do.set_state(one, [marta.pk, double.pk], "invited", by=ines)
    merge(people, marta, [double], by=actor("helena"))
    assert Member.objects.filter(campaign=one).count() == 1


def test_members_out_of_a_readers_reach_are_neither_named_nor_counted(client, ines):
    one, marta = fair(ines), person(ines, "Marta")
    do.set_state(one, [marta.pk], "invited", by=ines)
    assert "Marta" in text(client.get(f"/campaigns/{one.pk}"))
    client.force_login(user("jonas"))
    policy("member", "person", see="own")
    shown = text(client.get(f"/campaigns/{one.pk}"))
    assert "Nobody belongs to it yet." in shown


def test_old_research_on_the_audience_is_flagged_where_it_is_used(client, ines):
    segment = create(registry["segment"], {"name": "Curators"}, by=ines)
    create(
        registry["research"],
        {"name": "They buy in spring", "segment": segment, "found_on": dt.date(2020, 1, 1)},
        by=ines,
    )
    one = fair(ines, segment=segment)
    assert "out of date: They buy in spring" in text(client.get(f"/campaigns/{one.pk}"))


def test_a_campaign_does_not_end_before_it_begins(ines):
    with pytest.raises(Invalid, match="end before it begins"):
        fair(ines, starts_on=dt.date(2026, 5, 2), ends_on=dt.date(2026, 5, 1))
