import datetime as dt
from decimal import Decimal

import pytest

from kith.kernel.customfields.actions import archive_field, change_field, define, key_from, kinds_offered, restore_field
from kith.kernel.customfields.jobs import index
from kith.kernel.errors import InvalidMany, NotAllowed
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.paging import paginate, read_sort
from kith.kernel.lookups.tree import parse
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor

people = registry["person"]
SAMPLES = {
    "text": ("Blue", "Blue"), "long_text": ("Two\nlines", "Two\nlines"), "url": ("example.com", "https://example.com"),
    "email": ("a@b.example", "a@b.example"), "phone": ("+48585550142", "+48585550142"), "number": ("12.5", Decimal("12.5")),
    "integer": ("7", 7), "percent": ("12.5", Decimal("12.5")), "money": ("1200", Decimal(1200)), "day": ("2026-03-12", dt.date(2026, 3, 12)),
    "moment": ("2026-03-12T09:30:00+00:00", dt.datetime(2026, 3, 12, 9, 30, tzinfo=dt.UTC)), "duration": ("1 h 30 m", 90),
    "bool": ("yes", True), "choice": ("Gold", "gold"), "country": ("PL", "PL"), "currency": ("EUR", "EUR"), "language": ("pl", "pl"),
    "time_zone": ("Europe/Warsaw", "Europe/Warsaw"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(set(kinds_offered()) - {"link", "colleague", "team"}))
def test_every_kind_of_field_is_a_column_like_any_other(kind):
    admin = actor("astrid")
    define(record="person", label="Own", kind=kind, choices=["Gold", "Silver"], by=admin)
    given, value = SAMPLES[kind]
    row = actions.create(
        people, actions.parse_values(people, {"given_name": "Marta", "custom.own": given}, by=admin), by=admin
    )
    actions.create(people, actions.parse_values(people, {"given_name": "Yusuf"}, by=admin), by=admin)
    column = people.columns(admin)["custom.own"]
    row.refresh_from_db()
    assert column.get(row) == value
    assert column.kind.parse(column.kind.edit(column.get(row)), actor=admin) == value
    assert Event.objects.order_by("id").first().changes["custom.own"] == [None, column.raw(row)]
    for op in column.kind.operators().values():
        raw = {"none": (), "one": (given,), "many": (given,), "two": (given, given)}[op.takes]
        tree = parse(
            f"custom.own.{op.key}" + (":" + "|".join(f'"{r}"' for r in raw).replace("\n", "\\n") if raw else "")
        )
        compiled = compile_tree(people, tree, admin)
        assert not compiled.broken, compiled.broken
        found = {p.name for p in compiled.apply(people.rows(admin))}
        assert found <= {"Marta", "Yusuf"}
        if op.key in ("is", "on", "filled"):
            assert found == {"Marta"}, op.key
        if op.key == "empty":
            assert found == {"Yusuf"}
    if column.sortable:
        assert [p.name for p in paginate(people.rows(admin), read_sort(people.columns(), "-custom.own")).rows] == [
            "Marta",
            "Yusuf",
        ]


@pytest.mark.django_db
def test_a_field_taken_out_of_use_keeps_its_values_and_breaks_no_saved_filter():
    admin = actor("astrid")
    field = define(record="person", label="Tier", kind="choice", choices=["Gold", "Silver"], by=admin)
    row = actions.create(
        people, actions.parse_values(people, {"given_name": "Marta", "custom.tier": "Gold"}, by=admin), by=admin
    )
    archive_field(field, by=admin)
    assert "custom.tier" not in people.columns()
    assert compile_tree(people, parse("custom.tier.is:gold"), admin).broken
    restore_field(field, by=admin)
    assert people.columns()["custom.tier"].get(row) == "gold"


@pytest.mark.django_db
def test_a_choice_renamed_keeps_what_rows_hold():
    admin = actor("astrid")
    field = define(record="person", label="Tier", kind="choice", choices=["Gold", "Silver"], by=admin)
    change_field(field, choices=["Silver", "Gold", "Bronze"], by=admin)
    assert dict(people.columns()["custom.tier"].kind.options) == {
        "silver": "Silver",
        "gold": "Gold",
        "bronze": "Bronze",
    }


@pytest.mark.django_db
def test_what_is_wrong_with_a_field_is_said_in_words():
    admin = actor("astrid")
    with pytest.raises(InvalidMany) as bad:
        define(record="nope", label=" ", kind="gold", by=admin)
    assert set(bad.value.errors) == {"record", "label", "kind"}
    define(record="person", label="Größe", kind="text", by=admin)
    with pytest.raises(InvalidMany, match="grosse"):
        define(record="person", label="GROSSE", kind="text", by=admin)
    with pytest.raises(NotAllowed):
        define(record="person", label="x", kind="text", by=actor("ines"))
    assert key_from("2nd line") == "field_2nd_line"


@pytest.mark.django_db(transaction=True)
def test_an_indexed_field_gets_an_index_that_can_be_built_twice():
    from django.db import connection

    field = define(record="person", label="Score", kind="number", indexed=True, by=actor("astrid"))
    index(field=field.pk)
    index(field=field.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"contacts_person_cf_{field.pk}"])
        assert "numeric" in cursor.fetchone()[0]
        cursor.execute(f"DROP INDEX contacts_person_cf_{field.pk}")


@pytest.mark.django_db
def test_what_is_too_long_to_keep_is_refused_when_added_and_when_changed():
    admin = actor("astrid")
    for long in ({"label": "x" * 121}, {"label": "Own", "help": "x" * 301}, {"label": "Own", "section": "x" * 121}):
        with pytest.raises(InvalidMany, match="characters"):
            define(record="person", kind="text", by=admin, **long)
    field = define(record="person", label="Own", kind="text", by=admin)
    with pytest.raises(InvalidMany, match="characters"):
        change_field(field, by=admin, label="x" * 121)
    field.refresh_from_db()
    assert field.label == "Own"
