"""A column is source × kind × facts: where a value lives, how such values behave, what policy applies.

Own, related, computed and custom columns are the same object to every face.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from kith.kernel.kinds import (
    Bool,
    Choice,
    Colleague,
    Day,
    Email,
    Integer,
    Kind,
    Link,
    LongText,
    Moment,
    Money,
    Number,
    Tags,
    TeamLink,
    Text,
    Url,
)  # fmt: skip

FACES = frozenset({"list", "form", "filter", "import", "export", "api", "history", "search", "bulk"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Only what a model column cannot say about itself. Each fact serves several faces or it does not belong here."""

    kind: Kind | None = None  # else worked out from the Django field
    label: Any = ""
    of: str = ""  # column of a related record: "company.industry"
    expr: Combinable | None = None  # computed in the database
    sort: str = ""  # ORM path to sort by when it is not the column itself
    measure: str = ""  # "sum" | "avg": may be totalled on boards and in reports
    only_via: str = ""  # name of the action that alone may set it: no form, import or PATCH does
    part_of: str = ""  # column it only makes sense with ("closed_on" of "status"): a merge leaves both to the survivor
    personal: str = ""  # entry in the privacy register; "no" says: looks personal, is not
    needs: str = ""  # a right without which nobody sees it, on any face: what holds secrets
    faces: frozenset[str] = FACES
    help: Any = ""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a record type. `path` is the ORM path for conditions; `expr` is set when it must be computed.

    `words` may be lazy: columns outlive a request, so its language is chosen each time the `label` is asked for.
    """

    key: str
    words: Any
    kind: Kind
    facts: Facts
    path: str
    record: str
    field: Any = None  # Django field, for own columns
    expr: Combinable | None = None
    custom: str = ""  # key inside row.custom
    required: bool = False
    derived: bool = False
    related: tuple[str, ...] = ()  # select_related paths a list needs to show it

    @property
    def label(self) -> str:
        """What the column is called, in the language of whoever asks. Fields of one's own stand as they were named."""
        label = str(self.words)
        return label if self.custom else label[:1].upper() + label[1:]

    def get(self, row: Any) -> Any:
        """The value on a loaded row, without a query when the row came through `Record.listing`."""
        if self.custom:
            raw = row.custom.get(self.custom)
            return self.kind.blank if raw is None else self.kind.load(raw)
        if self.expr is not None:
            return getattr(row, self.alias, None)
        value = row
        for part in self.path.split("__"):
            value = getattr(value, part, None)
            if value is None:
                return self.kind.blank
        return value

    def raw(self, row: Any) -> Any:
        """JSON form of the value on the row."""
        if self.custom:
            return row.custom.get(self.custom)
        return self.kind.dump(self.get(row))

    def show(self, value: Any, row: Any, *, brief: bool = False) -> str:
        """The value in words, money in the currency that stands beside it on the row. brief: as cards have it."""
        if isinstance(self.kind, Money):
            return self.kind.show(value, str(getattr(row, self.kind.currency, "") or ""), brief=brief)
        return str(self.kind.show(value))

    def put(self, row: Any, value: Any) -> None:
        """Set a typed value on the row (nothing is saved)."""
        if self.custom:
            data = self.kind.dump(value)
            row.custom = {k: v for k, v in row.custom.items() if k != self.custom}
            if not self.kind.same(value, self.kind.blank) or isinstance(value, bool):
                row.custom[self.custom] = data
        else:
            setattr(row, self.path, value)

    @property
    def alias(self) -> str:
        return "c_" + self.key.replace(".", "_")

    @property
    def writable(self) -> bool:
        return not (self.facts.of or self.facts.expr is not None or self.derived or self.facts.only_via)

    @property
    def sortable(self) -> bool:
        return self.kind.sortable and "list" in self.facts.faces

    @property
    def filterable(self) -> bool:
        return "filter" in self.facts.faces

    @property
    def lookup(self) -> str:
        """Path for conditions and ordering: the alias when the value is computed."""
        return self.alias if self.expr is not None or self.custom else self.path

    @property
    def sort_path(self) -> str:
        """ORM path to order by; links order by the name of what they link to, never by its id."""
        if self.facts.sort:
            return self.facts.sort
        stored = not self.custom and self.expr is None
        return f"{self.path}__{_name_path(self.kind.record)}" if stored and isinstance(self.kind, Link) else self.lookup

    def computed(self) -> Combinable | None:
        """Expression to annotate under `alias`, for computed and custom columns."""
        if not self.custom:
            return self.expr
        linked = isinstance(self.kind, Link)  # kept as {"id": …, "name": …}
        text = (
            KeyTextTransform("id", KeyTransform(self.custom, "custom"))
            if linked
            else KeyTextTransform(self.custom, "custom")
        )
        return Cast(text, _cast_field(self.kind)) if self.kind.sql else text

    def sorting(self) -> Combinable:
        """Expression to order by."""
        if self.custom and isinstance(self.kind, Link):
            return KeyTextTransform("name", KeyTransform(self.custom, "custom"))
        if self.custom and self.kind.sql in ("date", "timestamptz"):  # as text, which sorts the same and has an index
            return KeyTextTransform(self.custom, "custom")
        computed = None if self.facts.sort else self.computed()
        return F(self.sort_path) if computed is None else computed


