"""Another scorecard is tried over people before it is saved: who would move, and how those people in fact turned out."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from django.utils import timezone

from kith.contacts.models import Person
from kith.deals.tests.cast import deal
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Event
from kith.qualification.models import Band, Lead, ScoreRule
from kith.qualification.scoring.card import card_now, of_program, save_bands
from kith.qualification.scoring.simulating import simulate
from kith.qualification.tests.cast import make, person
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def card():
    """Two who are called Marta, one of them a customer, and Oliver, who was told that we are no fit."""
    rule = make("score_rule", name="Named", part="fit", points=35, where="given_name.is:Marta")
    save_bands([(0, "Cold"), (30, "Warm")], by=system())
    one, _two, oliver = person("Marta One"), person("Marta Two"), person("Oliver Grant")
    deal(
        actor("ines", "import"),
        "Sensors",
        status="won",
        contact=one,
        opened_on=timezone.localdate(),
        closed_on=timezone.localdate(),
    )
    perform(
        ACTIONS["person.not_a_fit"], oliver, {"reason": str(make("fit_reason", name="No budget").pk)}, by=actor("ines")
    )
    run_waiting_jobs(names=["qualification.score", "qualification.rescore"])
    assert rule.pk
    return card_now()


def tried(card, who="astrid"):
    return simulate(card, actor(who))[0]


def figures(group):
    return [(name, now.people, then.people) for name, now, then in group.bands]


def test_bands_are_tried_over_people_without_writing_anything(card):
    before = (Event.objects.count(), list(Lead.objects.values_list("band", flat=True)))
    found = tried(replace(card, bands=[(0, "Cold"), (40, "Warm")]))
    assert (found.moved, figures(found)) == (2, [("Cold", 1, 3), ("Warm", 2, 0)])
    assert [(m.before, m.after, m.ended.people, [name for _pk, name in m.some]) for m in found.moves] == [
        ("Warm", "Cold", 2, ["Marta One", "Marta Two"])
    ]
    assert (Event.objects.count(), list(Lead.objects.values_list("band", flat=True))) == before
    assert list(Band.objects.values_list("starts_at", flat=True)) == [0, 30]


def test_how_those_people_turned_out_stands_beside(card):
    found = tried(replace(card, bands=[(0, "Cold"), (40, "Warm")]))
    cold, warm = (ended for _name, *ended in found.bands)
    assert [(e.won, e.not_a_fit) for e in cold] == [(0, 1), (1, 1)]
    assert [(e.won, e.not_a_fit) for e in warm] == [(1, 0), (0, 0)]
    assert (found.moves[0].ended.won, found.moves[0].ended.not_a_fit) == (1, 0)


def test_a_rule_with_other_points_is_tried_and_so_is_one_that_does_not_exist_yet(card):
    [rule] = card.rules
    by = actor("astrid")
    fewer = of_program({"rules": [{"id": rule.pk, "points": 20}]}, by=by)
    assert figures(tried(fewer)) == [("Cold", 1, 3), ("Warm", 2, 0)]
    off = of_program({"rules": [{"id": rule.pk, "active": False}]}, by=by)
    assert figures(tried(off)) == [("Cold", 1, 3), ("Warm", 2, 0)]
    new = {"name": "Called Oliver", "part": "fit", "points": 50, "where": "given_name.is:Oliver"}
    more = of_program({"rules": [new], "bands": [{"name": "Cold", "from": 0}, {"name": "Hot", "from": 40}]}, by=by)
    assert figures(tried(more)) == [("Cold", 1, 2), ("Hot", 0, 1), ("Warm", 2, 0)]
    assert ScoreRule.objects.count() == 1
    assert Lead.objects.get(person__given_name="Oliver").total == 0


def test_the_points_of_everybody_stand_in_classes_now_and_then(card):
    [rule] = card.rules
    found = tried(of_program({"rules": [{"id": rule.pk, "points": 20}]}, by=actor("astrid")))
    assert found.classes[0] == (0, 5, 1, 1)
    assert [c for c in found.classes if c[2] or c[3]] == [(0, 5, 1, 1), (20, 25, 0, 2), (35, 40, 2, 0)]


def test_who_came_within_ninety_days_is_looked_at_apart(card):
    Person.objects.filter(given_name="Oliver").update(created_at=timezone.now() - dt.timedelta(days=91))
    everybody, recent = simulate(card, actor("astrid"))
    assert (everybody.people, recent.people, recent.moved) == (3, 2, 0)


def test_of_very_many_every_nth_is_looked_at_and_that_is_said(card, monkeypatch):
    from kith.qualification.scoring import simulating

    monkeypatch.setattr(simulating, "MOST", 2)
    found = tried(card)
    assert found.of == 3 and 1 <= found.people <= 2


def test_names_are_told_only_of_those_within_reach(card):
    policy("administrator", "person", see="own")
    found = tried(replace(card, bands=[(0, "Cold"), (40, "Warm")]))
    assert (found.moved, found.moves[0].some) == (2, [])


def test_a_card_that_makes_no_sense_is_refused_in_words(card):
    by = actor("astrid")
    for data, words in (
        ({"rules": [{"id": 999_999}]}, "There is no score rule"),
        ({"bands": [{"name": "Hot"}]}, "A band has a name"),
        ({"rules": "all"}, "a list of objects"),
        ({"colours": []}, "no “colours”"),
    ):
        with pytest.raises(Invalid, match=words):
            of_program(data, by=by)
    with pytest.raises(InvalidMany):
        of_program({"rules": [{"id": card.rules[0].pk, "points": 0}]}, by=by)
    with pytest.raises(InvalidMany):
        of_program({"rules": [{"id": card.rules[0].pk, "where": "nosuch.is:1"}]}, by=by)


def test_the_settings_try_rules_and_bands_together_and_save_them_as_one(client, card):
    client.force_login(user("astrid"))
    [rule] = card.rules
    sent = {
        "rule": rule.pk,
        f"points-{rule.pk}": "20",
        f"active-{rule.pk}": "1",
        "name": ["Cold", "Warm"],
        "from": ["0", "30"],
    }
    page = client.post("/settings/scores/", {**sent, "do": "simulate"}).content.decode()
    assert "2 people would move." in page and "Marta One" in page and "1 with a deal won, 0 not a fit" in page
    assert f'name="points-{rule.pk}"' in page and 'value="20"' in page
    rule.refresh_from_db()
    assert rule.points == 35
    wrong = client.post("/settings/scores/", {**sent, f"points-{rule.pk}": "many", "do": "apply"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.content.decode()
    assert client.post("/settings/scores/", {**sent, "do": "apply"}).status_code == 303
    rule.refresh_from_db()
    assert (rule.points, rule.active) == (20, True)


def test_where_there_are_no_bands_three_are_offered(client):
    client.force_login(user("astrid"))
    assert "Begin with cold, warm and hot" in client.get("/settings/scores/").content.decode()
    client.post("/settings/scores/", {"do": "begin"})
    assert list(Band.objects.values_list("name", "starts_at")) == [("Cold", 0), ("Warm", 30), ("Hot", 60)]


def test_programs_and_the_command_line_try_a_card(card, tmp_path, capsys):
    from kith.api.tests.programs import Program
    from kith.cli import score

    wanted = {"bands": [{"name": "Cold", "from": 0}, {"name": "Warm", "from": 40}]}
    told = Program("astrid")("post", "scores/try", wanted).data["groups"][0]
    assert (told["moved"], told["moves"][0]["won"]) == (2, 1)
    assert Program("ines")("post", "scores/try", wanted).status_code == 403
    file = tmp_path / "wanted.json"
    file.write_text(json.dumps(wanted))
    import argparse

    parser = argparse.ArgumentParser()
    score.arguments(parser)
    assert score.run(parser.parse_args(["try", "--card", str(file)])) == 0
    assert "2 of 3 would move" in capsys.readouterr().out
    with pytest.raises(Invalid, match="Say which scorecard"):
        score.run(parser.parse_args(["try"]))


def test_an_open_deal_is_not_one_that_was_won(card):
    deal(actor("ines"), contact=Person.objects.get(name="Marta Two"))
    found = tried(replace(card, bands=[(0, "Cold"), (40, "Warm")]))
    assert found.moves[0].ended.won == 1
