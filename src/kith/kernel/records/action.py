"""Actions: verbs with inputs read from their signature, one implementation behind every face.

    @action("deal.win", needs="deal.edit", label=_("Won"), icon="check")
    def win(deal: Deal, *, reason: Annotated[str, Text(), _("Reason")], by: Actor) -> Deal: ...

The first parameter is the row (absent for actions on nothing); keyword parameters annotated with a kind are inputs,
required when they have no default; `by` is the actor. An action declared with `fills=True` also takes columns of the row
(keyword `columns`, typed values by column key): it may raise NeedsInput naming columns, and whoever asked for them sends
them under their own keys beside the inputs.

Beside its kind and label an input may be marked LATER (asked for only once the action has said that something is
missing: the reason for an exception) or GIVEN (said by where the action stands, never typed: a line of a table).
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.kinds import EMPTY, Kind
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation

ACTIONS: dict[str, Action] = {}
LATER, GIVEN = object(), object()


@dataclass(frozen=True)
class Input:
    """One input of an action, enough to build a form field, an API schema or a command-line option.

    `words` may be lazy: actions are declared once, so the language is chosen each time the `label` is asked for.
    """

    key: str
    words: Any
    kind: Kind
    required: bool
    default: Any = None
    later: bool = False
    given: bool = False
    unless: str = ""  # another input that brings this one's value, so that it is not needed beside that

    def needed(self, raw: Mapping[str, Any]) -> bool:
        """Must it be said beside these raw values?"""
        return self.required and raw.get(self.unless) in EMPTY

    @property
    def label(self) -> str:
        """What the input is called, in the language of whoever asks."""
        return str(self.words)


@dataclass(frozen=True, eq=False)
class Action:
    """`run(row, **inputs, by=actor)`; `applies(row)` says whether it makes sense now; `undo` whether it can be undone."""

    name: str
    needs: str
    label: Any
    run: Callable[..., Any] = field(repr=False)
    inputs: tuple[Input, ...] = ()
    icon: str = ""
    tone: str = ""
    undo: bool = True
    applies: Callable[[Any], bool] = field(default=lambda row: True, repr=False)
    # Beyond rights: is it this actor's to do with this row? Those whose it is not are not offered it.
    whose: Callable[[Any, Actor], bool] = field(default=lambda row, by: True, repr=False)
    done: Any = ""  # sentence for the toast, "{row}" is the row's name
    key: str = ""  # keyboard shortcut on the record page
    fills: bool = False  # takes columns of the row beside its inputs, as `columns`
    # Makes sense on many rows at once, so lists offer it for picked ones; or how it is done with all of them together:
    # `many(rows, **inputs, by=, refused=)` returns how many it changed.
    many: bool | Callable[..., int] = field(default=False, repr=False)
    offers: Callable[[Any], dict[str, list[tuple[str, Any]]]] | None = field(default=None, repr=False)

    def offered(self, row: Any) -> list[tuple[str, str, str]]:
        """Likely answers as one press each, (input, raw value, words): "Tomorrow" beside a field for a moment."""
        given = self.offers(row) if self.offers is not None else {}
        return [(key, value, str(words)) for key, choices in given.items() for value, words in choices]

    @property
    def verb(self) -> str:
        return self.name.partition(".")[2]

    @property
    def points(self) -> bool:
        """Whether it is about one of several parts of the row (a line, a seat), so that it is offered beside that part."""
        return any(i.given and i.required for i in self.inputs)

    def open_to(self, row: Any, by: Actor) -> bool:
        """Is this to be offered to the actor, as the row is now?"""
        return by.can(self.needs) and self.applies(row) and self.whose(row, by)

    def asked_of(self, rows: Any, given: Mapping[str, Any] | None = None) -> tuple[Input, ...]:
        """Its inputs as they are asked for these rows. given: raw values of them that were said already."""
        return tuple(replace(i, kind=i.kind.among(rows).beside(given or {})) for i in self.inputs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(*args, **kwargs)

    def read(self, raw: dict[str, Any], by: Actor, *, json: bool = False, row: Any = None) -> dict[str, Any]:
        """Typed inputs from raw ones: words of a form, or (json) values of a program, which must have the right type. row:
        the one that they are for, where it is one. Raises NeedsInput naming what is missing and what is wrong."""
        values, missing = {}, []
        errors = {k: [self._refusal(k)] for k in self._strange(raw)} if json else {}
        for i in self.inputs if row is None else self.asked_of([row], raw):
            if i.key not in raw:
                if i.needed(raw):
                    missing.append(i.key)
                continue
            try:
                values[i.key] = (i.kind.take if json else i.kind.parse)(raw[i.key], actor=by)
            except Invalid as problem:
                errors[i.key] = [problem.message]
                continue
            if values[i.key] in EMPTY:
                if i.needed(raw):
                    missing.append(i.key)
                elif i.required:
                    del values[i.key]  # the action's own words
                else:
                    values[i.key] = i.default  # a field left empty
        if errors or missing:
            labels = ", ".join(i.label for i in self.inputs if i.key in missing)
            message = (
                f"{self.label}: {labels} is needed." if missing else " ".join(m for e in errors.values() for m in e)
            )
            raise NeedsInput(message, tuple(missing), errors)
        return values

    def _strange(self, raw: dict[str, Any]) -> list[str]:
        """Keys that are no input. A form sends more than its fields; a program that does means something by it."""
        return [] if self.fills else [k for k in raw if k not in {i.key for i in self.inputs}]

    def _refusal(self, key: str) -> str:
        known = ", ".join(i.key for i in self.inputs) or _("none")
        return _("“%(action)s” has no input “%(key)s”; it has: %(known)s.") % {
            "action": self.label, "key": key, "known": known}  # fmt: skip


def action(name: str, *, needs: str, label: Any, **facts: Any) -> Callable[[Callable[..., Any]], Action]:
    """Declare an action; see the module docstring. `facts`: icon, tone, undo, applies, whose, done, key, fills, many,
    offers (`row -> {input: [(raw value, words)]}`, answers that a dialog gives at one press)."""

    def declare(fn: Callable[..., Any]) -> Action:
        if name in ACTIONS:
            raise TypeError(f"{fn.__module__}.{fn.__name__}: the action “{name}” is declared twice.")
        made = Action(name, needs, label, fn, _inputs(fn), **facts)
        ACTIONS[name] = made
        return made

    return declare


def _inputs(fn: Callable[..., Any]) -> tuple[Input, ...]:
    hints = typing.get_type_hints(fn, include_extras=True)
    out = []
    for p in inspect.signature(fn).parameters.values():
        if p.kind is not p.KEYWORD_ONLY or p.name == "by":
            continue
        meta = getattr(hints.get(p.name), "__metadata__", ())
        kind = next((m for m in meta if isinstance(m, Kind)), None)
        if kind is None:
            continue  # an argument for other code, not for faces
        words = (m for m in meta if not isinstance(m, Kind) and m is not LATER and m is not GIVEN)
        said = next(words, p.name.replace("_", " ").capitalize())
        required = p.default is p.empty
        out.append(Input(p.name, said, kind, required, None if required else p.default, LATER in meta, GIVEN in meta))
    return tuple(out)


@dataclass(frozen=True)
class Outcome:
    """What running an action gave: the row (or other result), and the operation that can take it back."""

    result: Any
    operation: Operation | None


def perform(act: Action, row: Any, raw: dict[str, Any], *, by: Actor, json: bool = False) -> Outcome:
    """Run an action the way every face does: right, inputs, operation. Raises NotAllowed, NeedsInput, Invalid…

    json: the inputs are values of a program, not words of a form.
    """
    from kith.kernel.records.registry import registry

    by.require(act.needs)
    record = registry.by_model(type(row)) if row is not None else None
    values = act.read(raw, by, json=json, row=row)
    if act.fills and record is not None:
        values["columns"] = columns_beside(act, record, raw, by, json)
    args = () if row is None else (row,)
    if not act.undo:
        return Outcome(act.run(*args, **values, by=by), None)
    name = f": {record.name_of(row)}" if record and row.pk else ""
    with operation(act.name, f"{act.label}{name}", by=by, record=act.name.partition(".")[0]) as (op, actor):
        result = act.run(*args, **values, by=actor)
    return Outcome(result, op if op.pk else None)


def columns_beside(act: Action, record: Any, raw: dict[str, Any], by: Actor, json: bool) -> dict[str, Any]:
    """Typed values of the row's own columns that came beside the inputs."""
    from kith.kernel.records.actions import parse_values

    taken = {i.key for i in act.inputs}
    writable = record.writable(by)
    given = {k: v for k, v in raw.items() if k not in taken and (json or k in writable)}
    return parse_values(record, given, by=by, columns=writable, json=json) if given else {}
