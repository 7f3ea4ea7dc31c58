"""Orders worth less than nothing and in currencies that do not exist: the same sentence however they come."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kith.conversion.models import Order
from kith.kernel.access.actor import system
from kith.kernel.accounts import tokens
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.intake.tests.conftest import Bring, reasons
from kith.kernel.records import actions
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
NO_CURRENCY = "“XXQ” is not a currency; write its three letters, such as EUR or USD."
BELOW = "An order cannot be worth less than nothing; end it, or write a credit where invoices are made."
FAULTS = [({"currency": "XXQ", "total": "10"}, "currency", NO_CURRENCY), ({"currency": "EUR", "total": "-10"}, "total", BELOW)]  # fmt: skip


def sent(client: Any, values: dict[str, str]) -> Any:
    secret = tokens.issue(user("astrid"), "Shop")[1]
    return client.post("/api/v1/orders", values, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {secret}")


@pytest.mark.parametrize(("fault", "field", "sentence"), FAULTS)
def test_by_hand_over_the_api_and_from_a_file_it_is_said_alike(
    client: Any, tmp_path: Any, fault: dict[str, str], field: str, sentence: str
) -> None:
    record, by = registry["order"], actor("astrid")
    with pytest.raises((Invalid, InvalidMany)) as told:
        actions.create(record, actions.parse_values(record, {"name": "Pilot", **fault}, by=by), by=by)
    assert sentence in (told.value.message, *getattr(told.value, "errors", {}).get(field, ()))

    answer = sent(client, {"name": "Pilot", **fault})
    assert answer.status_code == 422, answer.content
    assert sentence in json.dumps(answer.json(), ensure_ascii=False)

    rows = f"Name,Total,Currency\nGood,900,EUR\nPilot,{fault['total']},{fault['currency']}\nAlso good,40,SEK\n"
    run = Bring(tmp_path)("order", rows, by="astrid", name="orders.csv")
    assert list(reasons(run)) == [3]
    assert reasons(run)[3][0].endswith(sentence)
    assert sorted(Order.objects.values_list("name", flat=True)) == ["Also good", "Good"]


def test_a_program_that_writes_many_is_told_of_each_and_the_rest_goes_on() -> None:
    refused: dict[int, str] = {}
    values = [{"name": f"Pilot {n}", "currency": code} for n, code in enumerate(("EUR", "XXQ", "SEK"))]
    made = bulk_create(
        registry["order"], [New(one) for one in values], by=system("import"),
        refused=lambda n, problem: refused.update({n: problem.message}),
    )  # fmt: skip
    assert [order is not None for order in made] == [True, False, True]
    assert NO_CURRENCY in refused[1]


def test_letters_of_a_currency_may_be_small() -> None:
    record = registry["order"]
    values = actions.parse_values(record, {"name": "Pilot", "currency": "sek"}, by=system())
    assert actions.create(record, values, by=system()).currency == "SEK"


@pytest.mark.parametrize("wrong", [{"quantity": "0"}, {"quantity": "-2"}, {"unit_price": "-49"}, {"discount": "101"}])
def test_a_line_of_an_order_is_for_something_and_costs_nothing_less_than_nothing(
    client: Any, wrong: dict[str, str]
) -> None:
    order = actions.create(registry["order"], {"name": "Pilot", "total": 900}, by=actor("astrid"))
    secret = tokens.issue(user("astrid"), "Shop")[1]
    answer = client.post(
        f"/api/v1/orders/{order.pk}/actions/add_line", {"name": "Drop", "unit_price": "49", "quantity": "1", **wrong},
        content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {secret}",
    )  # fmt: skip
    assert answer.status_code == 422 and next(iter(wrong)) in answer.content.decode(), answer.content
    assert (Order.objects.get(pk=order.pk).total, order.lines.count()) == (900, 0)
