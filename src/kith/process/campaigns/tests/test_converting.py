"""The converting touch: the last one until the first deal was opened, derived anew whenever it is asked for."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.api.tests.programs import told
from kith.awareness.models import Touch
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people = registry["person"]


@pytest.fixture
def marta():
    """Found us by search, came by mail, and once more by an ad after her deal was opened."""
    ines, now = actor("ines"), timezone.now()
    row = create(people, {"given_name": "Marta"}, by=ines)
    for channel, days in (("search", 60), ("email", 40), ("ads", 5)):
        Touch.objects.create(person=row, channel=channel, through="form", at=now - dt.timedelta(days=days))
    return row


def dealt(person, days):
    install_defaults(by=system("cli"))
    day = timezone.localdate() - dt.timedelta(days=days)
    return create(registry["deal"], {"name": "Sensors", "contact": person, "opened_on": day}, by=actor("ines"))


def by(channel):
    tree = parse(f"came_converting.is:{channel}")
    return list(filtered(people, tree, actor("ines"), people.rows(actor("ines"))))


def test_the_last_touch_before_the_first_deal_is_the_converting_one(client, marta):
    dealt(marta, 20)
    dealt(marta, 1)
    assert by("email") == [marta] and by("ads") == [] == by("search")
    assert [(t["channel"], t["converting"]) for t in told(f"people/{marta.pk}/touches")] == [
        ("ads", False), ("email", True), ("search", False),
    ]  # fmt: skip
    client.force_login(user("ines"))
    shown = text_of(client.get(f"/people/{marta.pk}/panel/reach", headers=HTMX))
    assert shown.count("the last before the first deal") == 1


def test_whoever_has_no_deal_has_no_converting_touch(marta):
    assert [by(channel) for channel in ("search", "email", "ads")] == [[], [], []]
    assert not any(t["converting"] for t in told(f"people/{marta.pk}/touches"))


def test_a_touch_after_every_deal_converted_nobody(marta):
    dealt(marta, 90)
    assert by("search") == [] and not any(t["converting"] for t in told(f"people/{marta.pk}/touches"))
