"""What figures are compared by: owner, team, product, account, sector; and how one group is said to a list.

A group's key is what SQL groups by: an id or a text, 0 or "" where nothing is known, None where the linked row is
beyond the reader's scope. All rows of the last kind stand together, so that no name and no count of them leaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from kith.insight.figures import Part
from kith.insight.source import Source
from kith.kernel.access.actor import team_members
from kith.kernel.kinds import Colleague, Link, TeamLink
from kith.kernel.lookups.directory import colleagues, teams
from kith.kernel.lookups.tree import Condition, Group

Key = int | str | None
UNSEEN: Key = None


@dataclass(frozen=True)
class Dimension:
    """`column` is the column that rows are grouped by. `via`: the link it belongs to or comes through, where the rows
    linked to may be beyond the reader's scope; `probe`: a column of that linked row."""

    key: str
    label: Any
    column: str
    nothing: Any
    via: str = ""
    probe: str = ""

    def offered(self, source: Source) -> bool:
        return source.shows(self.column)

    def is_link(self, source: Source) -> bool:
        return isinstance(source.columns[self.column].kind, Link)

    def group(self, source: Source) -> Combinable:
        """The expression to group by."""
        column = source.columns[self.column]
        known: Any
        if self.is_link(source):
            known = Coalesce(F(f"{column.path}_id"), Value(0))
        else:
            known = Coalesce(F(column.path), Value(""))
        seen = self._seen(source)
        if not seen:
            return known
        field = IntegerField() if self.is_link(source) else TextField()
        return Case(When(seen, then=known), default=None, output_field=field)

    def name(self, source: Source) -> Combinable:
        """The expression to order by when groups are ordered by name."""
        column = source.columns[self.column]
        seen = self._seen(source)
        return Case(When(seen, then=F(column.sort_path)), default=None) if seen else F(column.sort_path)

    def _seen(self, source: Source) -> Q:
        """True for rows whose linked row the reader may see; empty where the reader sees that whole type."""
        if not self.via:
            return Q()
        target = (
            source.columns[self.via].kind.record
            if self.via in source.columns
            else source.record.columns()[self.via].kind.record
        )
        if target.scope.q(source.actor, target.name, "see") == Q():
            return Q()
        return Q(**{f"{self.via}__isnull": True}) | Q(**{f"{self.via}__in": target.rows(source.actor).values("pk")})

    def parts(self, key: Key, source: Source) -> tuple[Part, ...] | None:
        """The conditions of one group's rows; None where no list can show them."""
        if key is UNSEEN:
            if not source.shows(self.probe):
                return None
            return (Group("not", (Condition(self.probe, "filled"), Condition(self.probe, "empty"))),)
        return (Condition(self.column, "is", (str(key),)) if key else Condition(self.column, "empty"),)

    def labels(self, keys: list[Key], source: Source) -> dict[Key, str]:
        """What each group is called; one query for links, none for colleagues, teams and texts."""
        out: dict[Key, str] = {UNSEEN: _("Not yours to see"), 0: str(self.nothing), "": str(self.nothing)}
        kind = source.columns[self.column].kind
        if not isinstance(kind, Link):
            return {**{k: kind.show(k) for k in keys if k}, **out}
        ids = [k for k in keys if k]
        if isinstance(kind, Colleague | TeamLink):
            known = teams() if isinstance(kind, TeamLink) else colleagues()
            names = {pk: str(row) for pk, row in known.items()}
        else:
            found = kind.record.rows(source.actor).filter(pk__in=ids) if ids else ()
            names = {row.pk: kind.record.name_of(row) for row in found}
        return {**{k: names.get(k, f"#{k}") for k in ids}, **out}


@dataclass(frozen=True)
class TeamDimension(Dimension):
    """By team: the one a row names, else the first one of whoever looks after it. Files that bring rows name colleagues
    and no teams, and a colleague may join a team after the rows came."""

    def group(self, source: Source) -> Combinable:
        arms = [When(owner__in=users, then=Value(team)) for team, users in self._behind(source).items()]
        return Case(When(team__isnull=False, then=F("team_id")), *arms, default=0, output_field=IntegerField())

    def name(self, source: Source) -> Combinable:
        known = teams()
        behind = self._behind(source).items()
        arms = [When(owner__in=users, then=Value(str(known[team]))) for team, users in behind if team in known]
        return Case(When(team__isnull=False, then=F("team__name")), *arms, default=None, output_field=TextField())

    def parts(self, key: Key, source: Source) -> tuple[Part, ...] | None:
        behind, nobody = self._behind(source), Condition("team", "empty")
        if not key:
            some = tuple(str(pk) for users in behind.values() for pk in users)
            return (nobody, *((Group("not", (Condition("owner", "is", some),)),) if some else ()))
        named = Condition("team", "is", (str(key),))
        if not (mine := behind.get(int(key))):
            return (named,)
        owned = Group("all", (nobody, Condition("owner", "is", tuple(str(pk) for pk in mine))))
        return (Group("any", (named, owned)),)

    def _behind(self, source: Source) -> dict[int, list[int]]:
        """{team: those whose rows count for it when the rows name none}; nobody where the reader does not see owners."""
        if not source.shows("owner"):
            return {}
        first: dict[int, int] = {}
        for team, users in sorted(team_members().items()):
            for pk in users:
                first.setdefault(pk, team)
        out: dict[int, list[int]] = {}
        for pk, team in sorted(first.items()):
            out.setdefault(team, []).append(pk)
        return out
