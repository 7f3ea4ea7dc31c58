"""What a kind of step is: its keys, what is wrong with one, how it reads, what it does.

A step runs inside the transaction that also notes what became of it and moves the run on, so that it is done once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid

KINDS: dict[str, StepKind] = {}
Step = dict[str, Any]


@dataclass
class Going:
    """A step about to be done: the run, the row it is about (fresh, or None), and who acts because of what."""

    run: Any
    record: Any
    row: Any
    by: Actor
    place: int  # in the version's line
    rehearsing: bool = False  # nothing may leave the house; the database is taken back afterwards


@dataclass(frozen=True)
class Done:
    """It is done. `result` says what came of it, `operation` takes it back; `wrote` is the message, where it was a mail."""

    result: str = ""
    operation: int | None = None
    wrote: int | None = None


@dataclass(frozen=True)
class Hold:
    """The run waits here. `until`: no longer than this; `verb`: until this event of its row, or "answer" of a call or
    "approval" of `asked`; `job`: (name) of the job that brings the answer."""

    until: dt.datetime | None = None
    verb: str = ""
    why: str = ""
    asked: Any = None
    job: str = ""


@dataclass(frozen=True)
class Goto:
    """The run goes on elsewhere in the line, or ends (`end`)."""

    met: bool = True
    result: str = ""
    end: bool = False


@dataclass(frozen=True)
class Look:
    """What checking and saying a step stand on: the record type (or None) and who asks."""

    record: Any
    by: Actor
    name: str = ""  # of the workflow


@dataclass(frozen=True)
class Asked:
    """One thing the form of a step asks for. `type` is one of ui.field; `many`: parted by commas."""

    key: str
    label: Any
    type: str = "text"
    hint: Any = ""
    choices: Callable[[Look], Iterable[tuple[str, str]]] | None = None
    many: bool = False


class StepKind:
    """`name` stands in `do`; `keys` are the others it takes, those in `required` always. `about_row`: it needs a row."""

    name: ClassVar[str] = ""
    label: ClassVar[Any] = ""
    keys: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[tuple[str, ...]] = ()
    about_row: ClassVar[bool] = True
    asks: ClassVar[tuple[Asked, ...]] = ()
    filters: ClassVar[str] = ""  # the key that holds a filter, edited as lists edit theirs

    def __init_subclass__(cls) -> None:
        if cls.name:
            KINDS[cls.name] = cls()

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        """Sentences about what cannot be used; the step is named by whoever asks."""
        yield from ()

    def say(self, step: Step, look: Look) -> str:
        """ "wait 3 days": without a capital or a full stop."""
        return str(self.label).lower()

    def run(self, step: Step, going: Going) -> Done | Hold | Goto:
        """Do it. Raises KithError when it is refused; the run then stands as failed at this step."""
        raise NotImplementedError

    def again(self, step: Step, going: Going) -> Done | Hold | Goto:
        """Do it again, because what it did failed afterwards."""
        return self.run(step, going)

    def failed(self, step: Step, going: Going, why: str) -> None:
        """What is told elsewhere than in the run when it could not be done; nothing, mostly."""

    def acts(self, step: Step, look: Look) -> Any:
        """The action whose inputs the step holds, or None."""
        return None

    def rights(self, step: Step, look: Look) -> set[str]:
        """Rights without which it cannot be done by anybody's hand."""
        return set()

    def reaches_runs(self, record: str) -> bool:
        """May it change another run than its own, here and now? It is about rows of `record`."""
        return record in ("run", "workflow")

    def touches(self, step: Step, look: Look) -> set[str]:
        """What it changes, as column keys and names of actions: two workflows that touch the same may be at odds."""
        return set()


def shape_faults(step: Step, look: Look) -> Iterator[str]:
    """What is wrong with a step, first its shape, then what its kind says."""
    kind = KINDS.get(step["do"])
    if kind is None:
        yield _("there is no step “%(do)s”; there are %(known)s.") % {"do": step["do"][:60], "known": ", ".join(KINDS)}
        return
    for key in step:
        if key not in ("do", *kind.keys):
            yield _("it has no “%(key)s”; it has %(known)s.") % {
                "key": key[:60], "known": ", ".join(kind.keys) or _("nothing more")}  # fmt: skip
    lacking = [key for key in kind.required if not step.get(key)]
    for key in lacking:
        yield _("“%s” is needed.") % key
    if kind.about_row and look.record is None:
        yield _("it is about a row, and this workflow is about no type of record.")
    elif not lacking:
        yield from kind.faults(step, look)


def words_of(step: Step, key: str) -> str:
    """A text of a step. Raises Invalid when it is none."""
    value = step.get(key, "")
    if not isinstance(value, str):
        raise Invalid(_("“%s” is text.") % key)
    return value.strip()


def table_of(step: Step, key: str) -> dict[str, Any]:
    """An object of a step, like {subject: Ask why}. Raises Invalid when it is none."""
    value = step.get(key) or {}
    if not isinstance(value, dict):
        raise Invalid(_("“%s” is an object, like {subject: Ask why}.") % key)
    return value


def list_of(step: Step, key: str) -> list[str]:
    """One text or a list of them. Raises Invalid when it is neither."""
    value = step.get(key) or []
    if isinstance(value, str):
        return [value.strip()]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(_("“%s” is a text or a list of texts.") % key)
    return [each.strip() for each in value if each.strip()]
