"""What packages add to record pages: panels, kinds of entries to write, the next step, the lifecycle strip, further verbs.

    NEXT = Panel("quotes", _("Quotes"), "deals/panel_quotes.html", quotes_of, depends_on=("quote",))
    class DealRecord(Record): panels = (NEXT,)                      on one type; `register_panel` puts one on every type

    register_composer("call", _("Call"), "phone", log_call, submit=_("Save call"), hotkey="l")
    register_panel(HOURS, on="business_calendar")                           on a type of a floor below
    register_next_step("activities/next_pick.html", context, apply)          the control at the composer's foot

Everything is declared at start-up, in a package's `panels.py` or `AppConfig.ready()`. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.action import Action

PLACES = (
    "lead",
    "facts",
    "main",
    "next",
    "related",
)  # before all else; left; in the story; right; right, and last on a phone
BOUGHT = 6  # the step of a relationship's line at which somebody has bought
BEFORE, SINCE = "before", "since"
PHASES = {BEFORE: _("Before they bought"), SINCE: _("As a customer")}
Context = Callable[[Actor, Any], "dict[str, Any] | None"]
Applies = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Panel:
    """A part of a record page. `context(actor, row)` reads through the one door and gives what the template needs; None:
    there is nothing to show. The panel refetches itself when the row or a record of a type in `depends_on` changes ("*":
    of any type that links to this one).

    The template draws the inside; it also gets `opened` (the row, and what the reader may do) and `panel`. `hint`,
    `count` and `side` in the context go into the head. lazy: fetched after the page stands, for what is dear. verbs:
    actions of the row that the panel offers itself ("add_line"), so that the head of the page does not. covers: record
    types whose links to this row it shows, so that "Related" leaves them to it. bare: the template draws the head too.
    style: a stylesheet of its own, which pages with the panel link ("ui/css/pages/process.css"). phase: BEFORE or SINCE
    somebody bought, where the panel belongs to one part of the relationship: on the other side of it the panel waits in a
    fold and is fetched when that is opened.
    """

    key: str
    title: Any
    template: str
    context: Context
    depends_on: tuple[str, ...] = ()
    place: str = "next"
    order: int = 50
    lazy: bool = False
    verbs: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    bare: bool = False
    style: str = ""
    phase: str = ""

    def __post_init__(self) -> None:
        if self.place not in PLACES:
            raise TypeError(f"Panel {self.key}: place is one of {', '.join(PLACES)}, not {self.place!r}.")
        if self.phase and self.phase not in PHASES:
            raise TypeError(f"Panel {self.key}: phase is one of {', '.join(PHASES)}, not {self.phase!r}.")


@dataclass(frozen=True)
class Composer:
    """A kind of entry that can be written on a record page. Its action's first parameter is the row; its inputs are the
    fields, the one named `body` being the large one. `template` draws the other fields where rows of fields will not do;
    `below` draws what stands under the words while one writes them; the fields stand under it then.
    """

    kind: str
    label: Any
    icon: str
    action: Action
    submit: Any
    template: str = ""
    body: str = "body"
    placeholder: Any = ""
    hotkey: str = ""
    order: int = 50
    internal: bool = False
    mentions: bool = False  # colleagues named in it are told, and offered while one types
    applies: Applies = lambda record, row: True
    aside: bool = False  # stands beside other kinds; where it is the only one, a page does not open with it
    below: str = ""


@dataclass(frozen=True)
class NextStep:
    """The control at the composer's foot. `apply(actor, row, sent)` runs after the entry was written, in its operation;
    it raises Invalid in words. kind: the composer that "Set next step" opens; needs: inputs of it that may be left open
    otherwise, and not where a next step is to be set."""

    template: str
    context: Context
    apply: Callable[[Actor, Any, Mapping[str, Any]], None]
    kind: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verb:
    """A further line of the "More" menu. `href(actor, record, row)` gives an address, or None where it makes no sense."""

    label: Any
    icon: str
    href: Callable[[Actor, Any, Any], str | None]
    order: int = 50
    part: bool = False  # the address answers with a dialog


MARKS = "found_marks"  # the annotation of a row
_marks: dict[str, tuple[Any, Callable[[Any, Any, Any], Mapping[str, str]]]] = {}
_panels: dict[str, Panel] = {}
_panels_on: dict[str, dict[str, Panel]] = {}
_composers: dict[str, Composer] = {}
_next_step: list[NextStep] = []
_verbs: list[Verb] = []
_strips: list[Callable[[Actor, Any, Any], list[dict[str, Any]] | None]] = []


def register_marks(record: str, expression: Any, read: Callable[[Any, Any, Any], Mapping[str, str]]) -> None:
    """Say something quiet of single facts on the page of a type: `expression` is fetched with the row, `read(record type,
    row, what was fetched)` gives words by column key."""
    _marks[record] = (expression, read)


def marks_expression(record: str) -> Any:
    """What is fetched with a row for its marks; None where the type has none."""
    return _marks[record][0] if record in _marks else None


def marks_of(record: Any, row: Any) -> Mapping[str, str]:
    """Words by column key, of a row that was opened with its marks."""
    if record.name not in _marks or not hasattr(row, MARKS):
        return {}
    return _marks[record.name][1](record, row, getattr(row, MARKS))


def register_panel(panel: Panel, on: str = "") -> Panel:
    """Put a panel on the page of every record type, or of the one named `on`, which lives on a floor below. A panel that
    the type declares itself under the same key takes its place."""
    (_panels_on.setdefault(on, {}) if on else _panels)[panel.key] = panel
    return panel


def panels_of(record: Any) -> list[Panel]:
    """A type's own panels and those of every type, in order."""
    from kith.ui.pages.basics import EVERYWHERE

    own = {panel.key: panel for panel in record.panels if isinstance(panel, Panel)}
    given = _panels_on.get(record.name, {})
    every = {**{panel.key: panel for panel in EVERYWHERE}, **_panels, **given, **own}
    return sorted(every.values(), key=lambda panel: panel.order)


