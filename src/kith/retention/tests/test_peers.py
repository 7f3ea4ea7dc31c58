"""Plays are judged against customers who were as likely to leave on the day they began, by what was known of them then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from kith.contacts.actions import become_customer
from kith.contacts.models import Company
from kith.kernel.accounts import tokens
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.retention.models import Care, Churn, Peer, Play, PlayRun
from kith.retention.plays.judging import cases, effect_by_play, effect_now
from kith.retention.plays.peers import EACH, note
from kith.retention.plays.running import begin, begin_due
from kith.retention.tests.cast import BY, days_ago, firm
from tests.cast import user

pytestmark = pytest.mark.django_db
START = ACTIONS["customer.start_play"]


def play(**values: Any) -> Play:
    given = {"name": "Talk", "steps": "0: Call them", "within": 90, **values}
    made: Play = actions.create(registry["play"], given, by=BY)
    return made


def at(chance: float | None, name: str = "Hafen", **values: Any) -> Company:
    made = firm(name)
    Care.objects.create(company=made, chance=chance, **values)
    return made


def names(run: PlayRun) -> list[str]:
    return sorted(peer.company.name for peer in run.peers.all() if peer.company)


def test_peers_are_those_as_likely_to_leave_and_keep_the_chance_of_that_day() -> None:
    hafen = at(0.44)
    for n, chance in enumerate((0.43, 0.45, 0.41, 0.48, 0.40, 0.39, 0.9)):
        at(chance, f"Alike {n}")
    START.run(hafen, play=play(), by=BY)
    run = PlayRun.objects.get()
    assert names(run) == ["Alike 0", "Alike 1", "Alike 2", "Alike 3"]
    Care.objects.update(chance=0.02)
    assert sorted(run.peers.values_list("chance", flat=True)) == [0.41, 0.43, 0.45, 0.48]


def test_nobody_is_the_peer_of_two_plays_at_a_time_nor_of_one_while_they_have_their_own() -> None:
    first, second, busy = at(0.41, "First"), at(0.42, "Second"), at(0.43, "Busy")
    for n in range(EACH + 1):
        at(0.45, f"Alike {n}")
    talk = play()
    runs = [begin(talk, row, by=BY) for row in (first, second, busy)]
    note(runs)
    assert [run.peers.count() for run in runs] == [EACH, 1, 0]
    assert {peer.company_id for peer in Peer.objects.all()}.isdisjoint({first.pk, second.pk, busy.pk})


def test_whoever_gets_a_play_in_the_same_night_is_nobodys_peer() -> None:
    for n in range(3):
        at(0.41 + n / 100, f"At risk {n}")
    at(0.405, "Below")
    play(from_chance=41)
    assert begin_due() == 3
    assert [peer.company.name for peer in Peer.objects.all()] == ["Below"]


def test_before_chances_are_known_peers_are_those_of_the_same_health() -> None:
    hafen = at(None, health=35)
    at(None, "As poor", health=31), at(None, "Well", health=80), at(0.35, "Known", health=35)
    run = begin(play(), hafen, by=BY)
    note([run])
    assert names(run) == ["As poor"]


def begun(n: int, days: float, chance: float, left: float, peers_left: float) -> None:
    """So many plays begun then, each with one peer; of a hundred so many left within its time."""
    talk, since = Play.objects.first() or play(), days_ago(days).date()
    made = [Company(name=f"Firm {days} {k}", customer_since=since - dt.timedelta(days=300)) for k in range(2 * n)]
    for one in made:
        one.derive()
    firms = Company.objects.bulk_create(made)
    for k in range(n):
        run = PlayRun.objects.create(title="x", play=talk, company=firms[k], chance=chance, began_on=since)
        Peer.objects.create(run=run, company=firms[n + k], chance=chance, until=since + dt.timedelta(days=90))
        for row, share in ((firms[k], left), (firms[n + k], peers_left)):
            if k < share * n:
                Churn.objects.create(title="x", company=row, ended_on=since + dt.timedelta(days=40))


def test_a_play_is_judged_by_the_chances_of_its_beginning_whatever_they_are_today() -> None:
    begun(60, days=200, chance=0.55, left=0.2, peers_left=0.5)
    for company in Company.objects.all():
        Care.objects.create(company=company, chance=0.01)  # who is still there looks safe today
    found = effect_now()
    assert (found.treated, found.others) == (60, 60)
    assert found.difference == pytest.approx(-0.3)
    assert found.helps
    assert effect_by_play()[Play.objects.get().pk] == found


def test_customers_of_other_times_are_not_compared() -> None:
    begun(40, days=400, chance=0.55, left=0.5, peers_left=0.5)
    begun(40, days=150, chance=0.55, left=0.1, peers_left=0.1)
    assert effect_now().difference == pytest.approx(0.0)


def test_a_play_whose_time_is_not_over_is_not_judged_yet() -> None:
    begun(5, days=30, chance=0.55, left=0.2, peers_left=0.5)
    assert cases() == {}


def test_a_peer_for_whom_a_play_begins_within_the_time_is_none_any_more() -> None:
    begun(2, days=200, chance=0.55, left=0.0, peers_left=0.0)
    later = Peer.objects.order_by("pk")[0]
    PlayRun.objects.create(title="x", play=Play.objects.get(), company=later.company, began_on=days_ago(180).date())
    (told,) = cases().values()
    assert sorted(case.treated for case in told) == [False, True, True]


def test_plays_with_nobody_to_be_compared_with_are_said_and_found(client: Any) -> None:
    begun(2, days=200, chance=0.55, left=0.0, peers_left=0.0)
    client.force_login(user("astrid"))
    assert "nobody to be compared with" not in client.get("/settings/health/").content.decode().lower()
    alone = PlayRun.objects.create(
        title="Mole", play=Play.objects.get(), company=firm("Mole"), began_on=days_ago(300).date()
    )
    page = client.get("/settings/health/").content.decode()
    assert "1 time it began with nobody to be compared with" in page
    assert 'href="/play-runs/?filter=peers.is:0"' in page
    secret = tokens.issue(user("astrid"), "Figures")[1]
    answer = client.get("/api/v1/play-runs?filter=peers.is:0", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert [(one["id"], one["peers"]) for one in answer.json()["data"]] == [(alone.pk, 0)]
    assert "Mole" in client.get("/play-runs/?filter=peers.is:0").content.decode()
    assert "Firm 200" not in client.get("/play-runs/?filter=peers.is:0").content.decode()
    own = client.get(f"/play-runs/{alone.pk}").content.decode()
    assert "Compared with" in own


def test_two_companies_that_become_one_take_their_peers_along() -> None:
    from kith.kernel.records import merge

    begun(1, days=200, chance=0.55, left=0.0, peers_left=0.0)
    other = actions.create(registry["company"], {"name": "Hafen"}, by=BY)
    become_customer([other], since=timezone.localdate(), by=BY)
    peer = Peer.objects.get()
    merge.merge(registry["company"], Company.objects.get(pk=other.pk), [peer.company], by=BY)
    assert Peer.objects.get().company_id == other.pk
