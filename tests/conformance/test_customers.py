"""Customers who came in at their portal read through the same door as colleagues: what a record type declares as theirs, and
nothing else of any type, whatever its scope says."""

import pytest

from kith.kernel.access.actor import Customer, customer_actor, system
from kith.kernel.access.policies import RIGHTS, ROW_VERBS
from kith.kernel.access.scopes import NONE
from kith.kernel.errors import NotFound
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from tests.cast import actor
from tests.conformance.samples import every, row_of

pytestmark = pytest.mark.django_db
DECLARED = {"onboarding_plan", "order", "quote", "ticket"}
NOBODY = customer_actor("Rolf", Customer(2**40, 2**40, "rolf@berg.example", shares=True))


@pytest.fixture
def by():
    from kith.deals.actions import install_defaults

    install_defaults(by=system("cli"))
    return actor("astrid")


def named_by(row):
    """A customer whom this row names, with everything that an organisation may let them read."""
    person, company = (getattr(row, key, None) for key in ("person_id", "company_id"))
    return customer_actor("Marta", Customer(person or 2**40, company, "marta@bellevue.example", shares=True))


def test_what_customers_read_is_declared_with_these_types():
    assert {record.name for record in registry if record.customers is not None} == DECLARED


@pytest.mark.parametrize("record", every(), ids=lambda r: r.name)
def test_a_customer_reaches_what_is_declared_as_theirs_and_changes_nothing(record, by):
    row = row_of(record, by)
    marta = named_by(row)
    for verb in ROW_VERBS:
        assert not record.rows(NOBODY, verb).exists(), "it is somebody else's"
    with pytest.raises(NotFound):
        record.get(NOBODY, row.pk)
    if record.name not in DECLARED:
        assert not record.rows(marta).exists(), "it names them, and is none of theirs to read"
    for verb in ("edit", "archive"):
        assert record.scope.q(marta, record.name, verb) == NONE
    with pytest.raises(NotFound), change(row, by=marta):
        pass
    assert not any(marta.can(f"{record.name}.{right}") for right in (*RIGHTS, *ROW_VERBS))


def test_a_customer_has_the_rights_of_no_role():
    assert not any(NOBODY.can(need) for need in ("settings.manage", "settings.people", "deal.see", "person.export"))


def test_what_an_organisation_hides_is_hidden_at_the_door(by):
    row = row_of(registry["order"], by)
    whose = Customer(2**40, row.company_id or 2**40, "marta@bellevue.example", shares=True)
    hidden = Customer(whose.person, whose.company, whose.address, shares=True, hides=frozenset({"order"}))
    assert registry["order"].rows(customer_actor("Marta", whose)).exists() is (row.company_id is not None)
    assert not registry["order"].rows(customer_actor("Marta", hidden)).exists()
