"""Kinds of values of this step: the other languages of a template, the draft of a sequence."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __

from kith.engagement.definition import normal, ordered, read
from kith.kernel.configuration.references import turned, with_names, with_numbers
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Kind, Language
from kith.kernel.kinds.base import Operator
from kith.kernel.kinds.document import Document
from kith.kernel.text import clean_text

MOST, LONGEST = 40, 20_000  # languages of a template, characters of one text


class Translations(Kind):
    """A list of {"language", "subject", "body"}, each language once."""

    name, widget, sortable, blank = "translations", "textarea", False, []
    accepts = (list,)

    def clean(self, value: Any) -> Any:
        if not isinstance(value, list) or len(value) > MOST:
            raise Invalid(__("Translations are a list of at most %s.") % MOST)
        out: dict[str, dict[str, str]] = {}
        for each in value:
            if not isinstance(each, dict) or not {*each} <= {"language", "subject", "body"}:
                raise Invalid(__("A translation has language, subject and body, and nothing else."))
            texts = {key: clean_text(str(each.get(key, "")))[:LONGEST] for key in ("language", "subject", "body")}
            texts["language"] = Language().parse(texts["language"])
            if not texts["language"] or texts["language"] in out:
                raise Invalid(__("Each translation names its language, and each language stands once."))
            out[texts["language"]] = texts
        return list(out.values())

    def show(self, value: Any) -> str:
        return ", ".join(Language().show(each["language"]) for each in value or [])

    def schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "object"}}

    def ops(self) -> tuple[Operator, ...]:
        return ()


FILTERS = ("goal", "if")  # keys whose text is a filter of people


class SequenceDraft(Document):
    """What it names is checked when it is published."""

    name, most = "sequence_draft", 5 * LONGEST
    described = "window, goal and steps, as the guide to sequences explains"

    def said(self) -> str:
        return __("This sequence")

    def checked(self, value: Any) -> Any:
        data = normal(value)
        read(data)
        return data

    def ordered(self, value: dict[str, Any]) -> dict[str, Any]:
        return ordered(value)

    def outward(self, value: Any) -> Any:
        return turned(ordered(value), FILTERS, lambda text: with_names(text, "person"))

    def inward(self, data: Any, *, actor: Any = None) -> Any:
        return turned(self.take(data, actor=actor), FILTERS, lambda text: with_numbers(text, "person", actor))

    def even(self, data: Any, *, actor: Any = None) -> Any:
        return ordered(self.take(data, actor=actor))

    def show(self, value: Any) -> str:
        return ", ".join(step["do"] for step in read(value).steps) if value else ""
