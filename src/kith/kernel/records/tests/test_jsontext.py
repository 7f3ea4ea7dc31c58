"""JSON for the database says the same as Django's own encoder, however odd the value."""

import datetime as dt
import json
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy

from kith.kernel.jsontext import encode, encoder


@pytest.mark.parametrize(
    "value",
    [
        None, "", [], {}, True, 0, -1.5, "Łódź \U0001f600 \u2028 \x7f \" \\", {"a": [None, {"b": "c"}]}, 2**70, {1: "one"},
        Decimal("1234.50"), dt.date(1980, 2, 29), dt.datetime(2026, 3, 1, 9, 30, 15, 123456, dt.UTC), dt.time(9, 30),
        UUID(int=7), gettext_lazy("Name"), dt.timedelta(days=1), "half \ud800 of a character",
    ],
)  # fmt: skip
def test_a_value_means_the_same_as_with_django(value):
    assert json.loads(encode(value)) == json.loads(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False))


def test_a_rule_of_ones_own_is_asked_for_what_json_does_not_know():
    assert encoder(lambda value: f"<{value}>")([dt.date(2026, 1, 2), b"x"]) == '["<2026-01-02>","<b\'x\'>"]'
