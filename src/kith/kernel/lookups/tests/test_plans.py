"""What PostgreSQL does with our statements on a table large enough to matter: no walk through the whole of it."""

import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.finding import candidates, matching, tsquery
from kith.kernel.lookups.paging import _write, paginate, read_sort
from kith.kernel.lookups.tree import parse
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor

people, companies = registry["person"], registry["company"]
MANY = 60_000  # enough for the planner to fall into each of the traps that these tests guard against
FIRST = ["Anna", "Bruno", "Carla", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jakob"]
GIVEN = "(ARRAY['{}'])[1 + n % 10]".format("','".join(FIRST))
# What differs between the rows; everything else is copied from one person made by the action.
COLUMNS = {
    "given_name": GIVEN, "name": f"{GIVEN} || ' ' || n", "sort_name": f"lower({GIVEN}) || ' ' || n",
    "search": f"lower({GIVEN}) || ' ' || md5(n::text)", "updated_at": "now() - n * interval '1 minute'",
    "custom": "jsonb_build_object('size', n % 5000)", "job_title": "'Title ' || n % 1000",
}  # fmt: skip


@pytest.fixture(scope="module")
def many(django_db_setup, django_db_blocker):
    """Sixty thousand people, made once for this module in a transaction that is taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        ines = actor("ines")
        one = actions.create(people, actions.parse_values(people, {"given_name": "Zacharias"}, by=ines), by=ines)
        table = people.model._meta.db_table
        houses = [companies.model(name=f"House {n:03}") for n in range(300)]
        for house in houses:
            house.derive()
        first = min(h.pk for h in companies.model._default_manager.bulk_create(houses))
        names = [f.column for f in people.model._meta.concrete_fields if f.name not in ("id", "tsv")]
        made = {**COLUMNS, "company_id": f"{first} + n % 300"}
        chosen = ", ".join(made.get(name, f'"{name}"') for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {chosen} FROM {table}, generate_series(1, {MANY}) n WHERE id = {one.pk}"
            )
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [f"{table[9:]}_tsv"])  # as autovacuum will
            cursor.execute(f"ANALYZE {table}, {companies.model._meta.db_table}")
        yield ines
        transaction.set_rollback(True)


def rows_read(work):
    """(result, rows that PostgreSQL fetched or threw away) over all statements of `work()`."""
    with CaptureQueriesContext(connection) as captured:
        result = work()
    total = 0
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql']}")
            found = cursor.fetchone()[0]
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        total += _read(plan)
    return result, total


def _read(plan):
    own = 0
    if "Scan" in plan["Node Type"] and "Relation Name" in plan:
        removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        own = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return own + sum(_read(p) for p in plan.get("Plans", []))


def page(rows, sort="-updated_at", cursor=""):
    return paginate(rows, read_sort(people.columns(), sort), cursor, 50)


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["zacha", "0cc175b9c0f1b6", "anna zzzz", "nobodyiscalledthis"])
def test_rare_words_never_walk_the_table(many, words):
    rows = people.rows(many, archived=False)
    _found, read = rows_read(lambda: page(matching(rows, words, limit=100)).rows)
    assert read < 1000


@pytest.mark.django_db
def test_the_plain_form_would_walk_it_so_these_tests_can_fail(many):
    rows = people.rows(many, archived=False).filter(tsv=tsquery("zacha"))
    _found, read = rows_read(lambda: page(rows).rows)
    assert read > MANY / 2


@pytest.mark.django_db
def test_common_words_are_capped(many):
    rows = people.rows(many, archived=False)
    assert len(candidates(rows.filter(tsv=tsquery("anna")), 500)) == 500
    found, read = rows_read(lambda: page(matching(rows, "anna")).rows)
    assert len(found) == 50
    assert read < 3 * 2000


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["name", "-name", "-updated_at", "job_title", "owner", "-owner"])
def test_a_deep_page_reads_as_little_as_the_first(many, sort):
    rows = people.rows(many, archived=False)
    column = read_sort(people.columns(), sort)
    middle = rows.annotate(sort_value=column.column.sorting()).order_by(
        ("-" if column.descending else "") + "sort_value"
    )[MANY // 2]
    found, read = rows_read(lambda: page(rows, sort, _write(middle, column, False)).rows)
    assert len(found) == 50
    assert read < 200


def pages_touched(fn):
    """How many pages of 8 kB the statements of `fn` touch, those of indexes that give no row included."""
    with CaptureQueriesContext(connection) as captured:
        fn()
    total = 0
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query['sql']}")
            found = cursor.fetchone()[0]
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return total


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["name", "-name", "job_title", "-job_title", "-updated_at", "updated_at"])
def test_a_deep_page_enters_its_index_where_it_begins(many, sort):
    rows = people.rows(many, archived=False)
    column = read_sort(people.columns(), sort)
    order = rows.annotate(sort_value=column.column.sorting()).order_by(
        ("-" if column.descending else "") + "sort_value"
    )
    late = order[MANY * 4 // 5]
    first = pages_touched(lambda: page(rows, sort))
    assert pages_touched(lambda: page(rows, sort, _write(late, column, False))) < first + 100


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["company", "-company", "owner"])
def test_sorting_by_the_name_of_a_linked_row_walks_two_indexes_not_two_tables(many, sort):
    rows = people.rows(many, archived=False)
    found, read = rows_read(lambda: page(rows, sort))
    assert len(found.rows) == 50
    assert read < 1500
    further, read = rows_read(lambda: page(rows, sort, found.after))
    assert len(further.rows) == 50
    assert read < 1500


@pytest.mark.django_db
def test_equality_on_a_custom_field_uses_its_index(many):
    from kith.kernel.customfields.models import CustomField

    CustomField.objects.create(record="person", key="size", label="Size", kind="integer")
    bump()
    rows = compile_tree(people, parse("custom.size.is:77"), many).apply(people.rows(many, archived=False))
    found, read = rows_read(lambda: list(rows.order_by()))
    assert len(found) == MANY // 5000
    assert read < 100


@pytest.mark.django_db
def test_counting_stops_at_a_thousand(many):
    from kith.kernel.records.queries import capped_count

    found, read = rows_read(lambda: capped_count(people.rows(many, archived=False)))
    assert found == (1000, False)
    assert read <= 1001


@pytest.mark.django_db
def test_a_range_of_an_indexed_field_of_ones_own_reads_only_what_it_gives(many):
    from kith.kernel.customfields.models import CustomField

    CustomField.objects.create(record="person", key="size", label="Size", kind="integer", indexed=True)
    bump()
    with connection.cursor() as cursor:  # what the job does, which cannot build an index inside a transaction
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE INDEX by_size ON contacts_person (((custom ->> 'size')::bigint), id)")
        cursor.execute("ANALYZE contacts_person")
    rows = compile_tree(people, parse("custom.size.over:4990"), many).apply(people.rows(many, archived=False))
    found, read = rows_read(lambda: page(rows).rows)
    assert len(found) == 50
    assert read < MANY / 20
