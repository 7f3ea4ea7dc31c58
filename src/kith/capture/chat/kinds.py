"""A widget's document as a value: an object for programs, JSON in text fields, checked as a whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __

from kith.capture.kinds import FormDocument
from kith.kernel.errors import Invalid, InvalidMany


class ChatDocument(FormDocument):
    """What `definition.read` reads."""

    name = "chat_document"

    def clean(self, value: Any) -> dict[str, Any]:
        from kith.capture.chat.definition import read

        if not isinstance(value, dict):
            raise Invalid(__("A chat is given by an object with languages, title and bot."))
        if value:
            try:
                read(value)
            except InvalidMany as problem:
                raise Invalid(problem.message) from None
        return value

    def show(self, value: Any) -> str:
        steps = ((value or {}).get("bot") or {}).get("steps") or []
        return __("%s steps of the bot") % len(steps) if value else ""
