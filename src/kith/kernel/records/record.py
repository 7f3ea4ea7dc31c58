"""`Record`: one declaration per record type, from which every face is made.

Facts in, no hooks: a face that needs more gets a hand-written view. Subclasses live in each package's `records.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model, QuerySet

from kith.kernel.access.actor import Actor
from kith.kernel.access.policies import NEVER
from kith.kernel.access.scopes import Scope, Theirs, nobody
from kith.kernel.configuration.declaring import Configured
from kith.kernel.errors import NotFound
from kith.kernel.records.columns import Column, Facts, computed_column, own_column, related_column
from kith.kernel.records.models import RecordModel
from kith.kernel.records.registry import registry


@dataclass(frozen=True)
class Section:
    """A titled group of columns on forms and record pages; `columns` is a space-separated list of keys."""

    title: Any
    columns: str

    @property
    def keys(self) -> list[str]:
        return self.columns.split()


@dataclass(frozen=True)
class End:
    """A place under a board where a card's way ends: dropped there, `action` runs with `input` set to the choice it was
    dropped on. `choices(actor)` gives (value, label, small words) of each; `step` is the mark of the nine steps it opens."""

    action: str
    label: Any
    hint: Any = ""
    input: str = ""
    choices: Callable[[Actor], list[tuple[str, str, str]]] | None = None
    step: int = 0


@dataclass(frozen=True)
class Board:
    """The board face: lanes by a link or choice column, what a card shows, what is totalled, the action a drop runs.

    `only`: filter (text form) of the rows that stand on it; `within`: link column that parts the axis (stages of one
    pipeline); `sort`: order of the cards; `stalled`: yes-or-no column that is counted in the head. `lane_note(lane row)`
    and `card_note(row)` give words for the head of a lane and the strip at the foot of a card ("" for none);
    `note_reads`: the fields of a row that `card_note` looks at, so that no others are fetched.
    `ends`: where a card's way ends.
    """

    by: str
    card: str = ""
    total: str = ""
    weighted: str = ""
    drop: str = ""
    only: str = ""
    within: str = ""
    sort: str = "-updated_at"
    stalled: str = ""
    lane_note: Callable[[Any], str] | None = None
    card_note: Callable[[Any], str] | None = None
    note_reads: str = ""
    ends: tuple[End, ...] = ()


@dataclass(frozen=True)
class View:
    """A view that comes with a record type: a filter in its text form, and optionally sort, columns and face.

    `key` stands in the address ("?view=no-next-step"); it has a letter, so that no saved view's id is mistaken for it.
    """

    key: str
    name: Any
    filter: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    face: str = "list"


class Record:
    """See the module docstring. `name` is the word in URLs, events and the API ("deal")."""

    name: ClassVar[str] = ""
    slug: ClassVar[str] = ""  # plural, in URLs: "deals"
    model: ClassVar[type[Any]] = Model
    icon: ClassVar[str] = ""
    title: ClassVar[str] = "name"  # model attribute that names a row
    scope: ClassVar[Scope] = nobody  # closed until a declaration opens it
    customers: ClassVar[Theirs | None] = (
        None  # what customers who came in read of it; nothing until a declaration says so
    )
    fields: ClassVar[dict[str, Facts]] = {}
    lists: ClassVar[tuple[str, ...]] = ()
    sort: ClassVar[str] = "-updated_at"  # default sort of lists
    named_by: ClassVar[tuple[str, ...]] = ()  # fields that a row's name is made of, where it is not the title alone
    form: ClassVar[tuple[Section, ...]] = ()
    quick: ClassVar[tuple[str, ...]] = ()  # keys of quick add
    board: ClassVar[Board | None] = None
    calendar: ClassVar[str] = ""  # date column of the calendar face
    views: ClassVar[tuple[View, ...]] = ()  # that everybody finds as tabs of the list
    line: ClassVar[tuple[str, ...]] = ()  # columns that stand under the name on the row's page
    strip: ClassVar[Any] = None  # (actor, row) -> stops of the row's line as ui.lifecycle takes them, or None
    duplicates: ClassVar[Any] = (
        None  # (actor, typed values by key, own=pk) -> [(row, why)] that look like what one types
    )
    cautions: ClassVar[Any] = (
        None  # (actor, typed values by key) -> sentences to know before a new row is made; they stop nothing
    )
    apart: ClassVar[Any] = None  # action that says of two rows which look alike that they are two; its input is `other`
    fixed: ClassVar[Any] = None  # (row) -> why nothing of it is changed by hand any more, "" while it is
    match: ClassVar[tuple[str, ...]] = ()  # columns that imports may match existing rows by
    actions: ClassVar[tuple[Any, ...]] = ()
    events: ClassVar[tuple[Any, ...]] = ()
    panels: ClassVar[tuple[Any, ...]] = ()
    parts: ClassVar[tuple[Any, ...]] = ()  # rows of plain tables that programs read with it (`Part`)
    settle: ClassVar[Any] = None  # `(pairs of (old or None, row), by)`: follows every write, in its transaction
    help: ClassVar[str] = ""  # page of the user's guide about this type, where it has one of its own
    gathered: ClassVar[bool] = False  # segments may gather its rows
    begins: ClassVar[tuple[Any, str] | None] = None  # (words, address) of what comes with Kith, for an empty list
    by_itself: ClassVar[bool] = False  # rows come from what happens elsewhere; nobody makes or imports them
    settings: ClassVar[bool] = False  # configuration (stages, products): faces under Settings, not in the main places
    placed: ClassVar[bool] = True  # has a place of its own in the sidebar and the "New" menu
    drawer: ClassVar[str] = ""  # stands in this drawer of the sidebar instead ("marketing", "selling", "customers")
    stamped: ClassVar[bool] = True  # a change of such a row ends what is kept per configuration stamp

    configured: ClassVar[Configured | None] = None  # its rows are written to files and brought elsewhere

    _guarded: ClassVar[tuple[tuple[str, str], ...]] = ()  # (column, right that seeing it needs), from `fields`

    def __init_subclass__(cls) -> None:
        cls._guarded = tuple((key, facts.needs) for key, facts in cls.fields.items() if facts.needs)
        cls.form = _completed(cls)
        if cls.by_itself:
            NEVER.update({f"{cls.name}.create", f"{cls.name}.import"})
        registry.add(cls)

    # --- words
    @classmethod
    def _words(cls, plural: bool) -> str:
        meta = cls.model._meta
        word = str(meta.verbose_name_plural if plural else meta.verbose_name)
        return word[:1].upper() + word[1:]

    label: ClassVar[str]
    plural: ClassVar[str]

    @classmethod
    def name_of(cls, row: Any) -> str:
        return str(getattr(row, cls.title, "") or row)

    @classmethod
    def why_fixed(cls, row: Any) -> str:
        """Why nobody changes a column of this row by hand, whoever they are; "" where one may."""
        return str(cls.fixed(row)) if cls.fixed is not None else ""

    @classmethod
    def url(cls, pk: int) -> str:
        return f"/{cls.slug}/{pk}"

    # --- columns
    @classmethod
    def columns(cls, actor: Actor | None = None) -> dict[str, Column]:
        """The one dictionary every face reads: own, declared and custom columns, less those hidden from the actor."""
        from kith.kernel.customfields.queries import custom_columns

        columns = {**registry.fixed_columns(cls), **custom_columns(cls.name)}
        if actor is None:
            return columns
        hidden = actor.policies.hidden(actor.role, cls.name) | {k for k, right in cls._guarded if not actor.can(right)}
        return {k: c for k, c in columns.items() if k not in hidden} if hidden else columns

    @classmethod
    def writable(cls, actor: Actor) -> dict[str, Column]:
        """Columns that this actor may set through forms, inline edit, bulk edit, import and API."""
        locked = actor.policies.read_only(actor.role, cls.name)
        return {k: c for k, c in cls.columns(actor).items() if c.writable and k not in locked}

    @classmethod
    def build_columns(cls) -> dict[str, Column]:
        """Own and declared columns; called once by the registry after all models are loaded."""
        out: dict[str, Column] = {}
        model = cls.model
        kept = RecordModel.KEPT if issubclass(model, RecordModel) else frozenset({"id"})
        shown_kept = {"id", "created_at", "updated_at", "archived_at"}
        derived = getattr(model, "DERIVED", frozenset()) | getattr(model, "FOLLOWUP", frozenset())
        for f in model._meta.concrete_fields:
            if (f.name in kept and f.name not in shown_kept) or f.name.startswith("_"):
                continue
            facts = cls.fields.get(f.name, Facts())
            if not facts.faces:
                continue
            out[f.name] = own_column(cls.name, f, facts, f.name in derived or f.name in shown_kept)
        for key, facts in cls.fields.items():
            if facts.expr is not None:
                out[key] = computed_column(cls.name, key, facts)
            elif facts.of:
                via, _dot, rest = facts.of.partition(".")
                target = registry[out[via].kind.target].build_columns()[rest]  # type: ignore[attr-defined]
                out[key] = related_column(cls.name, key, facts, target, via)
        return out

    # --- rows
    @classmethod
    def rows(cls, actor: Actor, verb: str = "see", *, archived: bool | None = None) -> QuerySet[Any]:
        """The one door to rows: those on which the actor may do `verb` ("see", "edit", "archive").

        archived: False leaves archived rows out, True keeps only them, None keeps both.
        """
        rows = cls.model._default_manager.filter(cls.scope.q(actor, cls.name, verb))
        if archived is None or not issubclass(cls.model, RecordModel):
            return rows
        return rows.filter(archived_at__isnull=not archived)

    @classmethod
    def get(cls, actor: Actor, pk: Any, verb: str = "see") -> Any:
        """The row, following merges, or NotFound in words that do not tell whether it exists for others."""
        from kith.kernel.records.queries import resolve

        row = None
        if str(pk).isdecimal() and int(pk) < 2**63:
            row = cls.rows(actor, verb).filter(pk=int(pk)).first()
            gone = row is None or getattr(row, "archived_at", None) is not None
            if gone and (moved := resolve(cls.name, int(pk))):
                row = cls.rows(actor, verb).filter(pk=moved).first()
        if row is None:
            raise NotFound(f"There is no {cls.label.lower()} {pk} that you may {verb}.")
        return row

    @classmethod
    def listing(cls, rows: QuerySet[Any], columns: list[Column]) -> QuerySet[Any]:
        """`rows` with what showing `columns` needs: one query, no further one per row, no long text that is not shown."""
        related = sorted({r for c in columns for r in c.related})
        computed = {c.alias: c.expr for c in columns if c.expr is not None}
        rows = rows.select_related(*related).defer(*_unshown(cls.model, related, {c.path for c in columns}))
        return rows.annotate(**computed) if computed else rows


def _completed(record: type[Record]) -> tuple[Section, ...]:
    """The form, with plain columns that no section names at the end of the last one: a new field needs no second edit.

    A column that is not to be asked for says so: `Facts(faces=FACES - {"form"})`.
    """
    model, named = record.model, {key for section in record.form for key in section.keys}
    kept = {"id", *getattr(model, "KEPT", ()), *getattr(model, "DERIVED", ()), *getattr(model, "FOLLOWUP", ())}
    rest = []
    for f in model._meta.concrete_fields:
        facts = record.fields.get(f.name, Facts())
        if f.name not in named | kept and "form" in facts.faces and not facts.only_via and not f.name.startswith("_"):
            rest.append(f.name)
    if not rest:
        return record.form
    *first, last = record.form or (Section("", ""),)
    return (*first, Section(last.title, " ".join([last.columns, *rest]).strip()))


def _unshown(model: Any, related: list[str], shown: set[str]) -> list[str]:
    """Fields that a list need not fetch: search words, and long text that neither a column nor a row's name shows."""
    out = _bulky(model, "")
    for path in related:
        target = model
        for part in path.split("__"):
            target = target._meta.get_field(part).related_model
        out += _bulky(target, f"{path}__")
    return [path for path in out if path not in shown]


def _bulky(model: Any, prefix: str) -> list[str]:
    if not issubclass(model, RecordModel):
        return []
    record = registry.by_model(model)
    title = model._meta.get_field(record.title) if record else None
    named = title is not None and (not title.blank or title.name in model.DERIVED)  # else any text may have to name it
    long = [f.name for f in model._meta.concrete_fields if f.get_internal_type() == "TextField"]
    return [f"{prefix}{name}" for name in (*(long if named else ("search",)), "tsv")]


class _Label:
    """`Record.label` / `Record.plural` as class properties that follow the active language."""

    def __init__(self, plural: bool):
        self.plural = plural

    def __get__(self, _obj: Any, owner: type[Record]) -> str:
        return owner._words(self.plural)


Record.label = _Label(False)  # type: ignore[assignment]
Record.plural = _Label(True)  # type: ignore[assignment]
