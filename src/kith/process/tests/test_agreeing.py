"""A company and its people go one way: whatever is linked, merged, ended, brought back or undone, in whatever order."""

from __future__ import annotations

import random

import pytest

from kith.kernel.errors import KithError
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, create, edit, restore
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.process.models import RUNNING, Journey
from kith.process.tests.cast import call, company, in_force, journey_of, person
from tests.cast import actor

pytestmark = pytest.mark.django_db
PERSON, COMPANY = registry["person"], registry["company"]


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


def apart():
    """Journeys of people who belong to a company that is there."""
    return Journey.objects.filter(RUNNING, person__company__archived_at=None, person__company__isnull=False)


def link(row, firm, by):
    return edit(PERSON, row, {"company": firm}, by=by)


def test_a_person_alone_who_is_merged_into_a_company_by_keeping_them_goes_its_way(ines):
    bellevue = company(ines)
    marta, double = person(ines), person(ines, "Martha", company=bellevue)
    assert journey_of(marta).person_id == marta.pk
    merge(PERSON, marta, [double], by=actor("astrid"))
    assert not apart().exists() and Journey.objects.filter(RUNNING).get().company_id == bellevue.pk


def test_taking_such_a_merge_back_gives_each_their_own_again(ines):
    bellevue = company(ines)
    marta, double = person(ines), person(ines, "Martha", company=bellevue)
    own = journey_of(marta)
    _kept, op = merge(PERSON, marta, [double], by=actor("astrid"))
    undo(op, by=actor("astrid"))
    assert journey_of(marta) == own and journey_of(bellevue).company_id == bellevue.pk


def test_a_person_who_is_brought_back_into_a_company_that_goes_its_way_has_none_of_their_own(ines):
    bellevue, marta = company(ines), person(ines)
    archive(PERSON, marta, by=actor("astrid"))
    type(marta).objects.filter(pk=marta.pk).update(company=bellevue)
    marta.refresh_from_db()
    restore(PERSON, marta, by=actor("astrid"))
    assert not apart().exists()


def test_who_was_linked_to_a_company_that_was_away_goes_its_way_when_it_comes_back(ines):
    bellevue, marta = company(ines), person(ines)
    archive(COMPANY, bellevue, by=actor("astrid"))
    type(marta).objects.filter(pk=marta.pk).update(company=bellevue)
    assert journey_of(marta).person_id == marta.pk
    bellevue.refresh_from_db()
    restore(COMPANY, bellevue, by=actor("astrid"))
    assert not apart().exists() and journey_of(bellevue).company_id == bellevue.pk


def test_a_journey_of_their_own_is_not_taken_up_again_by_somebody_at_a_company(ines):
    marta = person(ines)
    own = journey_of(marta)
    perform(ACTIONS["journey.close"], own, {"outcome": "lost", "reason": "No answer"}, by=ines)
    bellevue = company(ines)
    perform(ACTIONS["journey.close"], journey_of(bellevue), {"outcome": "lost", "reason": "No answer"}, by=ines)
    link(marta, bellevue, ines)
    perform(ACTIONS["journey.close"], journey_of(bellevue), {"outcome": "lost", "reason": "No answer"}, by=ines)
    own.refresh_from_db()
    with pytest.raises(KithError, match="belongs to a company"):
        perform(ACTIONS["journey.reopen"], own, {}, by=ines)


def test_undoing_that_somebody_left_a_company_lets_them_go_its_way_again(ines):
    bellevue = company(ines)
    marta = person(ines, company=bellevue)
    link(marta, None, ines)
    left = Operation.objects.order_by("pk").last()
    call(ines, person=marta)
    if left is not None:
        undo(left, by=ines)
        assert not apart().exists()


def test_undoing_a_link_that_was_changed_since_leaves_nobody_apart(ines):
    bellevue, clinic, marta = company(ines), company(ines, "Clinic"), person(ines)
    link(marta, bellevue, ines)
    linked = Operation.objects.order_by("pk").last()
    marta.refresh_from_db()
    link(marta, clinic, ines)
    undo(linked, by=ines)
    assert not apart().exists()


