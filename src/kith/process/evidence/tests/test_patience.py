"""Talk counts for a customer with whomever it was and wherever it was written down."""

import pytest

from kith.activities.models import Activity, Message, Thread
from kith.contacts.models import Company, Person
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.process.evidence.patience import waiting
from kith.process.evidence.tests.lives import stored
from kith.process.evidence.tests.stories import DAY, NOW, walk
from kith.process.models import Journey
from kith.process.tests.cast import made
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(process):
    """Ten days in capture, of a company with somebody there and a deal."""
    [pk] = stored(process, [walk("capture qualify", days=10, start=NOW - 20 * DAY, version=1)])
    return Journey.objects.select_related("company").get(pk=pk)


def waits(process):
    """Days waited for us and for them in capture."""
    found = waiting(process, NOW)["capture"]
    return found["us"] / 86_400, found["them"] / 86_400


def called(journey, day, theirs=False, **about):
    Activity.objects.create(
        kind="call", subject="A call", done_at=journey.opened_at + day * DAY, incoming=theirs, **about
    )


def mailed(journey, day, state, **about):
    thread = Thread.objects.create(subject="Leaks", **about)
    Message.objects.create(
        thread=thread, state=state, at=journey.opened_at + day * DAY, sender="a@b.example", message_id=f"{day}-{thread.pk}"
    )  # fmt: skip


def somebody(company=None):
    return Person.objects.create(given_name="Marta", family_name="Kowalczyk", company=company)


def deal(**links):
    install_defaults(system())
    return made("deal", actor("astrid"), name="Sensors", **links)


def test_talk_with_the_people_of_a_company_is_talk_with_the_company(process, journey):
    marta = somebody(journey.company)
    called(journey, 2, person=marta)
    mailed(journey, 6, "received", person=marta)
    assert waits(process) == (6, 4)


def test_talk_about_its_deals_counts_and_so_does_that_about_deals_of_its_people(process, journey):
    called(journey, 3, deal=deal(company=journey.company))
    mailed(journey, 8, "received", deal=deal(contact=somebody(journey.company)))
    assert waits(process) == (5, 5)


def test_what_hangs_on_all_of_them_counts_once(process, journey):
    marta = somebody(journey.company)
    called(journey, 4, person=marta, company=journey.company, deal=deal(company=journey.company, contact=marta))
    assert waits(process) == (4, 6)


def test_talk_with_others_is_none_of_theirs(process, journey):
    other = Company.objects.create(name="Hotel Sonne")
    called(journey, 2, person=somebody(other))
    called(journey, 3, person=somebody())
    mailed(journey, 4, "queued", company=journey.company)
    assert waits(process) == (10, 0)


def test_a_person_without_a_company_is_a_customer_of_their_own(process, journey):
    alone = somebody()
    Journey.objects.filter(pk=journey.pk).update(company=None, person=alone)
    called(journey, 1, person=alone)
    mailed(journey, 5, "received", deal=deal(contact=alone))
    assert waits(process) == (6, 4)


def test_however_many_customers_it_takes_a_few_questions(process, django_assert_max_num_queries):
    stored(process, [walk("capture qualify", days=3, start=NOW - 20 * DAY, version=1)] * 30)
    with django_assert_max_num_queries(6):
        waiting(process, NOW)
