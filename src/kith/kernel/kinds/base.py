"""A kind knows how one sort of value behaves everywhere: typed, shown, stored as JSON, described, compared.

Faces (list, form, filter, import, API, history) ask the kind and never switch on a type themselves. A new kind is
one class; `Column` (records/columns.py) says where a value lives, the kind says what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text

KINDS: dict[str, type[Kind]] = {}
LONGEST = 1000  # characters of anything but text: parsers of dates and numbers take minutes over megabytes
EMPTY: tuple[Any, ...] = (None, "", [], {})


def within_reason(text: str) -> str:
    """`text`, or Invalid when it is too long to be a date, a number, a choice or a name."""
    if len(text) > LONGEST:
        raise Invalid(
            _("This has %(n)s characters; the most that are read here are %(max)s.") % {"n": len(text), "max": LONGEST}
        )
    return text


@dataclass(frozen=True)
class Operator:
    """One way to compare. `takes`: "none" | "one" | "many" | "two"; `q(path, value)` builds the condition on an ORM path."""

    key: str
    label: Any
    takes: str
    q: Callable[[str, Any], Q]


def _empty(path: str, _value: Any) -> Q:
    return Q(**{f"{path}__isnull": True})


def _filled(path: str, _value: Any) -> Q:
    return Q(**{f"{path}__isnull": False})


BLANK = (
    Operator("empty", gettext_lazy("is empty"), "none", _empty),
    Operator("filled", gettext_lazy("is known"), "none", _filled),
)


class Kind:
    """Base of all kinds. Values are plain Python; `None` (or the kind's `blank`) means not known."""

    name: ClassVar[str] = ""
    widget: ClassVar[str] = "text"  # which form field renders it
    align: ClassVar[str] = "start"  # "end" for figures
    label: ClassVar[Any] = ""  # what an administrator picks when adding a custom field
    customisable: ClassVar[bool] = False  # may a custom field have this kind
    multiple: ClassVar[bool] = False
    blank: ClassVar[Any] = None
    none: Any = ""  # what leaving it empty means, where that is more than not knowing it
    sql: ClassVar[str] = ""  # cast of a custom value's text, "" when it stays text
    sortable: ClassVar[bool] = True
    secret: ClassVar[bool] = False  # never written to a file of configuration
    timed: ClassVar[bool] = False  # may the passing of time alone change what conditions on it say
    accepts: ClassVar[tuple[type, ...]] = (str,)  # JSON types a program may send; None always means not known

    def __init_subclass__(cls) -> None:
        if cls.name:
            KINDS[cls.name] = cls

    # --- values
    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        """Value from words a person, a file or a URL gave. Empty words give `blank`. Raises Invalid."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return self.blank
        return self.clean(clean_text(within_reason(raw).strip()) if isinstance(raw, str) else raw)

    def take(self, data: Any, *, actor: Any = None) -> Any:
        """Value from JSON that a program sent: the right JSON type, then as strict as `parse`. Raises Invalid."""
        if data is None:
            return self.blank
        if not isinstance(data, self.accepts) or (isinstance(data, bool) and bool not in self.accepts):
            names = {
                str: "text",
                bool: "true or false",
                int: "a number",
                float: "a number",
                dict: "an object",
                list: "a list",
            }
            wanted = _(" or ").join(dict.fromkeys(names[t] for t in self.accepts))
            raise Invalid(
                _("This must be %(wanted)s, not %(given)s.")
                % {"wanted": wanted, "given": names.get(type(data), "that")}
            )
        return self.parse(data, actor=actor)

    def clean(self, value: Any) -> Any:
        """Checked value from a typed one (API, code). Raises Invalid."""
        return value

    def dump(self, value: Any) -> Any:
        """JSON form, as stored in events and custom fields and sent by the API."""
        return value

    def load(self, data: Any) -> Any:
        """Value from its JSON form."""
        return data

    def outward(self, value: Any) -> Any:
        """Plain value for a file of configuration: what means the same in another installation, so no numbers of rows."""
        return self.dump(value)

    def inward(self, data: Any, *, actor: Any = None) -> Any:
        """Value from such a file, here. Raises Invalid, also where it names what is not here."""
        return self.take(data, actor=actor)

    def keeping(self, value: Any, before: Any) -> Any:
        """A value from a file with what no file says, as it was here before."""
        return value

    def even(self, data: Any, *, actor: Any = None) -> Any:
        """What a file says as `outward` would say it; of links, nothing is looked up. Raises Invalid."""
        return self.outward(self.inward(data, actor=actor))

    def show(self, value: Any) -> str:
        """Words for people, in the active language and time zone; "" when not known."""
        return "" if value in EMPTY else str(value)

    def edit(self, value: Any) -> str:
        """What an input holds: `parse(edit(v)) == v`."""
        return "" if value in EMPTY else str(self.dump(value))

    def export(self, value: Any) -> Any:
        """Cell value for a table file: a str, int, Decimal, date, datetime, bool or None."""
        return None if value in EMPTY else self.edit(value)

    def same(self, a: Any, b: Any) -> bool:
        return a == b or (a in EMPTY and b in EMPTY)

    def among(self, rows: Any) -> Kind:
        """The kind as it is asked for these rows (a list, or a query for any number), where what may be chosen hangs on them."""
        return self

    def beside(self, given: Mapping[str, Any]) -> Kind:
        """The same where what may be chosen hangs on other inputs of the action; `given` has their raw values, as far as said."""
        return self

    # --- descriptions
    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def operators(self) -> dict[str, Operator]:
        return {op.key: op for op in self.ops()}

    def ops(self) -> tuple[Operator, ...]:
        return BLANK

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        """Value to compare with, from its stored or typed form; resolves relative words. Raises Invalid."""
        if op.takes == "none":
            return None
        if op.takes == "many":
            items = raw if isinstance(raw, (list, tuple)) else [raw]
            return [self.parse(i, actor=actor) for i in items]
        if op.takes == "two":
            if not isinstance(raw, (list, tuple)) or len(raw) != 2:
                raise Invalid(_("“between” needs two values, for example 10 and 20."))
            return [self.parse(i, actor=actor) for i in raw]
        return self.parse(raw[0] if isinstance(raw, (list, tuple)) and len(raw) == 1 else raw, actor=actor)

    def moves(self, raw: Any) -> bool:
        """Does this operand mean something else another day, as "next_30_days" does?"""
        return False

    def say(self, op: Operator, raw: Any, *, actor: Any = None) -> str:
        """The operand in words, for a filter's sentence."""
        if op.takes == "none":
            return ""
        items = raw if isinstance(raw, (list, tuple)) else [raw]
        return ", ".join(self._say_one(i, actor) for i in items)

    def narrowed(self, value: Any) -> Any:
        """The operand for a question about a few known rows, where that is asked better in another way."""
        return value

    def told_by(self, values: Any) -> str:
        """The verb of the event that alone can change what a condition with these values says; "" where changes of rows do."""
        return ""

    def _say_one(self, raw: Any, actor: Any) -> str:
        return self.show(self.parse(raw, actor=actor))
