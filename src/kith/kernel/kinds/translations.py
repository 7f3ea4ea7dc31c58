"""A text in several languages: {"de": "…"}, written as `de: …`, each language beginning a line of its own."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import Kind, Operator
from kith.kernel.kinds.cells import listed
from kith.kernel.text import clean_text

LONGEST = 4_000  # characters of one text
MOST = 40  # languages
CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
BEGINS = re.compile(r"^\s*([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\s*:\s*(.*)$")


class Translations(Kind):
    """Texts by language code. A line that begins with a code and a colon begins a text; others go on with it."""

    name, widget, sortable = "translations", "textarea", False
    accepts = (dict, str)
    blank: ClassVar[Any] = {}

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            if len(raw) > LONGEST * MOST:
                raise Invalid(__("This text is too long."))
            found = listed(raw)
            raw = found[0] if found else self._read(clean_text(raw))
        return self.clean(raw or {})

    def _read(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        code = ""
        for line in text.splitlines():
            if begins := BEGINS.match(line):
                code = begins[1].lower()
                found[code] = begins[2]
            elif line.strip() and not code:
                raise Invalid(__("Begin each text with its language and a colon, for example “de: …”."))
            elif code:
                found[code] += f"\n{line}"
        return found

    def clean(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise Invalid(__("Texts are given by language, for example de: …"))
        if len(value) > MOST:
            raise Invalid(__("At most %s languages fit here.") % MOST)
        out: dict[str, str] = {}
        for code, text in value.items():
            key = str(code).lower()
            if not CODE.fullmatch(key):
                raise Invalid(__("“%s” is no language code; it is written as de or pt-br.") % str(code)[:20])
            if not isinstance(text, str) or len(text) > LONGEST:
                raise Invalid(__("A text has at most %s characters.") % LONGEST)
            if text.strip():
                out[key] = clean_text(text).strip()
        return dict(sorted(out.items()))

    def edit(self, value: Any) -> str:
        return "\n".join(f"{code}: {text}" for code, text in (value or {}).items())

    def show(self, value: Any) -> str:
        return "; ".join(f"{code}: {text}" for code, text in (value or {}).items())

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("empty", _("is empty"), "none", lambda p, v: Q(**{p: {}})),
            Operator("filled", _("is known"), "none", lambda p, v: ~Q(**{p: {}})),
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string", "maxLength": LONGEST}}


def text_for(texts: dict[str, str], language: str, otherwise: str = "") -> tuple[str, str]:
    """(text, its language) nearest to what somebody reads: "de-at", else "de", else `otherwise` (whose language is "")."""
    for code in (language.lower(), language.lower().partition("-")[0]):
        if texts.get(code):
            return texts[code], code
    return otherwise, ""
