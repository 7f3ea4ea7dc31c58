"""Whatever is done can be taken back, step by step to where one began; what others did meanwhile stays."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed
from kith.kernel.records import actions, bulk
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change, change_many
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import operation, undo
from kith.kernel.timeline.queries import history, timeline
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people, companies = registry["person"], registry["company"]
KEYS = ("given_name", "job_title", "emails", "tags", "owner", "company", "birthday", "source")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("job"), st.integers(0, 2), st.sampled_from(["Director", "Porter", ""])),
        st.tuples(st.just("mail"), st.integers(0, 2), st.sampled_from(["a@b.example", "c@d.example; a@b.example", ""])),
        st.tuples(st.just("birthday"), st.integers(0, 2), st.sampled_from(["1980-02-29", "2000-01-01"])),
        st.tuples(st.just("tag"), st.integers(0, 2), st.sampled_from(["vip", "north"])),
        st.tuples(st.just("all"), st.just(0), st.sampled_from(["Fair", "Webinar"])),
        st.tuples(st.just("archive"), st.integers(0, 2), st.just("")),
        st.tuples(st.just("restore"), st.integers(0, 2), st.just("")),
        st.tuples(st.just("merge"), st.integers(0, 2), st.sampled_from([0, 1, 2])),
    ),
    max_size=8,
)


def add(by, **raw):
    return actions.create(people, actions.parse_values(people, raw, by=by), by=by)


def state(pks):
    """What a person sees of these rows: values, whether put away, and where an old address leads."""
    out = {}
    for row in people.model.objects.filter(pk__in=pks):
        values = {key: people.columns()[key].raw(row) for key in KEYS}
        out[row.pk] = (values, bool(row.archived_at), people.get(system(), row.pk).pk)
    return out


def do(step, rows, by):
    what, n, value = step
    row = people.model.objects.get(pk=rows[n])
    if what in ("job", "mail", "birthday"):
        key = {"job": "job_title", "mail": "emails"}.get(what, what)
        actions.edit(people, row, actions.parse_values(people, {key: value}, by=by), by=by)
    elif what == "tag":
        with operation("person.bulk", "Tags", by=by, record="person") as (_op, within):
            bulk.bulk_tag(people, [row], add=[value], by=within)
    elif what == "all":
        with operation("person.bulk", "All", by=by, record="person") as (_op, within):
            bulk.bulk_edit(people, people.model.objects.filter(pk__in=rows), {"source": value}, by=within)
    elif what == "merge":
        other = people.model.objects.get(pk=rows[value])
        if other.pk != row.pk and not row.archived_at and not other.archived_at:
            merge(people, row, [other], by=by)
    else:
        getattr(actions, what)(people, row, by=by)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_undoing_every_step_backwards_passes_every_state_again(steps):
    with transaction.atomic():
        astrid = actor("astrid")
        rows = [add(astrid, given_name=name, emails=f"{name}@x.example").pk for name in ("Marta", "Yusuf", "Ana")]
        last = Operation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        seen, told = [], {}
        for step in steps:
            before = state(rows)
            do(step, rows, astrid)
            done = list(Operation.objects.filter(pk__gt=last).order_by("pk"))
            assert len(done) <= 1, "one step of a person is one operation"
            if done:
                seen.append((done[0], before))
                last = done[0].pk
            else:
                assert state(rows) == before, "what changed something can be taken back"
            told |= {e.pk: (e.verb, e.changes, e.payload, e.at) for e in Event.objects.all()}
        for op, before in reversed(seen):
            assert undo(op, by=astrid).conflicts == []
            assert state(rows) == before
        kept = {e.pk: (e.verb, e.changes, e.payload, e.at) for e in Event.objects.filter(pk__in=told)}
        assert kept == told, "history is added to, never rewritten"
        transaction.set_rollback(True)


def test_what_a_colleague_changed_since_stays_and_is_named():
    ines, jonas = actor("ines"), actor("jonas")
    marta = add(ines, given_name="Marta", job_title="Porter", source="Fair")
    marta = actions.edit(people, marta, {"job_title": "Director", "source": "Webinar"}, by=ines)
    op = Operation.objects.order_by("-pk").first()
    actions.edit(people, marta, {"job_title": "Head of operations"}, by=jonas)
    done = undo(op, by=ines)
    marta.refresh_from_db()
    assert (marta.job_title, marta.source) == ("Head of operations", "Fair")
    assert len(done.conflicts) == 1 and "job title was changed since" in done.conflicts[0]
    with pytest.raises(Invalid, match="already undone by Ines"):
        undo(op, by=ines)


def test_only_who_did_it_or_a_manager_takes_it_back():
    ines = actor("ines")
    marta = actions.edit(people, add(ines, given_name="Marta"), {"job_title": "Porter"}, by=ines)
    op = Operation.objects.order_by("-pk").first()
    with pytest.raises(NotAllowed):
        undo(op, by=actor("jonas"))
    undo(op, by=actor("helena"))
    marta.refresh_from_db()
    assert marta.job_title == ""


def test_an_undo_does_not_reach_rows_that_are_no_longer_ones_own():
    ines = actor("ines")
    marta = actions.edit(people, add(ines, given_name="Marta"), {"job_title": "Porter"}, by=ines)
    op = Operation.objects.order_by("-pk").first()
    actions.edit(people, marta, {"owner": user("jonas")}, by=actor("helena"))
    policy("member", "person", see="own", edit="own")
    done = undo(op, by=actor("ines"))
    marta.refresh_from_db()
    assert marta.job_title == "Porter"
    assert done.conflicts and "Porter" not in " ".join(done.conflicts)


def test_a_merge_is_taken_back_long_after_with_what_each_had():
    astrid = actor("astrid")
    firm = actions.create(companies, {"name": "Bellevue"}, by=astrid)
    marta = add(astrid, given_name="Marta", emails="m@bellevue.example", company=firm.pk)
    double = add(astrid, given_name="Marta K.", emails="marta@home.example", job_title="Director")
    kept, op = merge(people, marta, [double], by=astrid)
    assert {e["value"] for e in kept.emails} == {"m@bellevue.example", "marta@home.example"}
    assert kept.job_title == "Director" and people.get(astrid, double.pk).pk == marta.pk
    entries, _more = timeline(astrid, "person", marta.pk)
    assert sum(entry.sentence == "added this" for entry in entries) == 2
    actions.edit(people, kept, {"source": "Fair"}, by=astrid)
    assert undo(op, by=astrid).conflicts == []
    marta, double = people.get(astrid, marta.pk), people.get(astrid, double.pk)
    assert (marta.job_title, double.job_title, marta.source) == ("", "Director", "Fair")
    assert [e["value"] for e in marta.emails] == ["m@bellevue.example"] and double.archived_at is None


def test_a_refused_change_leaves_no_trace():
    ines = actor("ines")
    marta = add(ines, given_name="Marta")
    before = (Event.objects.count(), Operation.objects.count(), marta.version)
    with pytest.raises(InvalidMany):
        actions.edit(people, marta, {"given_name": "x" * 1000}, by=ines)
    with pytest.raises(ZeroDivisionError), change(marta, by=ines) as c:
        c.row.job_title = "Porter"
        raise ZeroDivisionError
    marta.refresh_from_db()
    assert (Event.objects.count(), Operation.objects.count(), marta.version) == before


def test_nothing_changed_writes_nothing():
    ines = actor("ines")
    marta = add(ines, given_name="Marta", emails="m@bellevue.example")
    before = (Event.objects.count(), Operation.objects.count())
    actions.edit(people, marta, {"given_name": "Marta", "emails": marta.emails}, by=ines)
    assert change_many([marta], lambda row: setattr(row, "given_name", "Marta"), by=ines) == 0
    assert (Event.objects.count(), Operation.objects.count()) == before


def test_the_past_can_be_told_later_and_stands_where_it_belongs():
    ines = actor("ines", "import")
    long_ago = dt.datetime(2024, 5, 1, 9, 30, tzinfo=dt.UTC)
    marta = actions.create(people, {"given_name": "Marta"}, by=ines, at=long_ago)
    actions.edit(people, marta, {"job_title": "Porter"}, by=ines)
    first, second = sorted(Event.objects.all(), key=lambda e: e.at)
    assert (first.at, first.channel) == (long_ago, "import") and first.recorded_at > timezone.now() - dt.timedelta(
        hours=1
    )
    entries, _more = history(ines, "person", marta.pk)
    assert [entry.event.pk for entry in entries] == [second.pk, first.pk]


@pytest.mark.parametrize("count", [1, 40])
def test_many_rows_are_changed_in_the_same_few_statements(count, django_assert_max_num_queries):
    ines = actor("ines")
    rows = [add(ines, given_name=f"P{n}") for n in range(count)]
    with django_assert_max_num_queries(16):
        changed = change_many(rows, lambda row: setattr(row, "job_title", "Porter"), by=ines)
    assert changed == count == Event.objects.filter(verb="person.changed").count()


def test_the_database_itself_keeps_history_from_being_rewritten():
    add(actor("ines"), given_name="Marta")
    for statement in ("UPDATE timeline_event SET verb = 'x'", "DELETE FROM timeline_event", "TRUNCATE timeline_event"):
        with (
            pytest.raises(Exception, match="(?i)append|never|history|event"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# Tells where a story happened, or who looks at a page just now, so it stays with the row that is merged away.
BEHIND = {"Stay", "Looking"}


@pytest.mark.parametrize("record", list(registry), ids=lambda record: record.name)
def test_a_merge_sees_every_link_to_its_rows(record):
    """A link that cannot be asked for from the row (`related_name="+"`) would be left on what was merged away."""
    hidden = {
        field.related_model.__name__
        for field in record.model._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and field.hidden
    }
    assert hidden - BEHIND == set() or record.settings


def test_a_row_whose_old_value_is_taken_meanwhile_stays_and_the_others_go_back():
    astrid, products = actor("astrid"), registry["product"]
    sensor, gateway = (actions.create(products, {"name": n, "currency": "EUR"}, by=astrid) for n in ("Sensor", "Gate"))
    with operation("product.bulk", "Rename", by=astrid, record="product") as (op, within):
        for row in (sensor, gateway):
            actions.edit(products, row, {"name": f"Old {row.name}"}, by=within)
    actions.create(products, {"name": "Sensor", "currency": "EUR"}, by=astrid)
    (conflict,) = undo(op, by=astrid).conflicts
    assert conflict.startswith("Old Sensor: ")
    sensor.refresh_from_db()
    gateway.refresh_from_db()
    assert (sensor.name, gateway.name) == ("Old Sensor", "Gate")


def test_a_value_that_somebody_set_back_by_hand_is_no_conflict():
    ines = actor("ines")
    marta = actions.edit(people, add(ines, given_name="Marta", job_title="Porter"), {"job_title": "Cook"}, by=ines)
    op = Operation.objects.order_by("-pk").first()
    actions.edit(people, marta, {"job_title": "Porter"}, by=actor("jonas"))
    assert undo(op, by=ines).conflicts == []
    marta.refresh_from_db()
    assert marta.job_title == "Porter"
