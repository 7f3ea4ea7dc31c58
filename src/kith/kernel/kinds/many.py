"""Kinds with several values: e-mail addresses, phones, web profiles, postal addresses, tags, several of a list.

Each is one JSON list (tags: a text array) on the row, the first entry being the main one; what lookups need
(normalised identifiers, city, country) is derived from it when the row is saved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import Kind, Operator
from kith.kernel.kinds.cells import labelled, listed
from kith.kernel.kinds.choice import Choice, Country
from kith.kernel.kinds.text import Email, Phone, Url
from kith.kernel.text import clean_text

MOST = 50  # entries one field may hold; a file that brings more is refused with a sentence
LONGEST_LABEL = 40  # characters of what an entry is for


def list_ops() -> tuple[Operator, ...]:
    return (
        Operator("empty", _("is empty"), "none", lambda p, v: Q(**{p: []})),
        Operator("filled", _("is known"), "none", lambda p, v: ~Q(**{p: []})),
    )


def _label(given: Any) -> str:
    """What an entry is for, whole. Raises Invalid where it is too long: half a label would say something else."""
    text = clean_text(str(given)) if given else ""
    if len(text) > LONGEST_LABEL:
        raise Invalid(
            __("“%(start)s…” says in %(n)d characters what this is for; the most that fit are %(max)d.")
            % {"start": text[:LONGEST_LABEL], "n": len(text), "max": LONGEST_LABEL}
        )
    return text


class Many(Kind):
    """A list of {"value": …, "label": …}; subclasses name the kind of one value."""

    widget, multiple, sortable = "many", True, False
    accepts = (list, str)
    blank: ClassVar[Any] = []
    labels: tuple[str, ...] = ("work", "private", "other")
    split = re.compile(r"[;,\n]+")
    one: Kind

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            raw = listed(raw) or [labelled(part) for part in self.split.split(raw) if part.strip()]
        return self.clean(raw or [])

    def export(self, value: Any) -> Any:
        """ "a@x.example (work), b@x.example": what `parse` reads back; JSON where such words would be ambiguous."""
        words = [f"{e['value']} ({e['label']})" if e.get("label") else e["value"] for e in value or []]
        doubtful = any(self.split.search(w) or w[:1] in "[{" for w in words) or any(
            labelled(w) not in (e, e["value"]) for w, e in zip(words, value or [], strict=True)
        )
        return json.dumps(value, ensure_ascii=False) if doubtful else ", ".join(words) or None

    def clean(self, value: Any) -> list[dict[str, str]]:
        if isinstance(value, (str, dict)):
            value = [value]
        if not isinstance(value, (list, tuple)):
            raise Invalid(__("This must be a list."))
        if len(value) > MOST:
            raise Invalid(__("At most %s entries fit here.") % MOST)
        out: dict[str, dict[str, str]] = {}
        for item in value:
            entry = item if isinstance(item, dict) else {"value": item}
            one = self.one.clean(entry.get("value") or "")
            if one:
                held = out.setdefault(self.key(one), {"value": one, "label": ""})
                held["label"] = held["label"] or _label(entry.get("label"))
        return list(out.values())

    def key(self, one: str) -> str:
        """What makes two entries the same."""
        return one.casefold()

    def show(self, value: Any) -> str:
        return ", ".join(self.one.show(e["value"]) for e in value or [])

    def edit(self, value: Any) -> str:
        return ", ".join(e["value"] for e in value or [])

    def schema(self) -> dict[str, Any]:
        entry = {
            "type": "object",
            "properties": {"value": self.one.schema(), "label": {"type": "string", "maxLength": LONGEST_LABEL}},
            "required": ["value"],
        }
        return {"type": "array", "items": entry, "maxItems": MOST}

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator(
                "is", _("is"), "one", lambda p, v: Q(**{f"{p}__contains": [{"value": v[0]["value"]}] if v else []})
            ),
            Operator("has", _("contains"), "one", _contains_fragment),
            *list_ops(),
        )

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        if op.key == "has":
            return str(raw[0] if isinstance(raw, (list, tuple)) and raw else raw)
        return super().operand(op, raw, actor=actor)

    def say(self, op: Operator, raw: Any, *, actor: Any = None) -> str:
        return "" if op.takes == "none" else str(raw[0] if isinstance(raw, (list, tuple)) and raw else raw)


def _contains_fragment(path: str, value: Any) -> Q:
    """A fragment of any entry: `::text` of the JSON list keeps values verbatim, so a plain LIKE finds them."""
    return Q(**{f"{path}__icontains": value})


class Emails(Many):
    name, label, one, labels = "emails", _("E-mail addresses"), Email(), ("work", "private", "billing", "other")


class Phones(Many):
    name, label, one = "phones", _("Phone numbers"), Phone()
    labels = ("mobile", "work", "private", "fax", "other")

    def __init__(self, region: str = ""):
        self.one = Phone(region=region)

    split = re.compile(r"[;,\n]+(?!ext=)")  # “;ext=102” belongs to its number

    def key(self, one: str) -> str:
        return one


class Links(Many):
    name, label, one, labels = (
        "links",
        _("Web and social links"),
        Url(),
        ("website", "linkedin", "x", "github", "other"),
    )
    split = re.compile(r"[\s;,]+(?=https?://)|[\s;]+(?!\()")


LONGEST_PART = 300  # characters
ADDRESS_PARTS = ("street", "city", "region", "postcode", "country")


def _part(given: Any) -> str:
    text = clean_text(str(given)).strip()
    if len(text) > LONGEST_PART:
        raise Invalid(
            __("A part of the address has %(n)s characters; the most that fit are %(max)s.")
            % {"n": len(text), "max": LONGEST_PART}
        )
    return text


class Addresses(Many):
    """A list of {street, city, region, postcode, country (ISO), label}."""

    name, widget, label, labels = "addresses", "addresses", _("Addresses"), ("office", "billing", "home", "other")
    one = Country()

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            raw = listed(raw) or ([{"street": raw.strip()}] if raw.strip() else [])
        return self.clean(raw or [])

    def export(self, value: Any) -> Any:
        """JSON, because no line of an address says which of its words are the city."""
        known = [{part: words for part, words in e.items() if words} for e in value or []]
        return json.dumps(known, ensure_ascii=False) if known else None

    def clean(self, value: Any) -> list[dict[str, str]]:
        if isinstance(value, dict):
            value = [value]
        if not isinstance(value, (list, tuple)) or any(not isinstance(v, dict) for v in value):
            raise Invalid(__("An address is given by street, city, region, postcode and country."))
        if len(value) > MOST:
            raise Invalid(__("At most %s entries fit here.") % MOST)
        out = []
        for item in value:
            entry = {part: _part(given) if (given := item.get(part)) else "" for part in ADDRESS_PARTS}
            entry["country"] = self.one.clean(entry["country"])
            if any(entry.values()):
                out.append({**entry, "label": _label(item.get("label"))})
        return out

    def show(self, value: Any) -> str:
        lines = []
        for e in value or []:
            town = " ".join(p for p in (e.get("postcode"), e.get("city")) if p)
            lines.append(
                ", ".join(p for p in (e.get("street"), town, e.get("region"), self.one.show(e.get("country"))) if p)
            )
        return "; ".join(lines)

    def edit(self, value: Any) -> str:
        return self.show(value)

    def schema(self) -> dict[str, Any]:
        parts = {part: {"type": "string", "maxLength": LONGEST_PART} for part in ADDRESS_PARTS}
        parts["label"] = {"type": "string", "maxLength": LONGEST_LABEL}
        return {"type": "array", "items": {"type": "object", "properties": parts}, "maxItems": MOST}

    def ops(self) -> tuple[Operator, ...]:
        return (Operator("has", _("contains"), "one", _contains_fragment), *list_ops())


SEPARATORS = re.compile(r"[;,\n]+")


class Tags(Kind):
    name, widget, label, customisable, multiple, sortable = "tags", "tags", _("Tags"), False, True, False
    accepts = (list, str)
    blank: ClassVar[Any] = []

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            raw = listed(raw) or [t for t in SEPARATORS.split(raw) if t.strip()]
        return self.clean(raw or [])

    def export(self, value: Any) -> Any:
        """ "VIP, fair"; JSON where a tag itself holds a separator."""
        doubtful = any(SEPARATORS.search(t) or t[:1] in "[{" for t in value or [])
        return json.dumps(value, ensure_ascii=False) if doubtful else self.show(value) or None

    def clean(self, value: Any) -> list[str]:
        if not isinstance(value, (list, tuple)):
            raise Invalid(__("Tags are a list of words."))
        if len(value) > MOST:
            raise Invalid(__("At most %s entries fit here.") % MOST)
        out: dict[str, str] = {}
        for item in value:
            tag = " ".join(clean_text(str(item)).split())
            if len(tag) > 60:
                raise Invalid(__("The tag “%s…” is longer than 60 characters.") % tag[:30])
            if tag:
                out.setdefault(tag.casefold(), tag)
        return list(out.values())

    def show(self, value: Any) -> str:
        return ", ".join(value or [])

    edit = show

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": MOST}

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("any", _("has any of"), "many", lambda p, v: Q(**{f"{p}__overlap": v})),
            Operator("all", _("has all of"), "many", lambda p, v: Q(**{f"{p}__contains": v})),
            Operator("none", _("has none of"), "many", lambda p, v: ~Q(**{f"{p}__overlap": v})),
            *list_ops(),
        )

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        return None if op.takes == "none" else self.clean(raw if isinstance(raw, (list, tuple)) else [raw])

    def say(self, op: Operator, raw: Any, *, actor: Any = None) -> str:
        return "" if op.takes == "none" else self.show(raw if isinstance(raw, (list, tuple)) else [raw])


class Choices(Tags):
    """Several of a list: kept by key and shown by name, as `one` does for a single value."""

    name, label = "choices", _("Several of a list")

    def __init__(self, one: Choice):
        self.one = one

    @property
    def options(self) -> Mapping[str, Any]:
        return self.one.options

    def clean(self, value: Any) -> list[str]:
        return [self.one.clean(each) for each in super().clean(value)]

    def show(self, value: Any) -> str:
        return ", ".join(self.one.show(each) for each in value or [])

    edit = show
