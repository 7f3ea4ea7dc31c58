"""Prediction: learned from what was known at the time, calibrated, explained, and silent when there is too little."""

import datetime as dt
import json
import random

import pytest
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.customfields.actions import define
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.learning.documents import judge
from kith.kernel.learning.regression import interval
from kith.kernel.records import actions
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.qualification.models import Lead, Model
from kith.qualification.predicting.applying import document
from kith.qualification.predicting.everybody import apply_to_everybody
from kith.qualification.predicting.gathering import gather
from kith.qualification.predicting.guarding import guard, separates
from kith.qualification.predicting.sources import sources
from kith.qualification.predicting.training import train
from kith.qualification.tests.cast import make, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def fields():
    for label, kind in (("Converted", "bool"), ("Visits", "number"), ("Origin", "text"), ("Told later", "text")):
        define(record="person", label=label, kind=kind, by=actor("astrid"))


@pytest.fixture
def prediction(fields):
    return make("prediction", name="Converted", target="field", field="custom.converted")


def leads(n, seed=7):
    """Leads that convert the likelier the more they visited and, somewhat, by where they came from."""
    draw = random.Random(seed)
    values = []
    for i in range(n):
        visits, origin = draw.randint(0, 20), draw.choice(["Form", "Chat", "Call"])
        chance = min(0.03 + 0.04 * visits + (0.15 if origin == "Call" else 0), 0.97)
        values.append({
            "given_name": f"Lead {i}", "custom.visits": visits, "custom.origin": origin, "custom.converted": draw.random() < chance,
        })  # fmt: skip
    brought(values)
    return list(registry["person"].model.objects.filter(given_name__startswith="Lead ").order_by("pk"))


def brought(values):
    """Rows written as an import writes them."""

    def refused(n, problem):
        raise problem

    bulk_create(registry["person"], [New(one) for one in values], by=system("import"), refused=refused)


def test_it_tells_leads_apart_is_calibrated_and_says_on_how_many_it_rests(prediction):
    leads(1200)
    model = train(prediction)
    report = model.report
    assert model.silent == ""
    assert 0.7 < report["auc_low"] < report["auc"] < report["auc_high"] < 0.9
    assert report["leads"] == 1200
    assert sum(part["leads"] for part in report["curve"]) == 1200
    assert max(abs(part["predicted"] - part["happened"]) for part in report["curve"]) < 0.15
    assert {"Visits", "Origin"} <= set(report["used"])
    assert "Converted" not in report["used"]


def test_what_predicts_is_plain_json_and_reasons_add_up_to_it(prediction):
    leads(600)
    model = train(prediction)
    kept = json.loads(json.dumps(model.document))
    few, why = judge(kept, {"custom.visits": 0.0, "custom.origin": "Chat"})
    many, reasons = judge(kept, {"custom.visits": 19.0, "custom.origin": "Call"})
    assert few < 0.3 < 0.6 < many
    assert (reasons[0]["label"], reasons[0]["value"]) == ("Visits", "19")
    assert reasons[0]["effect"] > 0 > why[0]["effect"]
    unknown, _reasons = judge(kept, {})
    assert 0 < unknown < 1


def test_with_too_little_it_stays_silent_and_says_why_and_takes_old_chances_away(prediction):
    rows = leads(600)
    train(prediction)
    apply_to_everybody()
    assert Lead.objects.filter(chance__isnull=False).count() == 600
    for row in rows[100:]:
        actions.archive(registry["person"], row, by=system("cli"))
    model = train(prediction)
    assert model.silent.startswith("Too little to learn from: 100 leads are decided")
    assert document() is None
    apply_to_everybody()
    assert not Lead.objects.filter(chance__isnull=False).exists()


def test_where_columns_say_nothing_it_stays_silent_rather_than_guess(prediction):
    draw = random.Random(3)
    values = [
        {"given_name": f"Lead {i}", "custom.visits": draw.randint(0, 9), "custom.converted": draw.random() < 0.4}
        for i in range(400)
    ]
    brought(values)
    assert "little better than chance" in train(prediction).silent


def test_only_what_was_known_when_the_lead_came_is_looked_at(prediction):
    then = timezone.now() - dt.timedelta(days=30)
    values = {"given_name": "Marta", "custom.visits": 2, "custom.converted": False}
    marta = actions.create(registry["person"], values, by=system("import"), at=then)
    actions.edit(registry["person"], marta, {"custom.visits": 40}, by=actor("ines"))
    later = {"custom.visits": 90, "job_title": "Buyer", "addresses": [{"country": "PL", "label": ""}]}
    actions.edit(registry["person"], marta, later, by=actor("ines"))
    table = gather(prediction, sources(), timezone.now())
    assert (table.then["custom.visits"], table.now["custom.visits"]) == ([2.0], [90.0])
    assert (table.then["job_title"], table.now["job_title"]) == ([""], ["Buyer"])
    assert (table.then["country"], table.now["country"]) == ([""], ["PL"])


