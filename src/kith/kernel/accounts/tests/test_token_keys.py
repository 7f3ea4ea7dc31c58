"""API tokens: shown once, kept as a digest, ended at once."""

from datetime import UTC, datetime, timedelta

import pytest

from kith.kernel.access.actor import actor_for
from kith.kernel.accounts import actions, queries
from kith.kernel.accounts.models import ApiToken, TokenScope
from kith.kernel.accounts.tokens import check, issue
from kith.kernel.errors import NotFound

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def test_a_token_leads_to_its_owner(jonas):
    token, plain = issue(jonas, "Night export")
    assert plain.startswith(f"kith_{token.prefix}_")
    assert check(plain).user == jonas


def test_the_key_itself_is_nowhere_in_the_database(jonas):
    _token, plain = issue(jonas, "Night export")
    secret = plain.rpartition("_")[2]
    row = ApiToken.objects.values().get()
    assert not any(secret in str(value) for value in row.values())


@pytest.mark.parametrize(
    "wrong", ["", "kith_", "Bearer", "kith_0123456789ab_" + "x" * 43, "\0", "ü" * 60, "k" * 100_000]
)
def test_anything_else_leads_nowhere(jonas, wrong):
    issue(jonas, "Night export")
    assert check(wrong) is None


def test_one_changed_letter_of_the_secret_leads_nowhere(jonas):
    _token, plain = issue(jonas, "Night export")
    assert check(plain[:-1] + ("a" if plain[-1] != "a" else "b")) is None


def test_the_secret_of_one_token_does_not_open_another(jonas, amira):
    one, first = issue(jonas, "Night export")
    two, second = issue(amira, "Dashboard")
    assert check(f"kith_{one.prefix}_{second.rpartition('_')[2]}") is None
    assert check(first).user == jonas and check(second).user == amira


def test_a_revoked_token_stops_at_once(jonas):
    token, plain = issue(jonas, "Night export")
    actions.revoke_token(token, by=actor_for(jonas))
    assert check(plain) is None
    assert list(queries.live_tokens(jonas)) == []


def test_a_token_ends_on_its_day(jonas, time_machine):
    time_machine.move_to(NOON, tick=False)
    _token, plain = issue(jonas, "Trial", expires_at=NOON + timedelta(days=30))
    time_machine.move_to(NOON + timedelta(days=29, hours=23), tick=False)
    assert check(plain)
    time_machine.move_to(NOON + timedelta(days=30), tick=False)
    assert check(plain) is None


def test_a_deactivated_owner_stops_the_token_and_coming_back_does_not_revive_it(jonas, as_marta):
    _token, plain = issue(jonas, "Night export")
    actions.deactivate(jonas, by=as_marta)
    assert check(plain) is None
    actions.reactivate(jonas, by=as_marta)
    assert check(plain) is None


def test_a_token_needs_an_active_owner_even_if_nobody_revoked_it(jonas):
    _token, plain = issue(jonas, "Night export")
    jonas.is_active = False
    jonas.save()
    assert check(plain) is None


def test_use_is_noted_at_most_every_ten_minutes(jonas, time_machine, django_assert_num_queries):
    time_machine.move_to(NOON, tick=False)
    token, plain = issue(jonas, "Night export")
    check(plain)
    time_machine.move_to(NOON + timedelta(minutes=9), tick=False)
    with django_assert_num_queries(1):
        check(plain)
    token.refresh_from_db()
    assert token.last_used_at == NOON
    time_machine.move_to(NOON + timedelta(minutes=10), tick=False)
    check(plain)
    token.refresh_from_db()
    assert token.last_used_at == NOON + timedelta(minutes=10)


def test_a_reading_token_may_not_write(jonas):
    assert not issue(jonas, "Dashboard", scope=TokenScope.READ)[0].may_write
    assert issue(jonas, "Sync")[0].may_write


def test_nobody_revokes_a_colleagues_token_but_an_administrator(jonas, amira, as_marta):
    token, plain = issue(jonas, "Night export")
    with pytest.raises(NotFound):
        actions.revoke_token(token, by=actor_for(amira))
    assert check(plain)
    actions.revoke_token(token, by=as_marta)
    assert check(plain) is None
