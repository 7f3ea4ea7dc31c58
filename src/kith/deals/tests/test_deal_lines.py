import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.deals.actions import add_line, add_member, change_line, change_member, remove_line, remove_member
from kith.deals.models import Price, PriceList, Product
from kith.deals.pricing import line_total, piece_price, price_for
from kith.deals.queries import committee, lines
from kith.deals.tests.cast import deal, deals, stage
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput, NotFound
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def made_of(model, **values):
    row = model(**values)
    with change(row, by=system()):
        pass
    return row


def sensor():
    found = Product.objects.filter(name="Leak sensor").first()
    return found or made_of(Product, name="Leak sensor", sku="TW-100", price=Decimal(120), currency="EUR")


def price_list(name, days=(None, None), currency="EUR", **price):
    start, end = (None if d is None else TODAY() + dt.timedelta(days=d) for d in days)
    found = made_of(PriceList, name=name, currency=currency, starts_on=start, ends_on=end)
    made_of(Price, price_list=found, product=sensor(), **price)
    return found


def test_the_amount_of_a_deal_is_what_its_products_add_up_to():
    ines = actor("ines")
    made = deal(ines, amount=1)
    with_one = add_line(made, product=sensor(), quantity=Decimal(14), by=ines)
    assert with_one.amount == 1680
    with_two = add_line(
        with_one, product=sensor(), unit_price=Decimal("99.50"), discount=Decimal(10), discount_reason="Pilot", by=ines
    )
    assert with_two.amount == Decimal("1769.55")
    first = lines(with_two)[0]
    assert change_line(with_two, line=first.pk, quantity=Decimal(10), by=ines).amount == Decimal("1289.55")
    assert remove_line(with_two, line=first.pk, by=ines).amount == Decimal("89.55")
    said = [e.sentence for e in timeline(ines, "deal", made.pk)[0]]
    assert said[:2] == ["removed 10 × Leak sensor", "changed 10 × Leak sensor"]


def test_the_amount_cannot_be_typed_while_products_say_it():
    ines = actor("ines")
    made = add_line(deal(ines), product=sensor(), by=ines)
    with pytest.raises(InvalidMany) as refused:
        actions.edit(deals, made, {"amount": Decimal(5)}, by=ines)
    assert refused.value.errors == {"amount": ["This follows the products on the deal; change those."]}
    assert actions.edit(deals, made, {"amount": made.amount, "name": "Same"}, by=ines).name == "Same"


def test_every_change_of_products_can_be_taken_back():
    ines = actor("ines")
    made = deal(ines, amount=500)
    added = perform(add_line, made, {"product": "Leak sensor" if sensor() else "", "quantity": "3"}, by=ines)
    changed = perform(change_line, added.result, {"line": lines(made)[0].pk, "quantity": "5"}, by=ines)
    assert changed.result.amount == 600
    undo(changed.operation, by=ines)
    made.refresh_from_db()
    assert (made.amount, lines(made)[0].quantity) == (360, 3)
    undo(added.operation, by=ines)
    made.refresh_from_db()
    assert (made.amount, lines(made)) == (500, [])


def test_products_changed_since_are_left_as_they_are():
    ines = actor("ines")
    made = deal(ines)
    added = perform(add_line, made, {"product": sensor().pk}, by=ines)
    add_line(made, product=sensor(), by=ines)
    assert "changed since" in undo(added.operation, by=ines).conflicts[0]
    assert len(lines(made)) == 2


def test_the_price_is_that_of_the_list_valid_today():
    price_list("Last year", (-400, -35), amount=Decimal(90))
    price_list("This year", (-35, 300), amount=Decimal(110))
    price_list("Next year", (300, None), amount=Decimal(130))
    partners = price_list("Partners", (None, None), amount=Decimal(80))
    ines = actor("ines")
    assert add_line(deal(ines), product=sensor(), by=ines).amount == 110
    assert add_line(deal(ines, name="Partner", price_list=partners), product=sensor(), by=ines).amount == 80
    assert price_for(sensor(), "EUR", TODAY() - dt.timedelta(days=40)).amount == 90
    assert price_for(sensor(), "EUR", TODAY() - dt.timedelta(days=500)).source == "Partners"