def test_a_column_written_after_the_lead_was_worked_is_left_out_and_called_a_give_away(prediction):
    rows = leads(300)
    then = timezone.now() - dt.timedelta(days=9)
    registry["person"].model.objects.filter(pk__in=[r.pk for r in rows]).update(created_at=then)
    for row in rows:
        actions.edit(
            registry["person"],
            row,
            {"custom.told_later": "Closed" if row.custom.get("converted") else "Ringing"},
            by=actor("ines"),
        )
    model = train(prediction)
    told = next(f for f in model.report["findings"] if f["key"] == "custom.told_later")
    assert (told["out"], told["gives_away"]) == (True, True)
    assert "300 of 300 values were written after the lead came" in told["words"]
    assert "Told later" not in model.report["used"]


def test_what_is_too_good_from_the_beginning_is_named_but_used(prediction):
    rows = leads(300)
    for row in rows:
        row.custom["told_later"] = "Closed" if row.custom.get("converted") else "Ringing"
    registry["person"].model.objects.bulk_update(rows, ["custom"])
    table = gather(prediction, sources(), timezone.now())
    told = next(f for f in guard(table) if f.key == "custom.told_later")
    assert (told.out, "look whether it is known" in told.words) == (False, True)


def test_how_well_one_column_tells_apart_is_a_half_for_noise_and_one_for_the_outcome():
    won = [n % 2 == 0 for n in range(200)]
    assert separates(["yes" if w else "no" for w in won], won, numeric=False) == 1
    assert separates(["same"] * 200, won, numeric=False) == 0.5
    assert 0.5 <= separates([float(n % 7) for n in range(200)], won, numeric=True) < 0.65
    low, high = interval(0.85, 100, 300)
    assert 0.79 < low < 0.85 < high < 0.91


def test_deals_won_count_as_success_and_open_ones_say_nothing(fields):
    from kith.deals.tests.cast import deal, reason
    from kith.kernel.records.action import ACTIONS
    from kith.qualification.predicting.outcomes import outcomes

    found = make("prediction", name="Won", target="won", within=30)
    old = timezone.now() - dt.timedelta(days=90)
    made = {name: person(f"{name} Lead") for name in ("Won", "Lost", "Open", "Old", "New")}
    registry["person"].model.objects.exclude(given_name="New").update(created_at=old)
    for name in ("Won", "Lost", "Open"):
        row = deal(actor("ines"), name=name, contact=made[name], amount=100)
        if name != "Open":
            verb = "win" if name == "Won" else "lose"
            why = reason("Price", "lost") if name == "Lost" else _any_reason("won")
            ACTIONS[f"deal.{verb}"].run(row, reason=why, by=actor("ines"))
    ended = outcomes(found, timezone.now())
    assert {name: ended.get(row.pk) for name, row in made.items()} == {
        "Won": True,
        "Lost": False,
        "Open": None,
        "Old": False,
        "New": None,
    }


def _any_reason(outcome):
    from kith.deals.models import Reason

    return Reason.objects.filter(outcome=outcome).first()


def test_versions_are_kept_and_people_follow_what_happens(prediction):
    leads(600)
    train(prediction)
    assert train(prediction).number == 2
    assert Model.objects.count() == 2
    marta = actions.create(registry["person"], {"given_name": "Marta", "custom.visits": 1}, by=actor("ines"))
    run_waiting_jobs(names=["qualification.score"])
    before = Lead.objects.get(person=marta).chance
    actions.edit(registry["person"], marta, {"custom.visits": 20}, by=actor("ines"))
    run_waiting_jobs(names=["qualification.score"])
    assert Lead.objects.get(person=marta).chance > before + 0.2


def test_the_settings_show_what_was_learned_and_the_person_why(client, prediction):
    client.force_login(user("astrid"))
    assert "Nothing was learned yet" in client.get("/settings/prediction/").content.decode()
    rows = leads(600)
    assert client.post("/settings/prediction/").status_code == 303
    run_waiting_jobs(names=["qualification.train"])
    page = client.get("/settings/prediction/").content.decode()
    assert "Told apart" in page
    assert "<polyline" in page
    shown = client.get(f"/people/{rows[0].pk}").content.decode()
    assert "Predicted chance" in shown and "learned from 600 leads that were decided" in shown
    assert "raises it" in shown or "lowers it" in shown


def _command(*words):
    from argparse import ArgumentParser

    from kith.cli import score

    parser = ArgumentParser()
    score.arguments(parser)
    return score.run(parser.parse_args(words))


def test_the_command_line_trains_and_shows(prediction, capsys):
    leads(600)
    assert _command("train") == 0
    assert "Told apart" in capsys.readouterr().out
    assert _command("show", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["leads"], told["silent"]) == (1, 600, None)
    assert told["document"]["format"] == 1


def test_the_command_line_may_say_what_counts_as_success(fields, capsys):
    from kith.kernel.errors import KithError
    from kith.qualification.models import Prediction

    leads(600)
    with pytest.raises(KithError, match="Nothing is predicted yet"):
        _command("show")
    with pytest.raises(KithError, match="no field “custom.colour”"):
        _command("train", "--field", "custom.colour")
    assert (
        _command("train", "--field", "custom.converted", "--leave-out", "custom.origin,custom.told_later", "--json")
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["left_out"], told["used"]) == (["custom.origin", "custom.told_later"], ["Visits"])
    assert _command("train", "--success", "won", "--json") == 0
    assert "Too little to learn from" in json.loads(capsys.readouterr().out)["silent"]
    assert Prediction.objects.count() == 1
