"""Values as JSON text for the database: quick for what is usual, as careful as Django for what is not.

Rows and events of an import are mostly JSON, and writing it is what the standard library is slowest at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder

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
