"""Which leads wait for a verdict: from the moment they are given to somebody until a verdict or a deal, and again when undone."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.deals.tests.cast import deal
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.qualification.assigning.clocks import sweep
from kith.qualification.models import Waiting
from kith.qualification.queries import waiting
from kith.qualification.tests.cast import captured, make, person, rule
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


def whose():
    """{name: with whom} of everybody who waits."""
    return {w.person.name: w.owner.name for w in Waiting.objects.select_related("person", "owner")}


def lead(name="Marta Kowalczyk", to="ines", **values):
    rule(name=f"All to {to}", user=user(to), **values)
    return captured(person(name))


def say(verb, row, **raw):
    return perform(ACTIONS[f"person.{verb}"], row, raw, by=actor("ines"))


def test_a_lead_waits_with_whom_it_was_given_to_until_a_verdict_and_again_when_that_is_taken_back():
    marta = lead(answer_within="2 business hours")
    assert whose() == {"Marta Kowalczyk": "Ines Okafor"}
    assert Waiting.objects.get().due_at is not None
    done = say("qualify", marta)
    assert whose() == {}
    undo(done.operation, by=actor("ines"))
    assert whose() == {"Marta Kowalczyk": "Ines Okafor"}


def test_somebody_we_know_without_having_been_given_them_waits_for_no_verdict():
    person("Anders Holm", owner=user("ines"))
    assert whose() == {}


def test_who_is_handed_to_another_colleague_waits_there():
    marta = lead()
    actions.edit(registry["person"], marta, {"owner": user("jonas")}, by=actor("ines"))
    assert whose() == {"Marta Kowalczyk": "Jonas Lindqvist"}


def test_who_comes_back_after_a_no_waits_again():
    marta = lead()
    say("not_a_fit", marta, reason=str(make("fit_reason", name="No budget").pk))
    assert whose() == {}
    captured(marta)
    assert whose() == {"Marta Kowalczyk": "Ines Okafor"}


def test_a_deal_with_them_is_a_verdict_and_its_undoing_takes_that_back():
    marta = lead()
    made = deal(actor("ines"), contact=marta)
    assert whose() == {}
    actions.archive(registry["deal"], made, by=actor("ines"))
    marta.refresh_from_db()
    assert whose() == {"Marta Kowalczyk": "Ines Okafor"}


def test_who_is_archived_waits_no_more_and_who_is_restored_does():
    marta = lead()
    actions.archive(registry["person"], marta, by=actor("ines"))
    assert whose() == {}
    actions.restore(registry["person"], marta, by=actor("ines"))
    assert whose() == {"Marta Kowalczyk": "Ines Okafor"}


def test_two_leads_who_are_one_person_wait_once_and_twice_when_they_are_taken_apart():
    marta, again = lead(), captured(person("M. Kowalczyk"))
    _kept, op = merge(registry["person"], marta, [again], by=actor("ines"))
    assert whose() == {"Marta Kowalczyk": "Ines Okafor"}
    undo(op, by=actor("ines"))
    assert sorted(whose()) == ["M. Kowalczyk", "Marta Kowalczyk"]


def test_an_escalated_lead_stays_on_top_as_late():
    lead(answer_within="1 hour", when_late="escalate", escalate_to=user("helena"))
    later = timezone.now() + dt.timedelta(days=7)
    assert sweep(later) == 1
    assert Waiting.objects.get().due_at == later


def test_nobody_learns_of_leads_beyond_their_reach():
    lead()
    policy("member", "person", see="own")
    assert not waiting(actor("jonas")).exists()
    assert waiting(actor("ines")).exists()
