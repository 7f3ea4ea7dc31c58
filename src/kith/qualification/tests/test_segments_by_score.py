"""Segments whose conditions read what jobs work out: they follow without anybody touching the person again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.segments import queries
from kith.kernel.segments.models import Dirty, Membership
from kith.qualification.models import Lead
from kith.qualification.predicting.everybody import apply_to_everybody
from kith.qualification.scoring.card import save_bands
from kith.qualification.tests.cast import captured, make, person
from tests.cast import actor

pytestmark = pytest.mark.django_db


def segment(conditions, name="Hot", subject="person"):
    made = make("segment", name=name, conditions=conditions, subject=subject)
    run_waiting_jobs()
    return made


def members(one):
    return sorted(queries.members(system(), one).values_list("name", flat=True))


def came(row):
    captured(row)
    run_waiting_jobs()


def test_somebody_comes_and_goes_with_their_score():
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured")
    rule = make("score_rule", name="Curators", part="fit", points=10, where="job_title.has:curator")
    hot = segment("score.at_least:20")
    marta = person(job_title="Curator")
    run_waiting_jobs()
    assert members(hot) == []
    came(marta)
    assert members(hot) == ["Marta Kowalczyk"]
    stay = Membership.objects.get(segment=hot)
    assert (stay.came_why, stay.came_part) == ("change", "score.at_least:20")
    actions.edit(registry["person"], marta, {"job_title": "Porter"}, by=actor("ines"))
    run_waiting_jobs()
    assert members(hot) == []
    stay.refresh_from_db()
    assert (stay.left_why, stay.left_part) == ("change", "score.at_least:20")
    actions.edit(registry["score_rule"], rule, {"where": "job_title.has:porter"}, by=system("cli"))
    run_waiting_jobs()  # everybody is worked out again
    assert members(hot) == ["Marta Kowalczyk"] and not Dirty.objects.exists()


def test_a_band_that_moves_moves_its_people():
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured")
    save_bands([(0, "Cold"), (40, "Hot")], by=actor("astrid"))
    hot = segment("score_band.is:Hot")
    came(person())
    assert members(hot) == []
    save_bands([(0, "Cold"), (10, "Hot")], by=actor("astrid"))
    run_waiting_jobs()
    assert members(hot) == ["Marta Kowalczyk"]


def test_a_chance_that_is_taken_away_takes_them_out():
    marta = person()
    Lead.objects.create(person=marta, chance=0.8, reasons=[], predicted_at=timezone.now(), scored_at=timezone.now())
    likely = segment("chance.at_least:50", "Likely")
    assert members(likely) == ["Marta Kowalczyk"]
    apply_to_everybody()  # nothing is predicted any more
    run_waiting_jobs()
    assert members(likely) == []


def test_completeness_is_followed():
    from kith.kernel.records.action import ACTIONS, perform

    one = make("criterion", name="Budget", question="Is there money?")
    known = segment("checklist.at_least:100", "Known")
    marta = person()
    run_waiting_jobs()
    assert members(known) == []
    perform(ACTIONS["person.answer"], marta, {"criterion": str(one.pk), "answer": "Yes, 40,000"}, by=actor("ines"))
    run_waiting_jobs()
    assert members(known) == ["Marta Kowalczyk"]


def test_many_who_change_are_marked_in_as_many_statements_as_few():
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured")
    segment("score.at_least:10")

    def statements(n):
        rows = [person(f"Lead {i}") for i in range(n)]
        for row in rows:
            captured(row)
        with CaptureQueriesContext(connection) as made:
            run_waiting_jobs(names=["qualification.score"])
        return len([q for q in made.captured_queries if "segments_dirty" in q["sql"]])

    assert statements(2) == statements(12) == 1


def test_nothing_is_marked_where_no_segment_looks():
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured")
    captured(person())
    run_waiting_jobs(names=["qualification.score"])
    assert not Dirty.objects.exists()
