"""Picking a colleague by typing: how their names begin comes first, and what everybody shares finds nobody."""

import re

import pytest

from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered(browser):
    for who in ("astrid", "helena", "priya", "jonas", "rolf"):
        actor(who)
    client = browser("ines")

    def ask(q):
        return re.findall(r'data-text="([^"]+)"', client.get("/pick/user", {"q": q}).content.decode())

    return ask


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("p", ["Priya Nair"]),
        ("na", ["Priya Nair"]),
        ("priya n", ["Priya Nair"]),
        ("lind", ["Jonas Lindqvist"]),
        ("qvist", ["Jonas Lindqvist"]),
        ("example", []),
        ("zz", []),
    ],
)
def test_colleagues_are_offered_by_how_their_names_begin(offered, q, names):
    assert offered(q) == names


def test_with_nothing_typed_all_are_offered_by_name(offered):
    assert offered("") == sorted(offered("")) and len(offered("")) == 6
