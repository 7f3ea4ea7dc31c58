"""Kinds of values of mailings: a segment of people by its key, and what the last check found."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choices, Kind
from kith.kernel.kinds.base import Operator
from kith.kernel.kinds.many import MOST
from kith.kernel.segments.kinds import Keys, names_of


class PeopleSegment(Keys):
    """A segment of people by its key. They are the organisation's own, so no schema lists them."""

    name = "people_segment"

    def __init__(self) -> None:
        super().__init__(lambda: names_of("person"))


class PeopleSegments(Choices):
    """Several of them. A key may be longer than a tag."""

    name = "people_segments"

    def __init__(self) -> None:
        super().__init__(PeopleSegment())

    def clean(self, value: Any) -> list[str]:
        if not isinstance(value, (list, tuple)) or len(value) > MOST:
            raise Invalid(__("Segments are a list of at most %s.") % MOST)
        return list(dict.fromkeys(key for each in value if (key := self.one.clean(str(each).strip()))))


class CheckFound(Kind):
    """Counts that the check keeps, for programs; nobody writes them."""

    name, widget, sortable, blank = "mailing_check", "textarea", False, {}
    accepts = (dict,)

    def clean(self, value: Any) -> Any:
        return value if isinstance(value, dict) else {}

    def show(self, value: Any) -> str:
        told = {"get": value.get("get", 0), "all": value.get("gathered", 0)} if value else None
        return __("%(get)s of %(all)s get it") % told if told else ""

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "description": "gathered, get, held by reason, languages, words of caution, when it was looked at",
        }

    def ops(self) -> tuple[Operator, ...]:
        return ()
