"""What a quote promises, as a value: a line each, with its day behind a bar ("A Polish manual | 2027-03-01")."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Kind
from kith.kernel.kinds.base import Operator


class PromiseLines(Kind):
    """[{"wording", "due"}]; due is a date as text, or ""."""

    name, widget, label, customisable, sortable, blank = "promises", "textarea", _("Promises"), False, False, []

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            pairs = (line.rpartition("|") if "|" in line else (line, "", "") for line in value.splitlines())
            value = [{"wording": words.strip(), "due": due.strip()} for words, _bar, due in pairs if words.strip()]
        if not isinstance(value or [], list) or not all(
            isinstance(one, dict) and "wording" in one for one in value or []
        ):
            raise Invalid(__("Promises are a list, each with its wording and its day."))
        return value or []

    def dump(self, value: Any) -> Any:
        return value or []

    def load(self, data: Any) -> Any:
        return data or []

    def show(self, value: Any) -> str:
        return "; ".join(
            f"{one['wording']} ({one['due']})" if one.get("due") else one["wording"] for one in value or []
        )

    def edit(self, value: Any) -> str:
        return "\n".join(
            f"{one['wording']} | {one['due']}" if one.get("due") else one["wording"] for one in value or []
        )

    def export(self, value: Any) -> Any:
        return self.show(value) or None

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "object", "properties": {"wording": {"type": "string"}, "due": {"type": "string"}}},
        }

    def ops(self) -> tuple[Operator, ...]:
        return ()
