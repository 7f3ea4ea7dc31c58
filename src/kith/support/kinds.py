"""Kinds of this room: a filter of companies kept as words, the chain of who is told when, where something comes in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Operator, Text
from kith.kernel.kinds.text import LongText
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.support.clocks.policies import read_chain


class Customers(LongText):
    """A filter of companies in its text form: "segment.any:gold". Shown as a sentence."""

    name, label, sortable, customisable = "customers", _("Filter"), False, False

    def __init__(self) -> None:
        super().__init__(10_000)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text:
            compiled = compile_tree(registry["company"], parse(text), system())
            if compiled.broken:
                raise Invalid(_("This filter of companies asks for something that there is not."))
        return text

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        return LongText().operand(op, raw, actor=actor)

    def show(self, value: Any) -> str:
        return str(say_tree(registry["company"], parse(value), system())) if value else ""


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