def register_composer(
    kind: str, label: Any, icon: str, action: Action, *, submit: Any, template: str = "", body: str = "body",
    placeholder: Any = "", hotkey: str = "", order: int = 50, internal: bool = False,
    mentions: bool = False, applies: Applies = lambda record, row: True, aside: bool = False, below: str = "",
) -> None:  # fmt: skip
    """Offer a kind of entry on record pages for which `applies(record, row)`; see `Composer`."""
    _composers[kind] = Composer(
        kind,
        label,
        icon,
        action,
        submit,
        template,
        body,
        placeholder,
        hotkey,
        order,
        internal,
        mentions,
        applies,
        aside,
        below,
    )


def composers_of(record: Any, row: Any, actor: Actor) -> list[Composer]:
    """The kinds of entries this actor may write about this row, in order."""
    every = sorted(_composers.values(), key=lambda composer: composer.order)
    return [c for c in every if c.applies(record, row) and c.action.open_to(row, actor)]


def composers() -> dict[str, Composer]:
    """Every kind of entry by its key, for whoever writes entries without a page."""
    return _composers


def register_next_step(
    template: str, context: Context, apply: Callable[[Actor, Any, Mapping[str, Any]], None], *, kind: str = "task",
    needs: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Say what stands at the composer's foot and what it does; there is one."""
    _next_step[:] = [NextStep(template, context, apply, kind, needs)]


def next_step() -> NextStep | None:
    return _next_step[0] if _next_step else None


def register_verb(
    label: Any, icon: str, href: Callable[[Actor, Any, Any], str | None], *, order: int = 50, part: bool = False
) -> None:
    """Add a line to the "More" menu of record pages."""
    _verbs.append(Verb(label, icon, href, order, part))


def verbs_of(actor: Actor, record: Any, row: Any) -> list[tuple[Verb, str]]:
    """(verb, its address) of those that make sense here."""
    every = ((verb, verb.href(actor, record, row)) for verb in sorted(_verbs, key=lambda verb: verb.order))
    return [(verb, href) for verb, href in every if href]


def register_strip(stops: Callable[[Actor, Any, Any], list[dict[str, Any]] | None]) -> None:
    """Say where the line of a relationship comes from: `stops(actor, record, row)` as `ui.lifecycle` takes them, or None."""
    _strips.append(stops)


def strip_of(actor: Actor, record: Any, row: Any) -> list[dict[str, Any]] | None:
    """The stops of this row's line: its type's own `strip(actor, row)`, else the first registered that has some."""
    own = getattr(record, "strip", None)
    if callable(own):
        stops: list[dict[str, Any]] | None = own(actor, row)
        return stops
    return next((stops for source in _strips if (stops := source(actor, record, row))), None)
