"""Promises: made with evidence, settled with a reason, counted by who made them, and never lost."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.conversion.keeping import Keeping, keeping
from kith.conversion.models import Promise
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def marta(ines):
    company = actions.create(registry["company"], {"name": "Hotel Bellevue"}, by=ines)
    return actions.create(registry["person"], {"given_name": "Marta", "company": company}, by=ines)


def promise(row, by, words="A Polish manual", **raw):
    return perform(ACTIONS["promise.make"], row, {"body": words, **raw}, by=by).result


def do(verb, row, by, **raw):
    outcome = perform(ACTIONS[f"promise.{verb}"], row, raw, by=by)
    row.refresh_from_db()
    return outcome.operation


def names(look, by):
    record = registry["promise"]
    return {p.wording for p in compile_tree(record, parse(look), by).apply(record.rows(by))}


def test_a_promise_from_a_call_keeps_the_words_and_leads_to_them(ines, marta):
    said = "We will have the Polish manual by March, promised."
    perform(ACTIONS["activity.log_call"], marta, {"body": said}, by=ines)
    [entry] = [e for e in timeline(ines, "person", marta.pk)[0] if e.event.verb == "activity.called"]
    [link] = [one for one in entry.body.links if "promise" in one.href]
    assert str(entry.event.pk) in link.href
    made = promise(marta, ines, quote="the Polish manual by March", source=str(entry.event.pk), due_on="2027-03-01")
    assert (made.evidence, made.source, made.quote) == ("call", entry.event.pk, "the Polish manual by March")
    assert made.company == marta.company
    assert made.owner == user("ines")
    for record, pk in (("person", marta.pk), ("company", marta.company_id)):
        assert any(e.event.verb == "promise.created" for e in timeline(ines, record, pk)[0])


def test_words_from_another_story_are_no_evidence(ines, marta):
    other = actions.create(registry["person"], {"given_name": "Oliver"}, by=ines)
    event = Event.objects.get(record="person", record_id=other.pk)
    for source in (str(event.pk), "nonsense"):
        with pytest.raises(Invalid, match="not on this story"):
            promise(marta, ines, source=source)


def test_breaking_and_waiving_say_why_and_what_is_settled_is_opened_again_first(ines, marta):
    made = promise(marta, ines)
    with pytest.raises(NeedsInput):
        do("break", made, ines)
    do("break", made, ines, reason="The translator fell ill")
    assert (made.state, made.reason, made.settled_on) == ("broken", "The translator fell ill", TODAY())
    with pytest.raises(Invalid, match="open it again first"):
        ACTIONS["promise.keep"].run(made, by=ines)
    do("reopen", made, ines)
    assert (made.state, made.settled_on) == ("open", None)
    taken = do("waive", made, ines, reason="They learned English")
    undo(taken, by=ines)
    made.refresh_from_db()
    assert made.state == "open"


def test_late_promises_are_found(ines, marta):
    promise(marta, ines, "Yesterday", due_on=str(TODAY() - dt.timedelta(days=1)))
    promise(marta, ines, "Today", due_on=str(TODAY()))
    promise(marta, ines, "Some day")
    assert names("late.is:1", ines) == {"Yesterday"}


def test_the_issue_tracker_says_how_far_it_is_and_shows_everybody_who_waits(ines, marta):
    issue = "https://issues.tidewell.example/77"
    first = promise(marta, ines, "Frost mode")
    do("delivery", first, ines, status="planned", issue_url=issue)
    do("delivery", promise(marta.company, ines, "Frost mode for all"), ines, status="planned", issue_url=issue)
    promise(marta, ines, "Another thing")
    do("delivery", first, ines, status="doing", issue_title="Frost mode", note="in version 4")
    assert (first.delivery, first.issue_title, first.state) == ("doing", "Frost mode", "open")
    assert names("issue_url.is:https://issues.tidewell.example/77", ines) == {"Frost mode", "Frost mode for all"}


def test_a_promise_on_a_deal_is_made_to_its_customer_by_its_owner_for_its_product(ines, marta):
    from kith.deals.actions import install_defaults

    install_defaults(system())
    drop = actions.create(registry["product"], {"name": "Drop", "price": Decimal(49)}, by=system("cli"))
    values = {
        "name": "Main building",
        "company": marta.company,
        "contact": marta,
        "product": drop,
        "owner": user("jonas"),
    }
    deal = actions.create(registry["deal"], values, by=ines)
    made = promise(deal, ines)
    assert (made.person, made.company, made.product, made.owner) == (marta, marta.company, drop, user("jonas"))


def test_the_broken_rate_is_of_what_is_settled_and_adds_up(ines, marta):
    for n in range(10):
        made = promise(marta, ines, f"Promise {n}", owner=str(user("jonas" if n < 4 else "ines").pk))
        if n in (0, 1, 2, 5):
            do("break", made, ines, reason="Too late")
        elif n in (3, 6, 7, 8):
            do("keep", made, ines)
    found = {one.name: one for one in keeping(ines, "owner")}
    assert found["Jonas Lindqvist"].rate == 0.75
    assert found["Ines Okafor"].rate == 0.25
    assert found["Ines Okafor"].open == 2
    assert [one.name for one in keeping(ines, "owner")][0] == "Jonas Lindqvist"


def test_the_range_of_a_rate_is_wilsons():
    def told(broken, settled):
        return Keeping(None, "Ines", 0, 0, settled - broken, broken, 0).range

    assert told(0, 0) is None
    low, high = told(3, 10)
    assert (round(low, 4), round(high, 4)) == (0.1078, 0.6032)
    assert told(0, 5)[0] == 0.0


def test_pages_show_promises_where_they_are_looked_for(ines, marta, client):
    promise(marta, ines, due_on=str(TODAY() - dt.timedelta(days=3)))
    client.force_login(user("ines"))
    panel = client.get(f"/people/{marta.pk}/panel/promises", HTTP_HX_REQUEST="true").content.decode()
    assert "A Polish manual" in panel
    assert "late since" in panel
    page = client.get("/promises/kept/?by=owner").content.decode()
    assert "Ines Okafor" in page


def test_a_ticket_shows_what_was_promised_to_its_customer(ines, marta, client):
    promise(marta, ines)
    ticket = actions.create(
        registry["ticket"], {"subject": "Alarm at night", "person": marta, "company": marta.company}, by=ines
    )
    client.force_login(user("ines"))
    panel = client.get(f"/tickets/{ticket.pk}/panel/promises", HTTP_HX_REQUEST="true").content.decode()
    assert "A Polish manual" in panel
    made = promise(ticket, ines, "Somebody calls back tonight")
    assert (made.person, made.company) == (marta, marta.company)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["promise", "merge", "merge_companies", "owner", "import", "erase", "settle", "undo"]),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=14,
)


@given(STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_promise_is_lost_by_merge_owner_change_import_or_erasure(db, steps):
    """Whatever happens to customers and colleagues, every promise that was made is there, with its words and its state, and
    belongs to a customer for as long as one of its customers exists."""
    from django.db import transaction

    with transaction.atomic():
        try:
            _live(steps)
        finally:
            transaction.set_rollback(True)


def _live(steps):
    by = actor("helena")
    for n in range(3):
        house = actions.create(registry["company"], {"name": f"House {n}"}, by=by)
        actions.create(registry["person"], {"given_name": f"Guest {n}", "company": house}, by=by)
    made: dict[int, str] = {}
    last = None
    for n, (step, which) in enumerate(steps):
        living = _there("person")
        someone = living[which % len(living)] if living else None
        if step == "promise" and someone is not None:
            row = promise(someone, by, f"Promise {n}")
            made[row.pk] = row.wording
        elif step == "merge" and len(living) > 1:
            keep = living[(which + 1) % len(living)]
            _row, last = merge(registry["person"], keep, [someone], by=by)
        elif step == "merge_companies" and len(houses := _there("company")) > 1:
            some, keep = houses[which % len(houses)], houses[(which + 1) % len(houses)]
            _row, last = merge(registry["company"], keep, [some], by=by)
        elif step == "owner" and someone is not None:
            actions.edit(registry["person"], someone, {"owner": user(("ines", "jonas")[which % 2])}, by=by)
            for row in Promise.objects.filter(person=someone):
                actions.edit(registry["promise"], row, {"owner": user("priya")}, by=by)
        elif step == "import" and someone is not None:
            values = {"wording": f"Imported {n}", "person": someone, "state": "kept"}
            [row] = bulk_create(registry["promise"], [New(values)], by=by.via("import"), refused=lambda k, e: None)
            made[row.pk] = row.wording
        elif step == "erase" and someone is not None:
            registry["person"].model.objects.filter(pk=someone.pk).delete()
        elif step == "settle" and made:
            row = Promise.objects.get(pk=sorted(made)[which % len(made)])
            if row.state == "open":
                do("keep", row, by)
        elif step == "undo" and last is not None:
            undo(last, by=by)
            last = None
    kept = dict(Promise.objects.filter(archived_at=None).values_list("pk", "wording"))
    assert kept == made
    for name in ("person", "company"):  # none hangs on somebody who was merged away
        gone = set(registry[name].model.objects.filter(archived_at__isnull=False).values_list("pk", flat=True))
        assert not Promise.objects.filter(**{f"{name}__in": gone}).exists()


def _there(name):
    return list(registry[name].model.objects.filter(archived_at=None).order_by("pk"))
