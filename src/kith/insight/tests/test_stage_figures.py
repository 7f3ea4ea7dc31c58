"""How far deals come and how long they stand where: generated stories, told through actions, against plain Python."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.deals.actions import lose, move_to_stage, reopen, win
from kith.deals.models import Deal
from kith.deals.tests.cast import deal, reason, stage
from kith.insight.period import read_period
from kith.insight.reports import Ask, make
from kith.insight.standing import beginning_of
from kith.insight.tests.stories import HOUR, LINE, Tale, snapshot_figures, stage_figures
from kith.kernel.lookups.look import look_at
from kith.kernel.records.action import perform
from kith.kernel.records.actions import archive, restore
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
NOW = BEGIN + dt.timedelta(days=400)
STEPS = st.lists(
    st.tuples(st.sampled_from(["move", "undone", "win", "lose", "reopen"]), st.integers(0, 4), st.integers(1, 900)),
    max_size=5,
)  # fmt: skip
PAST = st.none() | st.tuples(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 40)), min_size=1, max_size=4),
    st.sampled_from(["open", "won", "lost"]),
)
PLOTS = st.lists(st.tuples(PAST, STEPS, st.sampled_from(["", "", "", "archived", "restored", "merged"])), min_size=1, max_size=4)  # fmt: skip


@pytest.fixture(autouse=True)
def line():
    """The pipeline as it comes, none of its stages asking for anything."""
    for name in LINE:
        stage(name)


def begun(past, n):
    """(deal, its tale): made now, or brought along from elsewhere with its stages and dates."""
    now = timezone.now()
    if past is None:
        return deal(actor("ines"), name=f"Deal {n}"), Tale(timezone.localdate(), [(now, LINE[0])])
    stops, status = past
    at, moves = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC), []
    for place, days in stops:
        moves.append((at, LINE[place]))
        at += dt.timedelta(days=days)
    more = {"status": status, "closed_on": at.date()} if status != "open" else {}
    history = [(stage(name), when) for when, name in moves]
    made = deal(actor("ines", "import"), name=f"Deal {n}", history=history, opened_on=moves[0][0].date(), **more)
    tale = Tale(moves[0][0].date(), moves, status)
    if status != "open":
        tale.moves.append((dt.datetime.combine(at.date(), dt.time(12), dt.UTC), ""))
    return made, tale


def step(made, tale, what, place, ines):
    """One thing done to a deal, if it can be done as the deal stands."""
    now, name = timezone.now(), LINE[place]
    if what in ("move", "undone") and tale.status == "open" and tale.stands != name:
        outcome = perform(move_to_stage, made, {"stage": str(stage(name).pk)}, by=ines)
        if what == "undone":
            undo(outcome.operation, by=ines)
        else:
            tale.moves.append((now, name))
    elif what == "win" and tale.status == "open":
        win(made, reason=reason("Speed", "won"), by=ines)
        tale.moves.append((now, ""))
        tale.status = "won"
    elif what == "lose" and tale.status == "open":
        lose(made, reason=reason("Price"), by=ines)
        tale.moves.append((now, ""))
        tale.status = "lost"
    elif what == "reopen" and tale.status != "open":
        reopen(made, by=ines)
        tale.moves.append((now, tale.stands))
        tale.status = "open"


def told(plots):
    """All stories, hour by hour, each deal made and moved when its story says."""
    ines, tales, last = actor("astrid"), [], None
    for n, (past, steps, end) in enumerate(plots):
        clock = BEGIN + n * HOUR
        with time_machine.travel(clock, tick=False):
            made, tale = begun(past, n)
        for what, place, hours in steps:
            clock += hours * HOUR
            with time_machine.travel(min(clock, NOW), tick=False):
                made = Deal.objects.get(pk=made.pk)
                step(made, tale, what, place, ines)
        made = Deal.objects.get(pk=made.pk)
        with time_machine.travel(NOW, tick=False):
            if end == "merged" and last is not None:
                merge(registry["deal"], last, [made], by=ines)
            elif end in ("archived", "restored"):
                archive(registry["deal"], made, by=ines)
                if end == "restored":
                    restore(registry["deal"], Deal.objects.get(pk=made.pk), by=ines)
        tale.gone = end == "archived" or (end == "merged" and last is not None)
        tales.append(tale)
        last = last if tale.gone else Deal.objects.get(pk=made.pk)
    return tales


def found(word="all", by="astrid"):
    out = make("deals", actor(by), Ask(read_period({"period": word}), by=()))
    return {r.stage.name: r.figures for r in out.stages if r.stage.name in LINE}


def then(first, last):
    out = make("deals", actor("astrid"), Ask(read_period({"from": first, "to": last}), by=()))
    return {r.stage.name: r.figures for r in out.snapshot.rows if r.stage.name in LINE}


def values(figures, keys):
    return {key: figures[key].value for key in keys}


@given(plots=PLOTS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happened_to_deals_the_report_tells_the_same_as_their_stories(plots):
    sid = transaction.savepoint()
    try:
        tales = told(plots)
        with time_machine.travel(NOW, tick=False):
            everywhere = {name: f["open_now"] for name, f in stage_figures(tales).items()}
            for word, mine in (("all", tales), ("2026", [t for t in tales if t.opened.year == 2026])):
                wanted = stage_figures(mine)
                check(found(word), {name: {**f, "open_now": everywhere[name]} for name, f in wanted.items()})
            for first, last in (
                ("2024-03-05", "2024-03-31"),
                ("2026-01-06", "2026-01-20"),
                ("2026-01-10", "2027-12-31"),
            ):
                ends = [
                    beginning_of(dt.date.fromisoformat(first)),
                    beginning_of(dt.date.fromisoformat(last) + dt.timedelta(1)),
                ]
                check(then(first, last), snapshot_figures(tales, *ends))
    finally:
        transaction.savepoint_rollback(sid)


def check(got, wanted):
    shown = [name for name in LINE if name in got]
    for name in LINE:
        if name not in got:
            assert not any(wanted[name].values()), name
    for name in shown:
        assert values(got[name], wanted[name]) == {
            k: pytest.approx(v, rel=1e-6) if isinstance(v, float) else v for k, v in wanted[name].items()
        }, name
        for key, figure in got[name].items():
            look = look_at(registry["deal"], actor("astrid"), dict(parse_qsl(urlsplit(figure.rows).query)))
            assert look.sound, figure.rows
            assert look.matched.count() == figure.count, (name, key, figure.rows)


def test_a_deal_that_went_back_has_been_where_it_was_and_both_stays_count():
    with time_machine.travel(BEGIN, tick=False) as clock:
        ines = actor("ines")
        made = deal(ines)
        for name, days in (("Proposal", 4), ("Discovery", 10), ("Proposal", 2)):
            clock.shift(dt.timedelta(days=days))
            made = move_to_stage(made, stage=stage(name), by=ines)
        clock.shift(dt.timedelta(days=6))
        lose(made, reason=reason("Price"), by=ines)
        got = found()
    assert values(got["Discovery"], ("reached", "went_on", "stage_median")) == {
        "reached": 1,
        "went_on": 1,
        "stage_median": 3,
    }
    assert values(got["Proposal"], ("reached", "lost_here", "stage_median")) == {
        "reached": 1,
        "lost_here": 1,
        "stage_median": 8,
    }
    assert got["Negotiation"]["reached"].value == 0


def test_conversion_counts_how_far_deals_came_and_time_is_the_median_of_finished_stays():
    ines = actor("ines", "import")

    def history(*days):
        return [(stage(s), dt.date(2024, 1, d)) for s, d in zip(LINE, days, strict=False)]

    deal(ines, name="A", history=history(1, 5, 9), status="won", closed_on=dt.date(2024, 1, 20))
    deal(ines, name="B", history=history(1, 11), status="lost", closed_on=dt.date(2024, 1, 12))
    deal(ines, name="C", history=history(1), status="lost", closed_on=dt.date(2024, 1, 3))
    deal(ines, name="D", history=history(1, 7))
    keys = ("reached", "went_on", "stage_median")
    assert {name: tuple(values(figures, keys).values()) for name, figures in found().items()} == {
        "Discovery": (4, 3, 5),
        "Site survey": (3, 1, 2.5),
        "Proposal": (1, 1, 11),
        "Negotiation": (1, 1, None),
        "Verbal yes": (1, 1, None),
    }


def test_stages_of_deals_out_of_reach_are_not_counted():
    from tests.cast import policy

    jonas, ines = actor("jonas"), actor("ines")
    deal(ines, name="Hers")
    lose(deal(jonas, name="His", stage="Proposal"), reason=reason("Price"), by=jonas)
    policy("member", "deal", see="own", edit="own")
    assert found(by="jonas")["Proposal"]["lost_here"].value == 1
    assert found(by="ines")["Discovery"]["still_here"].value == 1
    assert found(by="ines").get("Proposal") is None or found(by="ines")["Proposal"]["reached"].value == 0


def test_the_snapshot_says_who_stood_where_and_what_had_become_of_them_and_each_figure_opens_as_many():
    ines = actor("ines")
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False):
        on, still, back, won, lost = (
            deal(ines, name=name, stage="Proposal") for name in ("on", "still", "back", "won", "lost")
        )
    with time_machine.travel("2026-04-08T09:00:00Z", tick=False):
        deal(ines, name="came within the quarter", stage="Proposal")
        move_to_stage(on, stage=stage("Negotiation"), by=ines)
        move_to_stage(back, stage=stage("Discovery"), by=ines)
        win(won, reason=reason("Speed", "won"), by=ines)
        lose(lost, reason=reason("Price"), by=ines)
    with time_machine.travel("2026-08-03T09:00:00Z", tick=False):
        move_to_stage(still, stage=stage("Negotiation"), by=ines)  # after the quarter
        got = then("2026-04-01", "2026-06-30")
        check({"Proposal": got["Proposal"]}, {**dict.fromkeys(LINE, {}), "Proposal": {
            "stood": 5, "moved_on": 2, "moved_share": 0.4, "lost_since": 1, "went_back": 1, "stood_still": 1, "opened_again": 0,
        }})  # fmt: skip
        assert got["Negotiation"]["stood"].value == 0


def test_a_report_of_all_time_has_no_moment_to_stand_at_and_says_so_by_having_no_snapshot():
    deal(actor("ines"))
    assert make("deals", actor("astrid"), Ask(read_period({"period": "all"}), by=())).snapshot is None


def test_lists_filter_by_where_deals_stood_in_words_and_refuse_nonsense():
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False):
        deal(actor("ines"), name="There", stage="Proposal")
    with time_machine.travel("2026-05-04T09:00:00Z", tick=False):
        look = look_at(registry["deal"], actor("ines"), {"filter": "stood_in.is:Proposal@2026-04-01"})
        assert look.sound and [row.name for row in look.matched] == ["There"]
        look = look_at(registry["deal"], actor("ines"), {"filter": "stood_in.is:any@2026-03-01"})
        assert look.sound and not look.matched.count()
        assert not look_at(registry["deal"], actor("ines"), {"filter": "stood_in.is:Proposal"}).sound
