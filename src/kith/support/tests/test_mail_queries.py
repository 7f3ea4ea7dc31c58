"""What one mail costs: each trip to the database that is added here is paid a hundred times a second."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.access.actor import system
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.working import work
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.support.models import Ticket
from kith.support.tests.cast import level, marta
from tests.cast import actor
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
HELP = "help@tidewell.example"
BRACKETS = ("SAVEPOINT", "RELEASE")
KEPT, OPENED, JOINED = 7, 36, 29  # statements: taken in whole, become a ticket that is dealt out, joined one


@pytest.fixture
def desk():
    """A way in, a service level, two who take turns, and somebody who has written before."""
    create(registry["way_in"], {"name": "Help", "through": "mail", "place": HELP}, by=system("cli"))
    for name in ("ines", "jonas"):
        create(registry["agent"], {"user": actor(name).user}, by=system("cli"))
    level()
    marta(actor("ines"))
    work(mail("first").pk)


def mail(key, **headers):
    given = {"From": "Marta <marta@bellevue.example>", "To": HELP, "Subject": f"Alerts of {key}", **headers}
    return take_in(letter("The night porter gets none.", **given, **{"Message-ID": f"<{key}@b.example>"}).as_bytes())


def cost(what):
    with CaptureQueriesContext(connection) as captured:
        result = what()
    return result, [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(BRACKETS)]


def test_a_mail_is_taken_in_opens_a_ticket_and_joins_one_within_its_budget_of_statements(desk):
    row, kept = cost(lambda: mail("second"))
    assert len(kept) <= KEPT, kept
    _done, opened = cost(lambda: work(row.pk))
    assert Ticket.objects.count() == 2 and Ticket.objects.latest("pk").owner_id
    assert len(opened) <= OPENED, opened
    row = mail("third", **{"In-Reply-To": "<second@b.example>"})
    _done, joined = cost(lambda: work(row.pk))
    assert Ticket.objects.count() == 2 and Ticket.objects.latest("pk").said == 2
    assert len(joined) <= JOINED, joined


def test_more_who_could_take_a_ticket_cost_no_more_statements(desk):
    before = len(cost(lambda: work(mail("second").pk))[1])
    for name in ("priya", "helena", "astrid"):
        create(registry["agent"], {"user": actor(name).user}, by=system("cli"))
    work(mail("third").pk)  # what is kept of the configuration is read once
    assert len(cost(lambda: work(mail("fourth").pk))[1]) <= before
