"""Links to other rows: another record, a colleague, a team.

A link's value is the linked row (or None). Its JSON form is its id with the name it had, so history stays readable.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import BLANK, Kind, Operator, within_reason
from kith.kernel.text import clean_text


def link_ops() -> tuple[Operator, ...]:
    return (
        Operator("is", _("is"), "many", lambda p, v: Q(**{f"{p}__in": v})),
        Operator("is_not", _("is not"), "many", lambda p, v: ~Q(**{f"{p}__in": v}) | Q(**{f"{p}__isnull": True})),
        *BLANK,
    )


class Link(Kind):
    """A row of another record type, named by the registry ("company")."""

    name, widget, label, customisable, sql = "link", "combobox", _("Link to a record"), True, "bigint"
    accepts = (int, str, dict)

    def __init__(self, target: str):
        self.target = target

    @property
    def record(self) -> Any:
        from kith.kernel.records.registry import registry

        return registry[self.target]

    def clean(self, value: Any) -> Any:
        if value is None or isinstance(value, self.record.model):
            return value
        return self.parse(value)

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        """The row meant by an id, {"id": …}, {"name": …} or an exact name; only rows the actor may see are found."""
        if raw in (None, "", {}) or isinstance(raw, self.record.model):
            return raw or None
        rows = self.record.rows(actor) if actor is not None else self.record.model._default_manager.all()
        given = raw.get("id", raw.get("name")) if isinstance(raw, dict) else raw
        if isinstance(given, bool) or not isinstance(given, (int, str)):
            raise Invalid(__("A link is given as an id or a name."))
        given = clean_text(within_reason(given)) if isinstance(given, str) else given
        if str(given).strip().isdecimal() and not (isinstance(raw, dict) and "name" in raw and "id" not in raw):
            found = list(rows.filter(pk=int(given))) if int(given) < 2**63 else []
        else:
            found = self._by_name(rows, str(given).strip())
        label = str(self.record.label).lower()
        if len(found) > 1:
            raise Invalid(__("More than one %(what)s is called “%(v)s”; give its id.") % {"what": label, "v": given})
        if not found:
            raise Invalid(__("There is no %(what)s “%(v)s”.") % {"what": label, "v": given})
        return found[0]

    def _by_name(self, rows: Any, text: str) -> list[Any]:
        title = self.record.title
        return list(rows.filter(**{f"{title}__iexact": text})[:2])

    def dump(self, value: Any) -> Any:
        return None if value is None else {"id": value.pk, "name": self.record.name_of(value)}

    def load(self, data: Any) -> Any:
        if data in (None, ""):
            return None
        pk = data["id"] if isinstance(data, dict) else data
        return self.record.model._default_manager.filter(pk=pk).first()

    def outward(self, value: Any) -> Any:
        from kith.kernel.configuration.references import reference

        return None if value is None else reference(self.record, value)

    def inward(self, data: Any, *, actor: Any = None) -> Any:
        from kith.kernel.configuration.references import referred

        return None if data in (None, "", {}) else referred(self.record, data, actor)

    def even(self, data: Any, *, actor: Any = None) -> Any:
        return data or None

    def show(self, value: Any) -> str:
        return "" if value is None else self.record.name_of(value)

    def edit(self, value: Any) -> str:
        return "" if value is None else str(value.pk)

    def export(self, value: Any) -> Any:
        return self.show(value) or None

    def schema(self) -> dict[str, Any]:
        return {
            "type": ["object", "null"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            "description": f"a {self.target}; an id or a name is accepted when writing",
        }

    def ops(self) -> tuple[Operator, ...]:
        return link_ops()

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        if op.takes == "none":
            return None
        items = raw if isinstance(raw, (list, tuple)) else [raw]
        return [self._operand_id(i, actor) for i in items]

    def _operand_id(self, raw: Any, actor: Any) -> int:
        if isinstance(raw, int) or (isinstance(raw, str) and raw.isdecimal()):
            return int(raw)
        return int(self.parse(raw, actor=actor).pk)


class Colleague(Link):
    """A user of Kith. Filters also take "me" and "my_team"."""

    name, label = "colleague", _("Colleague")

    def __init__(self) -> None:
        super().__init__("user")

    @property
    def record(self) -> Any:
        return USERS

    def _by_name(self, rows: Any, text: str) -> list[Any]:
        return list(rows.filter(Q(name__iexact=text) | Q(email__iexact=text))[:2])

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        if op.takes == "none":
            return None
        out: list[int] = []
        for item in raw if isinstance(raw, (list, tuple)) else [raw]:
            if item == "me":
                out += [actor.user_id] if actor is not None and actor.user_id else []
            elif item == "my_team":
                out += sorted(actor.teammate_ids) if actor is not None else []
            else:
                out.append(self._operand_id(item, actor))
        return out

    def _say_one(self, raw: Any, actor: Any) -> str:
        if raw == "me":
            return __("me")
        if raw == "my_team":
            return __("my team")
        return super()._say_one(raw, actor)

    def schema(self) -> dict[str, Any]:
        return {**super().schema(), "description": "a colleague; an id, a name or an e-mail address is accepted"}


class TeamLink(Link):
    name, label = "team", _("Team")

    def __init__(self) -> None:
        super().__init__("team")

    @property
    def record(self) -> Any:
        return TEAMS

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        items = raw if isinstance(raw, (list, tuple)) else [raw]
        if op.takes != "none" and "my_team" in items:
            rest = [self._operand_id(i, actor) for i in items if i != "my_team"]
            return rest + (sorted(actor.team_ids) if actor is not None else [])
        return super().operand(op, raw, actor=actor)

    def _say_one(self, raw: Any, actor: Any) -> str:
        return __("my team") if raw == "my_team" else super()._say_one(raw, actor)


class _Directory:
    """What a link needs to know about users and teams, which are no records: everybody inside may see their names.

    Names come from the cached directory, so showing an owner in a list costs no query.
    """

    def __init__(self, name: str, label: Any, dotted: str):
        self.name, self.label, self.title, self._dotted = name, label, "name", dotted

    @property
    def model(self) -> Any:
        from django.apps import apps

        return apps.get_model(self._dotted)

    def rows(self, actor: Any) -> Any:
        return self.model._default_manager.all()

    def name_of(self, row: Any) -> str:
        return str(row)


class _Users(_Directory):
    pass


USERS = _Users("user", _("Colleague"), "accounts.User")
TEAMS = _Directory("team", _("Team"), "accounts.Team")