def test_a_product_without_a_price_in_the_deals_currency_asks_for_one():
    ines = actor("ines")
    made = deal(ines, currency="SEK")
    with pytest.raises(NeedsInput) as wants:
        perform(add_line, made, {"product": sensor().pk}, by=ines)
    assert wants.value.inputs == ("unit_price",)
    assert wants.value.message == "Leak sensor has no price in SEK today; say one."
    price_list("Sweden", currency="SEK", amount=Decimal(1250))
    assert add_line(made, product=sensor(), by=ines).amount == 1250


def test_a_discount_says_why():
    ines = actor("ines")
    with pytest.raises(NeedsInput) as wants:
        perform(add_line, deal(ines), {"product": sensor().pk, "discount": "10"}, by=ines)
    assert wants.value.inputs == ("discount_reason",)


def test_below_the_lowest_price_only_a_manager_may_go():
    price_list("This year", amount=Decimal(110), floor=Decimal(95))
    ines, helena = actor("ines"), actor("helena")
    made = deal(ines)
    raw = {"product": sensor().pk, "discount": "20", "discount_reason": "Volume"}
    with pytest.raises(Invalid) as refused:
        perform(add_line, made, raw, by=ines)
    assert refused.value.message == "Leak sensor at €88 is below the lowest price, €95; ask a manager to enter it."
    assert refused.value.field == "discount"
    assert perform(add_line, made, raw, by=helena).result.amount == 88


def test_a_line_of_another_deal_is_not_found():
    ines = actor("ines")
    other = add_line(deal(ines, name="Other"), product=sensor(), by=ines)
    with pytest.raises(NotFound):
        remove_line(deal(ines), line=lines(other)[0].pk, by=ines)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    quantity=st.decimals(Decimal("0.01"), Decimal(9999), places=2),
    price=st.decimals(Decimal(0), Decimal(99_999), places=2),
    discount=st.decimals(Decimal(0), Decimal(100), places=2),
)
def test_a_line_total_is_within_half_a_cent_of_the_exact_product(quantity, price, discount):
    total = line_total(quantity, price, discount)
    exact = quantity * piece_price(price, discount)
    assert abs(total - exact) <= Decimal("0.005")
    assert 0 <= total <= (quantity * price).quantize(Decimal("0.01")) + Decimal("0.01")


def test_a_price_list_that_ends_before_it_starts_is_refused():
    with pytest.raises(Invalid, match="cannot end before it starts"):
        price_list("Wrong", (10, 5), amount=Decimal(1))
    with pytest.raises(Invalid, match="between zero and the price"):
        price_list("Wrong too", amount=Decimal(1), floor=Decimal(2))


# --- the buying committee -------------------------------------------------------------------------------------------


def person(by, name):
    return actions.create(registry["person"], {"given_name": name}, by=by)


def test_missing_roles_are_named_for_the_stage_and_one_single_contact_is_flagged():
    ines = actor("ines")
    marta, oliver = person(ines, "Marta"), person(ines, "Oliver")
    made = deal(ines, contact=marta, stage="Proposal")
    assert committee(made).missing == ["Decides", "Champion"]
    assert committee(made).single
    add_member(made, person=marta, role="champion", influence=3, sentiment=5, by=ines)
    assert committee(made).single
    add_member(made, person=oliver, role="decider", by=ines)
    found = committee(made)
    assert (found.missing, found.single) == ([], False)
    said = [e.sentence for e in timeline(ines, "person", oliver.pk)[0]]
    assert said[0] == "added Oliver: decides"


def test_one_person_holds_one_role_once():
    ines = actor("ines")
    made = deal(ines)
    marta = person(ines, "Marta")
    add_member(made, person=marta, role="champion", by=ines)
    with pytest.raises(Invalid, match="in that role already"):
        add_member(made, person=marta, role="champion", by=ines)
    add_member(made, person=marta, role="user", by=ines)
    with pytest.raises(Invalid, match="in that role already"):
        change_member(made, member=committee(made).seats[1].pk, role="champion", by=ines)


def test_changes_of_the_committee_can_be_taken_back():
    ines = actor("ines")
    made = deal(ines, stage=stage("Proposal"))
    marta = person(ines, "Marta")
    seated = perform(add_member, made, {"person": marta.pk, "role": "decider", "sentiment": "4"}, by=ines)
    seat = committee(made).seats[0]
    gone = perform(remove_member, made, {"member": seat.pk}, by=ines)
    assert committee(made).seats == []
    undo(gone.operation, by=ines)
    assert [(s.person, s.role, s.sentiment) for s in committee(made).seats] == [(marta, "decider", 4)]
    undo(seated.operation, by=ines)
    assert committee(made).seats == []
