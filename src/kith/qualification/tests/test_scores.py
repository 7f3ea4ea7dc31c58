"""Scores: every point has a line, what happened fades, bands are tried first, and what happens is followed at once."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.activities import writing
from kith.contacts.events import Captured
from kith.kernel.access.actor import system
from kith.kernel.customfields.actions import define
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import undo
from kith.qualification.models import Band, Changed, Lead
from kith.qualification.scoring.card import save_bands as save
from kith.qualification.scoring.sweeping import fading
from kith.qualification.tests.cast import make, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
SCORING = ["qualification.score", "qualification.rescore"]


def settle():
    run_waiting_jobs(names=SCORING)


def score_of(row):
    settle()
    return Lead.objects.get(person=row)


def came(row, days_ago=0):
    with change(row, by=system(), at=timezone.now() - dt.timedelta(days=days_ago)) as c:
        c.says(Captured("form"))


def test_fit_and_engagement_stand_apart_and_every_point_has_its_line():
    make("score_rule", name="Where we work", part="fit", points=20, where="country.is:PL|DE")
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured")
    marta = person(addresses=[{"country": "PL"}])
    came(marta)
    lead = score_of(marta)
    assert (lead.fit, lead.engagement, lead.total) == (20, 15, 35)
    told = {line["name"]: (line["part"], line["points"], line["n"], bool(line["at"])) for line in lead.lines}
    assert told == {"Where we work": ("fit", 20, 1, False), "Asked us": ("engagement", 15, 1, True)}


def test_filters_reach_columns_of_the_company_and_custom_fields():
    make("score_rule", name="Property", part="fit", points=30, where="industry.is:Property")
    company = make("company", name="Bellevue Group", industry="Retail")
    marta = person(company=company)
    assert score_of(marta).fit == 0
    actions.edit(registry["company"], company, {"industry": "Property"}, by=actor("ines"))
    assert score_of(marta).fit == 30
    define(record="person", label="Blocks", kind="number", key="blocks", by=actor("astrid"))
    make("score_rule", name="Large", part="fit", points=7, where="custom.blocks.over:10")
    actions.edit(registry["person"], marta, {"custom.blocks": Decimal(14)}, by=actor("ines"))
    assert score_of(marta).fit == 37


def test_a_rule_gives_no_more_than_its_most_and_may_take_off():
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured", most=40)
    make("score_rule", name="A rival", part="fit", points=-50, where="job_title.has:rival")
    marta = person(job_title="Buyer at a rival")
    for _n in range(4):
        came(marta)
    lead = score_of(marta)
    assert (lead.fit, lead.engagement) == (-50, 40)


def test_what_happened_long_ago_counts_half_as_much_after_each_half_life():
    make("score_rule", name="Asked us", part="engagement", points=40, verb="person.captured", half_life=30)
    marta = person()
    came(marta, days_ago=60)
    lead = score_of(marta)
    assert (lead.engagement, lead.fades) == (10, True)


def test_points_fade_at_night_and_history_tells_only_of_another_band():
    import time_machine as clock

    save([(0, "Cold"), (30, "Warm")], by=system())
    make("score_rule", name="Asked us", part="engagement", points=40, verb="person.captured", half_life=30)
    marta = person()
    came(marta)
    assert score_of(marta).band == "Warm"
    begun = Changed.objects.filter(person=marta).count()
    with clock.travel(timezone.now() + dt.timedelta(days=6)):
        assert fading() == 1
        assert (score_of(marta).engagement, Changed.objects.filter(person=marta).count()) == (35, begun)
    with clock.travel(timezone.now() + dt.timedelta(days=60)):
        fading()
    lead = Lead.objects.get(person=marta)
    assert (lead.engagement, lead.band) == (10, "Cold")
    last = Changed.objects.filter(person=marta).latest("pk")
    assert (last.band_before, last.band, Changed.objects.filter(person=marta).count()) == ("Warm", "Cold", begun + 1)


def test_what_is_taken_back_takes_its_points_back():
    make("score_rule", name="Talked", part="engagement", points=10, verb="activity.called")
    marta = person(owner=user("ines"))
    from kith.activities.writing import log_call

    done = perform(log_call, marta, {"body": "She wants a map"}, by=actor("ines"))
    assert score_of(marta).engagement == 10
    undo(done.operation, by=actor("ines"))
    assert score_of(marta).engagement == 0


def test_history_says_what_moved_a_score():
    make("score_rule", name="Where we work", part="fit", points=20, where="country.is:PL")
    marta = person()
    settle()
    actions.edit(registry["person"], marta, {"addresses": [{"country": "PL", "label": ""}]}, by=actor("ines"))
    score_of(marta)
    last = Changed.objects.filter(person=marta).latest("pk")
    assert (last.fit_before, last.fit) == (0, 20)
    assert last.why == [{"name": "Where we work", "before": 0, "after": 20}]


def test_another_rule_works_everybody_out_again_and_a_second_run_changes_nothing():
    from kith.qualification.scoring.sweeping import everybody

    people = [person(f"Lead {n}") for n in range(3)]
    rule = make("score_rule", name="Named", part="fit", points=5, where="given_name.is:Lead")
    assert {score_of(p).fit for p in people} == {5}
    actions.edit(registry["score_rule"], rule, {"points": 8}, by=actor("astrid"))
    assert {score_of(p).fit for p in people} == {8}
    assert everybody() == 0


def test_an_event_costs_the_writer_the_same_however_many_rules_there_are():
    marta = person()
    make("score_rule", name="One", part="fit", points=5, where="given_name.is:Marta")
    came(marta)
    with CaptureQueriesContext(connection) as few:
        came(marta)
    for n in range(8):
        make("score_rule", name=f"Rule {n}", part="fit", points=n + 1, where="country.is:PL")
    came(marta)
    with CaptureQueriesContext(connection) as many:
        came(marta)
    assert len(many) <= len(few)


def test_bands_may_be_moved_past_each_other_and_taken_back_as_one():
    save([(0, "Cold"), (30, "Warm"), (60, "Hot")], by=system())
    save([(0, "Cold"), (60, "Warm"), (90, "Hot")], by=system())
    save([(10, "Cold"), (50, "Warm")], by=system())
    assert list(Band.objects.filter(archived_at=None).values_list("name", "starts_at")) == [("Cold", 10), ("Warm", 50)]


def test_lists_show_filter_and_sort_by_scores(client):
    make("score_rule", name="Named", part="fit", points=35, where="given_name.is:Marta")
    save([(0, "Cold"), (30, "Warm")], by=system())
    person("Marta One")
    person("Oliver Grant")
    settle()
    client.force_login(user("ines"))
    page = client.get("/people/?cols=name,score,fit,score_band&filter=score_band.is:Warm&sort=-score").content.decode()
    assert "Marta One" in page
    assert "Oliver Grant" not in page
    both = client.get("/people/?cols=name,score&sort=-score").content.decode()
    assert both.index("Marta One") < both.index("Oliver Grant")


def test_two_people_who_become_one_have_one_score_and_come_apart_again():
    make("score_rule", name="Asked us", part="engagement", points=10, verb="person.captured")
    marta, again = person(), person("Marta K.")
    came(marta)
    came(again)
    settle()
    _kept, op = merge(registry["person"], marta, [again], by=actor("astrid"))
    assert score_of(marta).engagement == 20
    assert undo(op, by=actor("astrid")).conflicts == []
    settle()
    assert {lead.person_id: lead.engagement for lead in Lead.objects.all()} == {marta.pk: 10, again.pk: 10}


def test_the_settings_and_the_person_s_page_explain_the_points(client):
    client.force_login(user("astrid"))
    make("score_rule", name="Where we work", part="fit", points=20, where="country.is:PL")
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured", half_life=30, most=60)
    page = client.get("/settings/scores/").content.decode()
    assert "Country is Poland" in page
    fades = re.search(r'<input[^>]*aria-label="Asked us counts half after so many days"[^>]*>', page)
    assert 'value="30"' in fades[0]
    marta = person(addresses=[{"country": "PL"}])
    came(marta)
    settle()
    opened = client.get(f"/people/{marta.pk}").content.decode()
    assert "Where we work" in opened
    assert "+20" in opened
    sent = {"name": ["Cold", "Hot"], "from": ["0", "30"], "do": "simulate"}
    tried = client.post("/settings/scores/", sent).content.decode()
    assert "1 person would move." in tried
    assert not Band.objects.exists()
    assert client.post("/settings/scores/", {**sent, "do": "apply"}).status_code == 303
    wrong = client.post("/settings/scores/", {**sent, "from": ["0", "lots"]})
    assert wrong.status_code == 422
    assert "“lots” is no whole number" in wrong.content.decode()


def test_writing_a_note_needs_no_score(client):
    """Without rules and questions nothing is written beside what happens."""
    from kith.qualification.models import Dirty

    ines = actor("ines")  # reads the configuration
    writing.write_note(person(), body="Looks nice", by=ines)
    assert not Dirty.objects.exists()


def test_a_worker_that_began_before_a_rule_was_made_goes_by_it():
    import uuid

    from kith.kernel.organisation.models import Organisation
    from kith.qualification.models import ScoreRule
    from kith.qualification.scoring.dirty import mark
    from kith.qualification.scoring.rules import rules

    make("score_rule", name="Named", part="fit", points=5, where="given_name.is:Marta")
    marta = person()
    settle()
    assert len(rules()) == 1
    ScoreRule.objects.create(name="Titled", part="fit", points=7, where="given_name.filled")  # by another process
    Organisation.objects.update(config=uuid.uuid4())
    mark([marta.pk])
    assert score_of(marta).fit == 12
