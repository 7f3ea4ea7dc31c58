"""A page that was asleep gets a fresh live address, if it is its own and its owner is signed in."""

import re

import pytest

from kith.kernel.accounts.models import User
from kith.kernel.records.registry import registry
from kith.web import live
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta():
    return User.objects.create_user("marta@tidewell.example", "a long password", name="Marta Kowalczyk")


def test_own_token_is_exchanged_for_a_fresh_one(client, marta):
    client.force_login(marta)
    answer = client.get("/live/renew", {"token": live.token(["deal"], marta.pk)})
    assert answer.status_code == 200
    assert live.topics_of(answer.content.decode()) == {"deal"}


def test_foreign_or_forged_token_is_not(client, marta):
    client.force_login(marta)
    for token in ("", "forged", live.token(["deal"], marta.pk + 1)):
        assert client.get("/live/renew", {"token": token}).status_code == 403


def test_signed_out_page_gets_none(client, marta):
    assert client.get("/live/renew", {"token": live.token(["deal"], marta.pk)}).status_code != 200


@pytest.mark.parametrize("signed_in", [True, False])
def test_where_no_stream_is_served_a_page_is_told_so_without_a_page_or_a_cookie(client, marta, signed_in):
    if signed_in:
        client.force_login(marta)
        client.cookies.clear()
    answer = client.get("/live", {"token": "any"})
    assert (answer.status_code, answer.content, dict(answer.cookies)) == (204, b"", {})


def test_a_page_hears_of_every_type_its_reader_may_see_however_many_there_are(client):
    policy("member", "deal", see="none")
    ines = actor("ines")
    client.force_login(user("ines"))
    page = client.get("/people/").text
    heard = live.topics_of(re.search(r'<kith-live token="([^"]+)"', page)[1])
    assert heard == {record.name for record in registry if ines.can(f"{record.name}.see")}
    assert "deal" not in heard and len(heard) > 50
