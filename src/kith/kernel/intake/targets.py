"""What can be imported: every record type, and things that are no record (colleagues), under one small protocol.

A `Target` says which columns a file may bring and opens a `Session` for one run; the engine knows nothing else.
"""

from __future__ import annotations

from typing import Any, Protocol

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotAllowed, NotFound
from kith.kernel.intake.colleagues import COLLEAGUES
from kith.kernel.intake.draft import Draft
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.session import RecordSession, importable
from kith.kernel.kinds import Link
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry


class Session(Protocol):
    """One run's way of recognising, making and changing rows; each method takes the drafts of a batch."""

    def resolve(self, drafts: list[Draft]) -> None:
        """Links become values; `keys` say what each row is recognised by."""

    def find(self, drafts: list[Draft]) -> None:
        """Set `existing` where a row is there already."""

    def write(self, drafts: list[Draft]) -> None:
        """Make and change rows; set `verdict`, `record_id` and `changes`, or refuse."""

    def forget(self) -> None:
        """What was just written has been taken back (a dry run)."""

    def dump(self, draft: Draft) -> dict[str, Any]:
        """The values in JSON form."""


class Target(Protocol):
    """Something files can be imported as. `record` is the Record, or None; `lane` the column whose history may come too."""

    name: str
    slug: str
    icon: str
    match: tuple[str, ...]
    record: Any

    @property
    def label(self) -> Any: ...

    @property
    def plural(self) -> Any: ...

    @property
    def lane(self) -> str: ...

    def columns(self, actor: Actor, mapping: Mapping | None = None) -> dict[str, Column]: ...

    def allow(self, actor: Actor) -> None:
        """Raises NotAllowed."""

    def session(self, mapping: Mapping, columns: dict[str, Column], actor: Actor, run: int) -> Session: ...

    def url(self, pk: int) -> str: ...

    def names(self, pks: set[int], actor: Actor) -> dict[int, str]:
        """What the rows of a run are called, of those the actor may see."""

    @property
    def place(self) -> str:
        """Where its rows are listed."""


class RecordTarget:
    """Any record type."""

    def __init__(self, record: Any):
        self.record = record
        self.name, self.slug, self.icon, self.match = record.name, record.slug, record.icon, record.match

    @property
    def label(self) -> str:
        return str(self.record.label)

    @property
    def plural(self) -> str:
        return str(self.record.plural)

    @property
    def lane(self) -> str:
        """The column of the board's lanes, for types that make rows with a history of their own."""
        board = self.record.board
        by = board.by if board and getattr(self.record, "create_many", None) else ""
        return by if by and isinstance(self.record.columns()[by].kind, Link) else ""

    def columns(self, actor: Actor, mapping: Mapping | None = None) -> dict[str, Column]:
        return importable(self.record, actor, mapping)

    def allow(self, actor: Actor) -> None:
        actor.require(f"{self.name}.import")
        actor.require(f"{self.name}.create")

    def session(self, mapping: Mapping, columns: dict[str, Column], actor: Actor, run: int) -> RecordSession:
        return RecordSession(self.record, mapping, columns, actor, self.lane, run)

    def url(self, pk: int) -> str:
        return str(self.record.url(pk))

    def names(self, pks: set[int], actor: Actor) -> dict[int, str]:
        return {row.pk: self.record.name_of(row) for row in self.record.rows(actor).filter(pk__in=pks)}

    @property
    def place(self) -> str:
        return f"/{self.slug}/"


OTHERS: list[Target] = []  # things that are no record, see `register_target`


def register_target(target: Target) -> None:
    """Let files be imported as something that is no record (members of a campaign). Rooms call it at start-up."""
    OTHERS[:] = [*(one for one in OTHERS if one.name != target.name), target]


def find_target(name: str) -> Target:
    """The target of that name or plural ("person", "people"). Raises NotFound with what there is."""
    word = name.strip().lower()
    for target in targets():
        if word in (target.name, target.slug, str(target.label).lower(), str(target.plural).lower()):
            return target
    known = ", ".join(t.name for t in targets())
    raise NotFound(
        _("There is nothing called “%(name)s” to import; choose one of: %(all)s.") % {"name": name, "all": known}
    )


def targets() -> list[Target]:
    """Everything that can be imported: the main places first, then configuration, then what is no record."""
    records = sorted((r for r in registry if not r.by_itself), key=lambda r: r.settings)
    found: list[Target] = [RecordTarget(r) for r in records]
    return [*found, *OTHERS, COLLEAGUES]


def allowed(target: Target, actor: Actor) -> bool:
    if target.record is not None and target.record.settings and not actor.can("settings.manage"):
        return False
    try:
        target.allow(actor)
    except NotAllowed:
        return False
    return True
