"""Leads that wait for a verdict stand on Today with what one needs to give it, and leave it with the verdict."""

import pytest
from django.test import Client

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.qualification.assigning.deciding import assign
from kith.qualification.models import AssignmentRule, Lead
from kith.qualification.tests.cast import make, person, rule
from kith.today.tests.cast import company, section
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta(ines):
    rule(user=user("ines"), answer_within="2 business hours")
    make("criterion", name="Budget", question="What have you set aside?", on="person", position=1)
    make("criterion", name="Timing", question="By when?", on="person", position=2)
    row = person("Marta Kowalczyk", source="Contact form", company=company(ines, "Hotel Merkur"))
    assign(row.pk)
    Lead.objects.update_or_create(
        person=row, defaults={"total": 72, "band": "Hot", "missing": ["budget", "timing"], "known": 0, "asked": 2}
    )
    return row


def test_a_lead_shows_its_worth_its_clock_and_what_to_ask(marta, page):
    said = section(page(), "qualify")
    assert "To qualify 1" in said and "Marta Kowalczyk Hotel Merkur" in said
    assert "Ask: Budget, Timing" in said and "Came through Contact form" in said
    assert "Hot 72" in said and " left" in said


def test_each_verdict_is_given_from_the_row_and_takes_it_off(marta, page):
    html = page()
    for verb in ("qualify", "nurture", "not_a_fit"):
        assert f'hx-get="/people/{marta.pk}/do/{verb}"' in html
    client = Client()
    client.force_login(user("ines"))
    assert client.post(f"/people/{marta.pk}/do/nurture", {"wake_at": "2026-05-04T09:00"}).status_code == 303
    assert section(page(), "qualify") == ""


def test_whose_clock_runs_stands_first_and_then_who_has_waited_longest(morning, marta, ines, page):
    row = person("Anders Holm")
    actions.edit(registry["assignment_rule"], AssignmentRule.objects.get(), {"answer_within": ""}, by=actor("astrid"))
    assign(row.pk)
    said = section(page(), "qualify")
    assert said.index("Marta") < said.index("Anders") and "new today" in said


def test_who_may_not_change_people_is_offered_no_verdict(marta, page):
    policy("member", "person", edit="none")
    html = page()
    assert "Marta Kowalczyk" in section(html, "qualify")
    assert "/do/qualify" not in html


def test_the_team_sees_what_waits_with_all_of_them_in_one_prepared_statement(marta, page):
    said = section(page("priya", "/?of=team"), "qualify")
    assert "Marta Kowalczyk" in said
    assert section(page("priya"), "qualify") == ""
