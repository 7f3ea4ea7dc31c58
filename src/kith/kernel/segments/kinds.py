"""The kind of the column "in segment", which every type lends itself to: filters, views, workflows and reports read it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Choice, Operator
from kith.kernel.organisation.models import cached
from kith.kernel.records.columns import Facts
from kith.kernel.segments.models import INSIDE, Membership, Segment


def names_of(subject: str) -> dict[str, str]:
    """{key: name} of the segments of one type, kept until the configuration changes."""
    every: dict[str, dict[str, str]] = cached("segments.names", _load)
    return every.get(subject, {})


def _load() -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    rows = Segment.objects.filter(archived_at__isnull=True).order_by("name")
    for subject, key, name in rows.values_list("subject", "key", "name"):
        out.setdefault(subject, {})[key] = name
    return out


def _members(keys: list[str]) -> Any:
    return Membership.objects.filter(INSIDE, segment__key__in=keys)


class Keys(Choice):
    """Several of an organisation's own things by key, shown by name: segments, campaigns. A column of such a kind is only
    shown; its conditions ask the table behind it. Schemas do not list what differs from one organisation to another."""

    name, customisable, sortable = "keys", False, False  # a name of its own: kinds are found by name

    def show(self, value: Any) -> str:
        return ", ".join(str(self.options.get(key, key)) for key in self._listed(value))

    def dump(self, value: Any) -> Any:
        return self._listed(value)

    def _listed(self, value: Any) -> list[str]:
        return [value] if isinstance(value, str) and value else list(value or [])

    def _say_one(self, raw: Any, actor: Any) -> str:
        return self.show(self.clean(str(raw)))

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}


class InSegment(Keys):
    """The segments that a row is in, by key; a condition looks at the table of members, not at the column."""

    name = "in_segment"

    def __init__(self, subject: str):
        super().__init__(lambda: names_of(subject))

    def ops(self) -> tuple[Operator, ...]:
        # Not NOT IN: beyond the memory of one sort PostgreSQL would read the whole list for each row.
        return (
            Operator("is", _("is"), "many", lambda p, v: Q(pk__in=_members(v).values("row_id"))),
            Operator("is_not", _("is not"), "many", lambda p, v: Q(~Exists(_members(v).filter(row_id=OuterRef("pk"))))),
        )


def in_segment(subject: str) -> Facts:
    """The column for rows of this type. Not among what programs and files are sent, which would ask for it row by row."""
    inside = Membership.objects.filter(
        INSIDE, row_id=OuterRef("pk"), segment__subject=subject, segment__archived_at=None
    )
    return Facts(
        kind=InSegment(subject), label=_("Segment"), faces=frozenset({"list", "filter"}),
        expr=ArraySubquery(inside.order_by("segment__name").values("segment__key")),
    )  # fmt: skip
