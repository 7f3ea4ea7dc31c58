"""Kinds of this room: the chain of who is told when, where something comes in, files that go with an answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Operator, Tags, Text
from kith.kernel.kinds.text import LongText
from kith.support.clocks.policies import read_chain


class Chain(LongText):
    """Who is told at which share of a clock's time, a line each: "75 % owner"."""

    name, label, sortable, customisable = "chain", _("Who is told, and when"), False, False

    def __init__(self) -> None:
        super().__init__(2_000)

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        return LongText().operand(op, raw, actor=actor)

    def clean(self, value: Any) -> str:
        return "\n".join(f"{share} % {whom}" for share, whom in read_chain(super().clean(value) or ""))


class Place(Text):
    """Where something comes in: an address, or the key of a form or chat."""

    name, label, customisable = "place", _("Address or key"), False


class FileIds(Tags):
    """Files that stand with the row already, by their ids."""

    name, label = "file_ids", _("Files")

    def clean(self, value: Any) -> list[Any]:
        ids = super().clean(value)
        for one in ids:
            if not (one.isascii() and one.isdecimal() and len(one) < 19):
                raise Invalid(__("“%s” is not the number of a file.") % one)
        return [int(one) for one in ids]

    def show(self, value: Any) -> str:
        return ", ".join(map(str, value or []))

    edit = show

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "integer"}, "maxItems": 100}