def _name_path(target: Any) -> str:
    """Path, from a linked row, of what its kind is sorted by when sorted by name."""
    from kith.kernel.records.registry import registry

    known = registry.fixed_columns(target).get(target.title) if target.name in registry else None
    return known.sort_path if known is not None else target.title


def _cast_field(kind: Kind) -> models.Field[Any, Any]:
    fields: dict[str, models.Field[Any, Any]] = {
        "numeric": models.DecimalField(max_digits=38, decimal_places=10),
        "bigint": models.BigIntegerField(),
        "boolean": models.BooleanField(),
        "date": models.DateField(),
        "timestamptz": models.DateTimeField(),
    }
    return fields[kind.sql]


def kind_of(f: Any) -> Kind:
    """The kind that a Django field implies; a field that implies none must declare one in `fields`."""
    if getattr(f, "choices", None):
        return Choice(dict(f.flatchoices))
    if isinstance(f, models.ForeignKey):
        return _link_kind(f)
    for types, make in _KINDS:
        if isinstance(f, types):
            return make(f)
    raise TypeError(
        f"{f}: no kind follows from {type(f).__name__}; declare one: fields = {{'{f.name}': Facts(kind=…)}}"
    )


def _link_kind(f: Any) -> Kind:
    target = f.remote_field.model._meta.label
    if target == "accounts.User":
        return Colleague()
    if target == "accounts.Team":
        return TeamLink()
    from kith.kernel.records.registry import registry

    return Link(registry.name_of_model(f.remote_field.model))


_KINDS: list[tuple[Any, Any]] = [
    (models.URLField, lambda f: Url(f.max_length)),
    (models.EmailField, lambda f: Email(f.max_length)),
    (models.TextField, lambda f: LongText()),
    (models.CharField, lambda f: Text(f.max_length)),
    (models.BooleanField, lambda f: Bool()),
    (models.DecimalField, lambda f: Number(f.max_digits, f.decimal_places)),
    (models.AutoField, lambda f: Integer(*_range(f), grouped=False)),  # also BigAutoField, which says it is one
    ((models.IntegerField,), lambda f: Integer(*_range(f))),
    (models.DateTimeField, lambda f: Moment()),
    (models.DateField, lambda f: Day()),
]


def _range(f: Any) -> tuple[int | None, int | None]:
    if isinstance(f, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        return 0, 2**31 - 1 if isinstance(f, models.PositiveIntegerField) else 2**15 - 1
    if isinstance(f, models.SmallIntegerField):
        return -(2**15), 2**15 - 1
    if isinstance(f, models.BigIntegerField | models.BigAutoField):
        return None, None
    return -(2**31), 2**31 - 1


def own_column(record: str, f: Any, facts: Facts, derived: bool) -> Column:
    kind = facts.kind or (Tags() if f.get_internal_type() == "ArrayField" else kind_of(f))
    related = (f.name,) if isinstance(kind, Link) else ()
    required = not f.blank and not f.has_default() and not f.null and not isinstance(kind, Bool)
    return Column(
        f.name, facts.label or f.verbose_name, kind, facts, f.name, record, field=f, required=required,
        derived=derived, related=related,
    )  # fmt: skip


def related_column(record: str, key: str, facts: Facts, target: Column, via: str) -> Column:
    """A column of a linked record: `Facts(of="company.industry")`."""
    path = f"{via}__{target.path}"
    related = tuple(f"{via}__{r}" for r in target.related) or (via,)
    if target.facts.sort and not facts.sort:
        facts = replace(facts, sort=f"{via}__{target.facts.sort}")
    words = facts.label or target.words
    return Column(key, words, facts.kind or target.kind, facts, path, record, derived=True, related=related)


def computed_column(record: str, key: str, facts: Facts) -> Column:
    assert facts.expr is not None and facts.kind is not None, f"{record}.{key}: a computed column declares its kind"
    return Column(key, facts.label or key, facts.kind, facts, key, record, expr=facts.expr, derived=True)
