import datetime as dt

import pytest
from django.utils import timezone

from kith.deals.models import Deal, Status
from kith.deals.queries import stage_intervals
from kith.deals.tests.cast import company, deal, deals, reason, stage
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records import actions
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import operation, undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor

pytestmark = pytest.mark.django_db


def test_a_new_deal_stands_in_the_first_stage_belongs_to_its_maker_and_is_opened_today():
    ines = actor("ines")
    made = deal(ines, amount=96_000, company=company(ines))
    assert (made.stage.name, made.pipeline.name, made.status) == ("Discovery", "Sales", "open")
    assert (made.owner_id, made.currency, made.opened_on) == (ines.user_id, "EUR", timezone.localdate())
    entries, _more = timeline(ines, "deal", made.pk)
    assert entries[0].sentence == "opened this deal in Discovery"
    on_company, _more = timeline(ines, "company", made.company_id)
    assert on_company[0].sentence == "opened this deal in Discovery"


def test_a_stage_given_at_creation_brings_its_pipeline():
    made = deal(actor("ines"), stage="Proposal")
    assert (made.stage.name, made.pipeline.name) == ("Proposal", "Sales")


def test_an_open_deal_that_starts_late_needs_what_the_stages_before_ask_for():
    ines = actor("ines")
    stage("Discovery", required=["amount"])
    with pytest.raises(InvalidMany) as refused:
        deal(ines, stage="Proposal")
    assert list(refused.value.errors) == ["amount"]
    assert not Deal.objects.exists()
    assert deal(ines, stage="Proposal", amount=5).stage.name == "Proposal"
    assert deal(ines, name="Lost long ago", status=Status.LOST, reason=reason("Price")).amount is None


def test_a_deal_that_arrives_closed_from_a_form_says_why():
    with pytest.raises(InvalidMany) as refused:
        deal(actor("ines"), status="won")
    assert list(refused.value.errors) == ["reason"]


def test_an_imported_deal_counts_on_its_own_days():
    ines = actor("ines", "import")
    won = deal(
        ines,
        name="GTX Pro for Isdom",
        status="won",
        opened_on=dt.date(2016, 10, 25),
        closed_on=dt.date(2017, 3, 11),
        amount=4514,
    )
    opened, closed = Event.objects.filter(record="deal").order_by("at")
    assert (opened.verb, opened.at.date()) == ("deal.created", dt.date(2016, 10, 25))
    assert (closed.verb, closed.at.date()) == ("deal.won", dt.date(2017, 3, 11))
    assert opened.recorded_at.date() == timezone.now().date()
    assert won.stage_since.date() == dt.date(2016, 10, 25)


def test_an_import_does_not_guess_when_an_old_deal_was_opened():
    assert deal(actor("ines", "import")).opened_on is None


def test_a_history_of_stages_becomes_time_in_stages():
    ines = actor("ines", "import")
    moments = [dt.datetime(2024, 1, d, 9, tzinfo=dt.UTC) for d in (3, 10, 24)]
    history = list(zip([stage("Discovery"), stage("Site survey"), stage("Proposal")], moments, strict=True))
    made = deal(ines, history=history, status="lost", closed_on=dt.date(2024, 2, 1))
    stays = stage_intervals([made.pk])
    assert [s.stage.name for s in stays] == ["Discovery", "Site survey", "Proposal"]
    assert [round(s.days) for s in stays] == [7, 14, 8]
    assert made.stage.name == "Proposal"


def test_a_history_that_ends_elsewhere_or_runs_backwards_is_refused():
    ines = actor("ines", "import")
    early, late = dt.date(2024, 1, 3), dt.date(2024, 1, 10)
    with pytest.raises(Invalid, match="ends in Site survey"):
        deal(ines, history=[(stage("Discovery"), early), (stage("Site survey"), late)], stage="Proposal")
    with pytest.raises(Invalid, match="order of time"):
        deal(ines, history=[(stage("Discovery"), late), (stage("Site survey"), early)])


def test_a_deal_cannot_close_before_it_opens():
    with pytest.raises(Invalid, match="before it was opened"):
        deal(actor("ines", "import"), status="won", opened_on=dt.date(2024, 5, 2), closed_on=dt.date(2024, 5, 1))


def test_an_open_deal_has_no_day_it_closed():
    with pytest.raises(Invalid, match="neither a reason nor a day"):
        deal(actor("ines"), closed_on=dt.date(2024, 5, 1))


def test_undoing_a_creation_puts_the_deal_away():
    ines = actor("ines")
    with operation("deal.create", "Added", by=ines, record="deal") as (op, by):
        made = deal(by)
    undo(Operation.objects.get(pk=op.pk), by=ines)
    made.refresh_from_db()
    assert made.archived_at is not None


def test_without_any_pipeline_the_refusal_says_where_to_make_one():
    with pytest.raises(Invalid, match="Settings, Pipelines"):
        actions.create(deals, {"name": "Too early"}, by=actor("ines"))
