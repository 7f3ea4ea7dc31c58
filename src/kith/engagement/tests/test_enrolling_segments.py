"""Everybody in a segment is enrolled from its page, by the one way of enrolling: who was, who was not, and why."""

import pytest

from kith.api.tests.programs import Program
from kith.engagement.models import Enrolment
from kith.engagement.tests.mailcast import guest
from kith.engagement.tests.making import enrol, sequence, template
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, text, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curators(ines):
    """Three in the segment, one outside; one of the three is in a sequence, and one has no address."""
    template()
    made = actions.create(
        registry["segment"], {"name": "Curators", "subject": "person", "conditions": "job_title.has:curator"}, by=ines
    )
    for name in ("Ada", "Ben", "Cleo"):
        guest(ines, name, job_title="Curator")
    guest(ines, "Dora", job_title="Porter")
    run_waiting_jobs()
    return made


def person(name):
    return registry["person"].model.objects.get(given_name=name)


def sent(segment, **more):
    return {"state": f"filter=segment.is:{segment.key}", "all": "1", **more}


def test_the_page_of_a_segment_enrols_everybody_and_says_who_was_not_and_why(client, ines, curators):
    client.force_login(user("ines"))
    welcome, other = (
        sequence([{"do": "mail", "template": "Welcome"}]),
        sequence([{"do": "task", "subject": "Call", "within": "1 day"}], name="Other"),
    )
    enrol(person("Ben"), other)
    actions.edit(registry["person"], person("Cleo"), {"emails": []}, by=ines)
    run_waiting_jobs(names=["segments.settle"])
    panel = client.get(f"/segments/{curators.pk}/panel/in-sequences", HTTP_HX_REQUEST="true")
    assert "Enrol everybody" in text(panel) and "Other 1" in text(panel)
    asked = text(client.post("/people/bulk/do-enrol", sent(curators)))
    assert "3 people" in asked and "Sequence" in asked
    frozen = {
        "frozen": f"segment.is:{curators.key}",
        "q": "",
        "count": "3",
        "go": "1",
        "again": "1",
        "sequence": welcome.pk,
    }
    told = text(client.post("/people/bulk/do-enrol", sent(curators, **frozen)))
    assert "Ben" in told and "is in the sequence “Other” already" in told
    assert "No e-mail address of Cleo is known" in told
    assert [e.person.given_name for e in Enrolment.objects.filter(sequence=welcome)] == ["Ada"]
    undo(Operation.objects.order_by("-pk").first(), by=actor("ines"))
    assert not Enrolment.objects.filter(sequence=welcome, archived_at=None).exists()


def test_programs_enrol_a_segment_by_the_same_way(ines, curators):
    welcome = sequence([{"do": "mail", "template": "Welcome"}])
    asked = {"filter": f"segment.is:{curators.key}", "action": "enrol", "inputs": {"sequence": welcome.pk}, "expect": 3}
    told = Program("ines")("post", "people/bulk", asked)
    assert told.data["changed"] == 3 and Enrolment.objects.filter(sequence=welcome).count() == 3


def test_a_segment_of_companies_offers_no_sequence(client, ines):
    client.force_login(user("ines"))
    made = actions.create(
        registry["segment"], {"name": "Hotels", "subject": "company", "conditions": "name.has:hotel"}, by=ines
    )
    assert "Enrol everybody" not in text(client.get(f"/segments/{made.pk}/panel/in-sequences", HTTP_HX_REQUEST="true"))
