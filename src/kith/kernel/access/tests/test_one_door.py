"""Who sees and changes what, over every record type: one door, three levels, columns, and the reason in words."""

import pytest
from django.test import Client

from kith.kernel.access.actions import reset_policy, set_policy
from kith.kernel.access.scopes import ByOwner
from kith.kernel.accounts import tokens
from kith.kernel.customfields.actions import define
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed, NotFound
from kith.kernel.lookups.look import look_at
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, policy, user
from tests.conformance.samples import row_of

pytestmark = pytest.mark.django_db
OWNED = [record for record in registry if type(record.scope) is ByOwner]
VERBS = ("see", "edit", "archive")


@pytest.fixture(params=OWNED, ids=lambda record: record.name)
def record(request):
    return request.param


@pytest.fixture
def rows(record):
    """A row each of Ines (South), Priya (South) and Jonas (North)."""
    made = {}
    for who in ("ines", "priya", "jonas"):
        made[who] = row_of(record, actor(who))
        record.model.objects.filter(pk=made[who].pk).update(
            owner=user(who), team=None if who == "ines" else user(who).teams.first()
        )
        made[who].refresh_from_db()
    return made


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("level", "reached"),
    [("none", set()), ("own", {"ines"}), ("team", {"ines", "priya"}), ("all", {"ines", "priya", "jonas"})],
)
def test_a_level_reaches_just_its_rows(record, rows, verb, level, reached):
    policy("member", record.name, **{verb: level})
    found = set(record.rows(actor("ines"), verb).values_list("pk", flat=True))
    assert found & {row.pk for row in rows.values()} == {rows[who].pk for who in reached}
    for who, row in rows.items():  # sums kept by owner are told only where every row behind them is within reach
        assert not record.scope.reaches(actor("ines"), record.name, verb, [user(who).pk]) or row.pk in found


def test_what_is_out_of_reach_is_refused_by_every_way_to_write(record, rows):
    policy("member", record.name, see="team", edit="own", archive="own")
    ines = actor("ines")
    for who, problem in (("jonas", NotFound), ("priya", NotFound)):
        before = record.model.objects.filter(pk=rows[who].pk).values().get()
        with pytest.raises(problem):
            actions.archive(record, rows[who], by=ines)
        with pytest.raises(problem):
            actions.edit(record, rows[who], {"owner": user("ines")}, by=ines)
        assert record.model.objects.filter(pk=rows[who].pk).values().get() == before


def test_a_row_is_not_given_away_by_who_could_not_take_it_back(record, rows):
    policy("member", record.name, see="all", edit="own")
    with pytest.raises(NotAllowed, match="out of what you may change"):
        actions.edit(record, rows["ines"], {"owner": user("jonas")}, by=actor("ines"))
    assert record.model.objects.get(pk=rows["ines"].pk).owner_id == user("ines").pk


def test_why_one_sees_a_row_is_said_and_never_without_seeing_it(record, rows):
    policy("member", record.name, see="team")
    ines = actor("ines")
    assert "You look after it." in record.scope.explain(ines, record.name, rows["ines"])
    row = record.model.objects.get(pk=rows["priya"].pk)
    assert record.scope.explain(ines, record.name, row)
    assert not record.scope.explain(ines, record.name, record.model.objects.get(pk=rows["jonas"].pk))


def test_readers_read_and_nothing_else(record, rows):
    rolf = actor("rolf")
    assert record.get(rolf, rows["ines"].pk)
    for attempt in (
        lambda: actions.archive(record, rows["ines"], by=rolf),
        lambda: actions.create(record, {}, by=rolf),
        lambda: actions.edit(record, rows["ines"], {"owner": user("rolf")}, by=rolf),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            attempt()


SECRET = "quetzalcoatl"


def test_a_hidden_column_is_nowhere(record, rows):
    row, key = with_secret(record, rows["ines"])
    _token, plain = tokens.issue(user("ines"), "hidden")
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    client.force_login(user("ines"))
    places = [
        f"/{record.slug}/{row.pk}", f"/{record.slug}/{row.pk}/history", f"/{record.slug}/{row.pk}/edit",
        f"/{record.slug}/{row.pk}/timeline?chip=changes", f"/{record.slug}/?columns={record.lists[0]},{key}", "/history",
        f"/{record.slug}/export?format=csv&columns={record.lists[0]},{key}", f"/api/v1/{record.slug}/{row.pk}",
        f"/api/v1/{record.slug}/{row.pk}/events", f"/api/v1/{record.slug}?fields=id,{key}",
    ]  # fmt: skip
    shown = {place for place in places if SECRET in told(client.get(place))}
    assert {places[0], places[1], places[2], places[7]} <= shown
    policy("member", record.name, hidden=[key])
    ines = actor("ines")
    assert key not in record.columns(ines)
    look = look_at(record, ines, {"filter": f"{key}.filled", "sort": key, "columns": f"{record.lists[0]},{key}"})
    assert key not in look.columns and look.problems
    assert {place for place in places if SECRET in told(client.get(place))} == set()


def with_secret(record, row):
    """The row with the secret in a field of the organisation's own, and that column's key."""
    astrid, before = actor("astrid"), set(record.columns())
    define(record=record.name, label="Confidential", kind="text", by=astrid)
    (key,) = set(record.columns()) - before
    return actions.edit(record, row, {key: SECRET}, by=astrid), key


def told(answer):
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()


def test_a_read_only_column_is_seen_and_not_changed(record, rows):
    policy("member", record.name, read_only=["owner"])
    ines = actor("ines")
    assert "owner" in record.columns(ines) and "owner" not in record.writable(ines)
    with pytest.raises(InvalidMany) as refused:
        actions.parse_values(record, {"owner": user("priya").pk}, by=ines)
    assert set(refused.value.errors) == {"owner"}


def test_administrators_decide_what_roles_may_and_cannot_lock_themselves_out(record):
    astrid = actor("astrid")
    full = {"see": "all", "edit": "team", "archive": "own", "rights": ["create"], "hidden": [], "read_only": []}
    set_policy(role="member", record=record.name, **full, by=astrid)
    assert actor("ines").level(record.name, "edit") == "team" and not actor("ines").can(f"{record.name}.export")
    reset_policy(role="member", record=record.name, by=astrid)
    assert actor("ines").can(f"{record.name}.export")
    with pytest.raises(Invalid, match="cannot be changed"):
        set_policy(role="administrator", record=record.name, **full, by=astrid)
    with pytest.raises(Invalid, match="does not see"):
        set_policy(role="member", record=record.name, **{**full, "see": "own", "edit": "all"}, by=astrid)
    with pytest.raises(NotAllowed):
        set_policy(role="member", record=record.name, **full, by=actor("helena"))


def test_a_change_of_roles_holds_for_the_next_request_of_a_colleague(record, rows):
    client = Client()
    client.force_login(user("ines"))
    address = record.url(rows["jonas"].pk)
    assert client.get(address).status_code == 200
    set_policy(
        role="member", record=record.name, see="own", edit="own", archive="own", rights=[], hidden=[], read_only=[],
        by=actor("astrid"),
    )  # fmt: skip
    assert client.get(address).status_code == 404
