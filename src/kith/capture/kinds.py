"""A form's document as a value: an object for programs, JSON in text fields, checked as a whole."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import Kind, Operator
from kith.kernel.text import clean_text

LONGEST = 400_000  # characters


class FormDocument(Kind):
    """What `definition.read` reads."""

    name, widget, sortable = "form_document", "textarea", False
    accepts = (dict, str)
    blank: ClassVar[Any] = {}

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            if len(raw) > LONGEST:
                raise Invalid(__("This is too long for a form."))
            if not raw.strip():
                return {}
            try:
                raw = json.loads(clean_text(raw))
            except (ValueError, RecursionError):
                raise Invalid(__("This is not JSON; use the builder, or mend it.")) from None
        return self.clean(raw or {})

    def clean(self, value: Any) -> dict[str, Any]:
        from kith.capture.definition import read

        if not isinstance(value, dict):
            raise Invalid(__("A form is given by an object with languages, title and fields."))
        if value:
            try:
                read(value)
            except InvalidMany as problem:
                raise Invalid(problem.message) from None
        return value

    def outward(self, value: Any) -> Any:
        """A picture stays where it is."""
        theme = {key: said for key, said in (value or {}).get("theme", {}).items() if key != "logo"}
        return {**value, "theme": theme} if (value or {}).get("theme") else value

    def even(self, data: Any, *, actor: Any = None) -> Any:
        if not isinstance(data, dict):
            raise Invalid(__("A form is given by an object with languages, title and fields."))
        return self.outward(data)

    def keeping(self, value: Any, before: Any) -> Any:
        logo = (before or {}).get("theme", {}).get("logo")
        return {**value, "theme": {**value.get("theme", {}), "logo": logo}} if logo else value

    def edit(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, indent=1) if value else ""

    def show(self, value: Any) -> str:
        fields = (value or {}).get("fields") or []
        return __("%s fields") % len(fields) if value else ""

    def export(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if value else None

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("empty", _("is empty"), "none", lambda p, v: Q(**{p: {}})),
            Operator("filled", _("is known"), "none", lambda p, v: ~Q(**{p: {}})),
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}
