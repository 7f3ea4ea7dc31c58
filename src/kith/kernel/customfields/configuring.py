"""Fields of one's own as a chapter of the configuration: fields/deal renewal_month.yaml."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.configuration.chapters import Change, Chapter, Document, Item, Key
from kith.kernel.customfields.actions import archive_field, change_field, define, kinds_offered, restore_field
from kith.kernel.customfields.models import CustomField
from kith.kernel.errors import Invalid, InvalidMany

LASTING = ("record", "key", "kind", "target")  # what a field is, for as long as it is there
TEXTS = ("label", "section", "help", "personal")
SWITCHES = ("required", "indexed")
ALWAYS = ("label", "position")
NAMES = ("record", "key", "label", "kind", "target", "choices", "section", "help", "personal", *SWITCHES, "position")


class Fields(Chapter):
    name, tells = "fields", False

    @property
    def label(self) -> str:
        return _("Your own fields")

    def here(self, by: Actor) -> list[Item]:
        rows = CustomField.objects.filter(archived_at=None).order_by("record", "key")
        return [Item((row.record, row.key), document_of(row), row) for row in rows]

    def key(self, document: Document) -> Key:
        for name in ("record", "key"):
            if not isinstance(document.get(name), str) or not document[name]:
                raise Invalid(_("“%s” is missing; it tells this one from others.") % name, name)
        return (document["record"], document["key"])

    def checked(self, document: Document, by: Actor) -> Document:
        errors = {
            str(name): [_("A field has no “%(name)s”; it has %(known)s.") % {"name": str(name)[:60], "known": ", ".join(NAMES)}]
            for name in document if name not in NAMES
        }  # fmt: skip
        for name in (*LASTING, *TEXTS):
            if not isinstance(document.get(name, ""), str):
                errors[name] = [_("“%s” is text.") % name]
        for name in SWITCHES:
            if not isinstance(document.get(name, False), bool):
                errors[name] = [_("“%s” is true or false.") % name]
        choices = document.get("choices", {})
        if not isinstance(choices, dict) or not all(isinstance(one, str) for pair in choices.items() for one in pair):
            errors["choices"] = [_("“choices” has a line for each: the key that rows hold, and what people read.")]
        if type(document.get("position", 0)) is not int:
            errors["position"] = [_("“%s” is a number.") % "position"]
        if document.get("kind") not in kinds_offered():
            errors["kind"] = [_("“kind” is one of %s.") % ", ".join(sorted(kinds_offered()))]
        if errors:
            raise InvalidMany(errors)
        filled = {"label": "", "position": 0, **document}
        return {name: filled[name] for name in NAMES if _says(filled.get(name)) or name in ALWAYS}

    def changes(self, old: Document, new: Document, by: Actor) -> list[Change]:
        return [
            Change(name, name, _words(old.get(name)), _words(new.get(name)))
            for name in NAMES
            if old.get(name) != new.get(name)
        ]

    def put(self, item: Item | None, document: Document, by: Actor) -> Any:
        row = CustomField.objects.filter(record=document["record"], key=document["key"]).first()
        facts = {name: document.get(name, "") for name in TEXTS} | {n: document.get(n, False) for n in SWITCHES}
        choices = document.get("choices") if document["kind"] == "choice" else None
        if row is None:
            row = define(**{n: document.get(n, "") for n in LASTING}, **facts, choices=choices, by=by)
            return change_field(row, position=document["position"], by=by)
        now = document_of(row)
        if other := [name for name in LASTING if document.get(name) != now.get(name)]:
            raise Invalid(_("A field keeps what it is; “%(name)s” is %(now)s here. Give the other field a key of its own.") % {
                "name": other[0], "now": now.get(other[0]) or _("nothing")}, other[0])  # fmt: skip
        if row.archived_at is not None:
            row = restore_field(row, by=by)
        return change_field(row, **facts, position=document["position"], choices=choices, by=by)

    def remove(self, item: Item, by: Actor) -> None:
        archive_field(item.row, by=by)

    def put_back(self, key: Key, before: Document | None, after: Document | None, by: Actor) -> list[str]:
        row = CustomField.objects.filter(record=key[0], key=key[1]).first()
        now = None if row is None or row.archived_at is not None else document_of(row)
        if row is None or now == before:
            return []
        if now != after:
            return [_("The field “%s” was changed since and was left as it is.") % row.label]
        if before is None:
            archive_field(row, by=by)
        else:
            self.put(None, before, by)
        return []


def document_of(row: CustomField) -> Document:
    told = {name: getattr(row, name, "") for name in NAMES} | dict(row.options)
    return {name: told[name] for name in NAMES if _says(told[name]) or name in ALWAYS}


def _says(value: Any) -> bool:
    return value not in (None, "", {}, [], False)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {label}" for key, label in value.items())
    return _("yes") if value is True else "" if value in (None, False) else str(value)
