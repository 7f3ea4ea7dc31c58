"""Inviting, changing and deactivating colleagues; teams; and that somebody can always manage accounts."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts import actions, queries
from kith.kernel.accounts.links import LinkTokenGenerator
from kith.kernel.accounts.models import Role, Team, User
from kith.kernel.accounts.teams import delete_team, rows_of
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.records.actions import archive, create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo


def test_an_invited_colleague_has_no_password_and_the_time_zone_of_who_invites(marta):
    marta.time_zone = "Europe/Stockholm"
    marta.save()
    lena = actions.invite(email=" Lena@Tidewell.Example ", name=" Lena  Sund ", role="manager", by=actor_for(marta))
    assert (lena.email, lena.name, lena.role) == ("lena@tidewell.example", "Lena Sund", Role.MANAGER)
    assert lena.time_zone == "Europe/Stockholm"
    assert not lena.has_usable_password()


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_account_made_without_a_password_has_none_that_fits(db, nothing):
    lena = User.objects.create_user("lena@tidewell.example", nothing, name="Lena")
    assert not lena.has_usable_password() and not lena.check_password("")


def test_two_spellings_of_an_address_are_one_person(jonas, as_marta):
    with pytest.raises(Invalid, match="already belongs to a colleague") as caught:
        actions.invite(email="JONAS@tidewell.example", name="Jonas", by=as_marta)
    assert caught.value.field == "email"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Jonas@tidewell.example", name="Jonas again")


@pytest.mark.parametrize(
    "field, given",
    [
        ("email", {"email": "not an address"}),
        ("email", {"email": "a@b\n.example"}),
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 201}),
        ("role", {"role": "emperor"}),
    ],
)
def test_an_invitation_with_a_wrong_value_names_its_field(as_marta, field, given):
    with pytest.raises(Invalid) as caught:
        actions.invite(**({"email": "lena@tidewell.example", "name": "Lena"} | given), by=as_marta)
    assert caught.value.field == field
    assert not User.objects.filter(email="lena@tidewell.example").exists()


@pytest.mark.parametrize("who", ["jonas", "amira"])
def test_only_administrators_manage_people(request, who, marta):
    actor = actor_for(request.getfixturevalue(who))
    with pytest.raises(NotAllowed):
        actions.invite(email="lena@tidewell.example", name="Lena", by=actor)
    with pytest.raises(NotAllowed):
        actions.change(actor.user, name="X", email=actor.user.email, role="administrator", by=actor)
    with pytest.raises(NotAllowed):
        actions.deactivate(marta, by=actor)
    with pytest.raises(NotAllowed):
        actions.save_team(None, name="Mine", members=[], lead=None, by=actor)


def test_the_last_administrator_stays(marta, as_marta):
    with pytest.raises(NotAllowed, match="Make somebody else administrator first"):
        actions.deactivate(marta, by=as_marta)
    with pytest.raises(NotAllowed):
        actions.change(marta, name="Marta", email=marta.email, role="member", by=as_marta)
    marta.refresh_from_db()
    assert marta.is_active and marta.role == Role.ADMINISTRATOR


def test_a_deactivated_administrator_does_not_count_as_one_left(marta, jonas, as_marta):
    actions.change(jonas, name=jonas.name, email=jonas.email, role="administrator", by=as_marta)
    actions.deactivate(jonas, by=as_marta)
    with pytest.raises(NotAllowed):
        actions.deactivate(marta, by=as_marta)


def test_an_administrator_may_go_once_another_is_there(marta, jonas, as_marta):
    actions.change(jonas, name=jonas.name, email=jonas.email, role="administrator", by=as_marta)
    actions.deactivate(marta, by=actor_for(User.objects.get(pk=jonas.pk)))
    assert list(queries.administrators()) == [jonas]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_at_once_leave_one():
    people = [User.objects.create_user(f"{n}@tidewell.example", name=n, role=Role.ADMINISTRATOR) for n in ("ada", "bo")]
    start, refused = threading.Barrier(2), []

    def demote(user):
        start.wait()
        try:
            actions.change(user, name=user.name, email=user.email, role="member", by=system("cli"))
        except NotAllowed:
            refused.append(user)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queries.administrators().count() == 1
    assert len(refused) == 1


def test_a_link_dies_with_the_account(jonas, as_marta):
    key = LinkTokenGenerator().make_token(jonas)
    assert LinkTokenGenerator().check_token(jonas, key)
    gone = actions.deactivate(jonas, by=as_marta)
    assert not LinkTokenGenerator().check_token(gone, key)


def test_a_lead_is_a_member_of_the_team(jonas, amira, as_marta):
    team = actions.save_team(None, name="Inbound", members=[amira], lead=jonas, by=as_marta)
    assert set(team.members.all()) == {jonas, amira}


def test_a_new_team_is_known_to_the_actor_at_once(jonas, as_marta):
    assert actor_for(jonas).team_ids == frozenset()
    team = actions.save_team(None, name="Inbound", members=[jonas], lead=None, by=as_marta)
    assert actor_for(jonas).team_ids == {team.pk}


def test_two_teams_cannot_share_a_name_in_another_case(as_marta):
    actions.save_team(None, name="Inbound", members=[], lead=None, by=as_marta)
    with pytest.raises(Invalid, match="already a team called"):
        actions.save_team(None, name="INBOUND", members=[], lead=None, by=as_marta)
    assert Team.objects.count() == 1


def test_a_profile_takes_only_what_is_offered(jonas):
    by = actor_for(jonas)
    good = {"name": "Jonas W", "time_zone": "Europe/Berlin", "language": "en", "preferences": {"theme": "dark"}}
    actions.save_profile(jonas, **good, by=by)
    jonas.refresh_from_db()
    assert (jonas.theme, jonas.density, jonas.shortcuts) == ("dark", "normal", True)
    for wrong in ({"time_zone": "Mars/Olympus"}, {"language": "xx"}, {"preferences": {"theme": "neon"}}):
        with pytest.raises(Invalid):
            actions.save_profile(jonas, **(good | wrong), by=by)


def test_nobody_edits_a_colleagues_profile(jonas, as_marta):
    with pytest.raises(NotAllowed):
        actions.save_profile(jonas, name="J", time_zone="UTC", language="en", preferences={}, by=as_marta)


def test_a_team_that_goes_hands_its_rows_on_and_comes_back_with_them(jonas, amira, as_marta):
    north = actions.save_team(None, name="North", members=[jonas, amira], lead=amira, by=as_marta)
    south = actions.save_team(None, name="South", members=[], lead=None, by=as_marta)
    people = registry["person"]
    eva = create(people, {"given_name": "Eva", "team": north}, by=as_marta)
    old = create(people, {"given_name": "Ole", "team": north}, by=as_marta)
    archive(people, old, by=as_marta)
    assert rows_of(north) == {"people": 2}
    op = delete_team(north, to=south, by=as_marta)
    assert not Team.objects.filter(name="North").exists()
    assert {people.model.objects.get(pk=row.pk).team for row in (eva, old)} == {south}
    assert actor_for(jonas).team_ids == frozenset()
    undo(op, by=as_marta)
    back = Team.objects.get(name="North")
    assert (back.pk, back.lead, set(back.members.all())) == (north.pk, amira, {jonas, amira})
    assert {people.model.objects.get(pk=row.pk).team for row in (eva, old)} == {back}
    assert actor_for(jonas).team_ids == {back.pk}


def test_the_rows_of_a_team_may_go_to_no_team(as_marta):
    north = actions.save_team(None, name="North", members=[], lead=None, by=as_marta)
    eva = create(registry["person"], {"given_name": "Eva", "team": north}, by=as_marta)
    delete_team(north, to=None, by=as_marta)
    eva.refresh_from_db()
    assert eva.team is None


def test_a_team_does_not_come_back_beside_another_of_its_name(as_marta):
    north = actions.save_team(None, name="North", members=[], lead=None, by=as_marta)
    op = delete_team(north, to=None, by=as_marta)
    actions.save_team(None, name="NORTH", members=[], lead=None, by=as_marta)
    with pytest.raises(Invalid, match="a team called “North” again"):
        undo(op, by=as_marta)


def test_only_administrators_delete_teams(jonas, as_marta):
    north = actions.save_team(None, name="North", members=[jonas], lead=None, by=as_marta)
    with pytest.raises(NotAllowed):
        delete_team(north, to=None, by=actor_for(jonas))
