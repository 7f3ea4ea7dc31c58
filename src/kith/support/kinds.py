"""Kinds of this room: the chain of who is told when, where something comes in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Operator, Text
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
