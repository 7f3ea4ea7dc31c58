"""Values as JSON text for the database, quick for what is usual, as careful as Django for what is not; and JSON text of other
programs as values that the database can hold.

Rows and events of an import are mostly JSON, and writing it is what the standard library is slowest at.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder

from kith.kernel.text import clean_text

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME  # moments are written by Django's rule, to the millisecond


def encoder(default: Callable[[Any], Any] | None = None) -> Callable[[Any], str]:
    """A function value -> JSON text. `default` says what becomes of values that JSON does not know; else Django does."""
    known = default or DjangoJSONEncoder().default
    slow = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=known).encode

    def encode(value: Any) -> str:
        try:
            return orjson.dumps(value, known, _OPTIONS).decode()
        except TypeError:  # numbers beyond 64 bits, half characters, keys that are no text
            return slow(value)

    return encode


encode = encoder()


def read(text: str | bytes) -> Any:
    """JSON that another program sent. Raises ValueError or RecursionError, also for numbers that no database holds (NaN,
    Infinity, 1e999)."""
    return json.loads(text, parse_constant=_no_number, parse_float=_number)


def clean(value: Any) -> Any:
    """The same without what no database holds in its words. Raises RecursionError where it is nested too deep."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean_text(key): clean(each) for key, each in value.items()}
    return value


def _number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