class Days:
    """People and companies to whom anything happens, drawn from a seed; `log` says what, in order."""

    def __init__(self, seed):
        self.dice, self.by, self.log = random.Random(seed), actor("astrid"), []
        self.begun = Operation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.verbs = [name for name in sorted(dir(self)) if name.startswith("do_")]

    def any(self, record, away=False):
        rows = registry[record].model.objects.filter(archived_at__isnull=not away).order_by("pk")
        return rows[self.dice.randrange(rows.count())] if rows.exists() else None

    def journey(self, **where):
        rows = Journey.objects.filter(archived_at=None, **where).order_by("pk")
        return rows[self.dice.randrange(rows.count())] if rows.exists() else None

    def verb(self, name, journey, **raw):
        return journey and (raw, perform(ACTIONS[f"journey.{name}"], journey, raw, by=self.by).result)

    def step(self):
        verb = self.dice.choice(self.verbs)
        try:
            told = getattr(self, verb)()
        except KithError as refusal:
            told = f"refused: {refusal}"
        self.log.append(f"{verb[3:]}: {told}")

    def do_company(self):
        return create(COMPANY, {"name": f"Hotel {self.dice.randrange(10**6)}"}, by=self.by).pk

    def do_person(self):
        firm = self.dice.choice([None, None, self.any("company")])
        return create(PERSON, {"given_name": f"Marta {self.dice.randrange(10**6)}", "company": firm}, by=self.by).pk

    def do_link(self):
        row, firm = self.any("person"), self.any("company")
        return row and link(row, firm, self.by), firm

    do_link_again = do_link

    def do_unlink(self):
        row = self.any("person")
        return row and link(row, None, self.by)

    def do_merge(self):
        record = registry[self.dice.choice(["person", "person", "company"])]
        keep, other = self.any(record.name), self.any(record.name)
        return keep and merge(record, keep, [other], by=self.by)[0], other

    def do_call(self):
        row = self.any(self.dice.choice(["person", "company"]))
        return row and call(self.by, **{row._meta.model_name: row}).operation

    def do_move(self):
        stage = self.dice.choice(["capture", "qualify", "deal", "service"])
        return self.verb("move", self.journey(closed_at=None), stage=stage, reason="So it is")

    def do_close(self):
        return self.verb("close", self.journey(closed_at=None), outcome="lost", reason="No answer")

    def do_reopen(self):
        return self.verb("reopen", self.journey(closed_at__isnull=False))

    def do_come_back(self):
        return self.verb("come_back", self.journey(closed_at__isnull=False))

    def do_archive(self):
        record = registry[self.dice.choice(["person", "company"])]
        row = self.any(record.name)
        return row and archive(record, row, by=self.by)

    def do_restore(self):
        record = registry[self.dice.choice(["person", "company"])]
        row = self.any(record.name, away=True)
        return row and restore(record, row, by=self.by)

    do_restore_again = do_restore

    def do_undo(self):
        last = Operation.objects.filter(undone_at=None, pk__gt=self.begun).order_by("-pk")[:5]
        op = self.dice.choice(list(last)) if last else None
        return op and (op.label, undo(op, by=self.by).conflicts)

    def wrong(self):
        lost = Journey.objects.filter(RUNNING, company__archived_at__isnull=False)
        lost = lost | Journey.objects.filter(RUNNING, person__archived_at__isnull=False)
        return [f"{j.pk} of {j.name} apart" for j in apart()] + [f"{j.pk} of {j.name} away" for j in lost]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_nobody_at_a_company_goes_a_way_of_their_own(seed):
    in_force()
    days = Days(seed)
    for _n in range(5):
        days.do_company(), days.do_person()
    for _n in range(120):
        days.step()
        assert not days.wrong(), "\n".join([*days.log[-40:], *days.wrong()])
    assert Journey.objects.filter(RUNNING).count() > 2 and sum("refused" not in told for told in days.log) > 60
