"""The maintained sums say what a scan of all walks says, after whatever happened."""

import datetime as dt
import random
import threading
import time

import pytest
from django.db import connection, transaction

from kith.kernel.access.actor import system
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Condition, Group, parse, to_text
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.process.evidence.conformance import judge
from kith.process.evidence.counting import as_of, rebuild, refresh, touch
from kith.process.evidence.finding import Went
from kith.process.evidence.flow import TIME, WORK, Cell, cells, tally
from kith.process.evidence.models import Counted, Passage, Touched, Trail
from kith.process.evidence.reading import counted, paths_taken, scanned
from kith.process.evidence.tests.lives import held, some_walks, stays_of, stored
from kith.process.evidence.tests.stories import NOW, START
from kith.process.evidence.variants import path_of, paths
from kith.process.evidence.walks import Step, Walk
from kith.process.models import Journey, Stay
from kith.process.tests.cast import call, company, in_force, journey_of
from tests.cast import actor

pytestmark = pytest.mark.django_db
COUNTING = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '%pg_advisory_xact_lock%'"


def put(pk, one):
    Stay.objects.filter(journey=pk).delete()
    Stay.objects.bulk_create(stays_of(pk, one))
    last = one.steps[-1]
    Journey.objects.filter(pk=pk).update(
        stage=last.stage,
        closed_at=one.closed,
        outcome=one.outcome,
        segment=one.segment,
        held_to=last.version,
        came_over=one.came_over,
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_sums_are_those_of_a_scan_of_all_walks(process, seed):
    walks = some_walks(seed, 60)
    stored(process, walks)
    rebuild(NOW)
    assert counted(process.pk) == tally(held(process), walks, NOW)


def test_single_journeys_are_true_of_what_the_sums_say(process):
    walks = some_walks(9, 80)
    ids = stored(process, walks)
    rebuild(NOW)
    by_journey = {pk: {} for pk in ids}
    for row in Passage.objects.all():
        by_journey[row.journey_id][row.stage] = row
    for pk, one in zip(ids, walks, strict=True):
        true = {cell for _at, cell in cells(held(process), one, NOW)}
        for stage, row in by_journey[pk].items():
            for what in ("on", "left", "here", "due", "late"):
                assert getattr(row, what) == any(c.what == what and c.stage == stage for c in true), (what, one)
            assert {f"{c.to}:{c.kind}" for c in true if c.what == "move" and c.stage == stage} == set(row.went)


def test_paths_and_skipped_stages_are_those_of_the_single_judgement(process):
    walks = some_walks(10, 120)
    ids = stored(process, walks)
    rebuild(NOW)
    trails = {t.journey_id: t for t in Trail.objects.all()}
    for pk, one in zip(ids, walks, strict=True):
        assert tuple(trails[pk].path) == path_of(one)
        assert set(trails[pk].skipped) == set(judge(held(process), one, NOW).skipped)
    assert any(t.skipped for t in trails.values())


def test_what_changed_is_added_and_nothing_else_is_looked_at(process):
    walks, later = some_walks(1, 50), some_walks(77, 50)
    ids = stored(process, walks)
    rebuild(NOW)
    changed = random.Random(5).sample(range(min(len(walks), len(later))), 15)
    for n in changed:
        put(ids[n], later[n])
    touch([ids[n] for n in changed])
    assert refresh(NOW) == 15
    now_true = [later[n] if n in changed else one for n, one in enumerate(walks)]
    assert counted(process.pk) == tally(held(process), now_true, NOW)
    assert refresh(NOW) == 0, "twice changes nothing"
    assert counted(process.pk) == tally(held(process), now_true, NOW)


def test_archived_journeys_are_not_counted(process):
    walks = some_walks(2, 12)
    ids = stored(process, walks)
    rebuild(NOW)
    Journey.objects.filter(pk=ids[0]).update(archived_at=NOW)
    touch([ids[0]])
    refresh(NOW)
    assert counted(process.pk) == tally(held(process), walks[1:], NOW)
    assert not Passage.objects.filter(journey=ids[0]).exists()


def test_periods_count_the_days_between_both_ends_included(process):
    walks = some_walks(3, 80)
    stored(process, walks)
    rebuild(NOW)
    rng = random.Random(4)
    for _ in range(25):
        since = START.date() + dt.timedelta(rng.randrange(-20, 330))
        until = since + dt.timedelta(rng.choice((0, 3, 27, 31, 90, 365)))
        begin = dt.datetime.combine(since, dt.time(), dt.UTC)
        end = dt.datetime.combine(until, dt.time(), dt.UTC) + dt.timedelta(1)
        assert counted(process.pk, since, until) == tally(held(process), walks, NOW, begin, end), (since, until)
        assert counted(process.pk, since) == tally(held(process), walks, NOW, begin)
        assert counted(process.pk, None, until) == tally(held(process), walks, NOW, until=end)


def test_segments_count_alone(process):
    walks = some_walks(3, 60)
    stored(process, walks)
    rebuild(NOW)
    retail = [one for one in walks if one.segment == "retail"]
    assert counted(process.pk, segments=["retail"]) == tally(held(process), retail, NOW)


def test_a_promise_breaks_by_itself_and_is_counted(process):
    [one] = [Walk(1, "", (Step("capture", START, None, START + dt.timedelta(hours=1), 1),), START)]
    stored(process, [one])
    rebuild(START)
    assert not any(cell.what == "late" for cell in counted(process.pk))
    assert refresh(NOW) == 1
    assert counted(process.pk) == tally(held(process), [one], NOW)
    assert refresh(NOW) == 0


def test_an_organisation_without_journeys_has_no_figures(process):
    refresh(NOW)
    assert counted(process.pk) == {}
    assert as_of() == NOW
    assert not Touched.objects.exists() and not Counted.objects.exists()


def test_what_people_do_with_relationships_is_counted_by_the_next_run():
    by = actor("astrid")
    row = in_force(by=by)
    one, other = company(by), company(by, name="Café Florian")
    call(by, company=one)
    refresh()
    assert Passage.objects.filter(stage="capture").count() == 2
    assert counted(row.pk)[Cell("on", "capture")] == 1
    perform(ACTIONS["journey.close"], journey_of(other), {"outcome": "lost", "reason": "They chose another."}, by=by)
    refresh()
    found = counted(row.pk)
    assert (found[Cell("left", "capture")], found[Cell("here", "capture")], found[Cell("here", "qualify")]) == (1, 0, 1)


def test_counting_some_journeys_alone_is_a_scan_of_these(process):
    walks = some_walks(6, 60)
    ids = stored(process, walks)
    rebuild(NOW)
    assert scanned(process.pk, Journey.objects.all()) == counted(process.pk)
    some = Journey.objects.filter(pk__in=ids[::3])
    since, until = START.date() + dt.timedelta(40), START.date() + dt.timedelta(200)
    begin, end = (dt.datetime.combine(d, dt.time(), dt.UTC) for d in (since, until + dt.timedelta(1)))
    assert scanned(process.pk, some, since, until) == tally(held(process), walks[::3], NOW, begin, end)


def test_every_figure_opens_as_many_journeys_as_it_counts(process):
    walks = some_walks(6, 60)
    stored(process, walks)
    rebuild(NOW)
    since, until = START.date() + dt.timedelta(40), START.date() + dt.timedelta(250)
    found = counted(process.pk, since, until)
    rows = registry["journey"]
    for cell, n in found.items():
        if cell.what == "time":
            continue
        tree = Group(
            "all",
            (
                Condition("process", "is", (str(process.pk),)),
                Condition("went", "is", (Went(cell, since, until).text(),)),
            ),
        )
        asked = parse(to_text(tree))
        compiled = compile_tree(rows, asked, system())
        assert not compiled.broken
        assert compiled.apply(rows.rows(system())).count() == n, cell


def test_a_filter_that_is_no_figure_says_so():
    for text in ("nonsense/deal", "move/deal/onboard/sideways", "late/deal/tomorrow"):
        with pytest.raises(Invalid):
            Went.read(text)
    assert Went.read("qualify").cell == Cell("came", "qualify")


def test_paths_are_those_of_the_walks(process):
    walks = some_walks(6, 80)
    stored(process, walks)
    rebuild(NOW)
    found, total, different = paths_taken(process.pk, "deal", None, None, top=100)
    expected = paths(walks, "deal", NOW, most=1000)
    assert total == expected.total > 10
    assert different == len(expected.ways)
    assert {(p.path, p.count) for p in found} == {(v.path, v.taken.count) for v in expected.top(100)}
    first = found[0]
    link = Went(Cell("path", ">".join(first.path), "deal"))
    assert Journey.objects.filter(Went.read(link.text()).q("pk")).count() == first.count


def test_working_hours_are_counted_as_python_counts_them_and_again_when_they_change(process):
    walks = some_walks(8, 60)
    stored(process, walks)
    rebuild(NOW)
    by_hours = tally(held(process), walks, NOW, working=calendar_of())
    everybody = Journey.objects.filter(process=process)
    assert counted(process.pk, working=True) == by_hours == scanned(process.pk, everybody, working=True)
    assert {cell.what for cell in by_hours} >= {WORK, "came"} and TIME not in {cell.what for cell in by_hours}
    assert counted(process.pk) == tally(held(process), walks, NOW) == scanned(process.pk, everybody)
    assert counted(process.pk) != by_hours
    nights = create(
        registry["business_calendar"], {"name": "Night shift", "windows": {"mon": "22:00-24:00"}}, by=actor("astrid")
    )
    perform(ACTIONS["business_calendar.make_default"], nights, {}, by=actor("astrid"))
    bump()
    refresh(NOW)
    assert counted(process.pk, working=True) == tally(held(process), walks, NOW, working=calendar_of()) != by_hours


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_a_count_of_everything_does_not_count_everything_again():
    in_force()
    company(actor("astrid"))
    counted_again = []

    def wait_and_count():
        try:
            counted_again.append(refresh())
        finally:
            connection.close()

    other = threading.Thread(target=wait_and_count)
    with transaction.atomic():
        assert rebuild() == 1
        other.start()
        until = time.monotonic() + 10
        with connection.cursor() as cursor:
            while time.monotonic() < until and not cursor.execute(COUNTING).fetchone():
                time.sleep(0.02)
    other.join(20)
    assert counted_again == [0]
