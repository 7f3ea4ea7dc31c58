"""Adding and changing an organisation's own fields. Keys never change, labels are free; nothing stored is ever lost.

Each writes a trail row (an operation without events cannot be undone, so the settings page shows who did it instead).
"""

from __future__ import annotations

import re
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.customfields.models import CustomField
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import KINDS
from kith.kernel.organisation.models import bump
from kith.kernel.records.models import RecordModel
from kith.kernel.records.registry import registry
from kith.kernel.text import fold

MOST_FIELDS = 200  # per record type
LONGEST = {"label": 120, "help": 300, "section": 120, "personal": 120}  # characters of what is said of a field
MOST_CHOICES, LONGEST_CHOICE = 500, 200


def kinds_offered() -> dict[str, str]:
    """{kind name: label} of kinds that a custom field may have."""
    return {name: str(kind.label) for name, kind in KINDS.items() if kind.customisable}


def key_from(label: str) -> str:
    """A stable key from a label: "Renewal month" -> "renewal_month"."""
    key = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:40]
    return key if key[:1].isalpha() else f"field_{key}"[:40].rstrip("_")


Choices = list[str] | dict[str, str] | None  # labels, or labels by the key under which rows hold them


def _labels(choices: Choices) -> list[str]:
    return list(choices.values()) if isinstance(choices, dict) else choices or []


def _kept(choices: Choices, old: dict[str, str]) -> dict[str, str]:
    """{key: label}; a label that was there keeps its key, a new one gets one, unless it is said."""
    if isinstance(choices, dict):
        return {key: label.strip() for key, label in choices.items() if label.strip()}
    keys = {label: key for key, label in old.items()}
    return {keys.get(c.strip(), key_from(c)): c.strip() for c in choices or [] if c.strip()}


def define(
    *, record: str, label: str, kind: str, choices: Choices = None, target: str = "", key: str = "",
    help: str = "", section: str = "", required: bool = False, indexed: bool = False, personal: str = "", by: Actor,
) -> CustomField:  # fmt: skip
    """A new field. choices: labels, for kind "choice"; target: record name, for kind "link". Raises InvalidMany."""
    by.require("settings.manage")
    label = label.strip()
    errors = _wrong(record, label, kind, choices, target)
    errors |= _too_long({"label": label, "help": help, "section": section, "personal": personal}, choices)
    if errors:
        raise InvalidMany(errors)
    options: dict[str, Any] = {}
    if kind == "choice":
        options["choices"] = _kept(choices, {})
    if kind == "link":
        options["target"] = target
    position = CustomField.objects.filter(record=record).count()
    field = CustomField(
        record=record, key=key or key_from(label), label=label, kind=kind, options=options, help=help, section=section,
        required=required, indexed=indexed, personal=personal, position=position,
    )  # fmt: skip
    try:
        with transaction.atomic():
            field.save(force_insert=True)
            bump()
            if indexed:
                enqueue("customfields.index", field=field.pk)
    except IntegrityError:
        raise InvalidMany({"label": [_("%(what)s already has a field with the key “%(key)s”.") % {
            "what": registry[record].label, "key": field.key}]}) from None  # fmt: skip
    return field


def _wrong(record: str, label: str, kind: str, choices: Choices, target: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    known = registry.get(record)
    if known is None or not issubclass(known.model, RecordModel):
        errors["record"] = [_("There is no record type “%s”.") % record]
    elif CustomField.objects.filter(record=record).count() >= MOST_FIELDS:
        errors["record"] = [_("At most %s fields of your own fit on one record type.") % MOST_FIELDS]
    if not label:
        errors["label"] = [_("Give the field a name.")]
    if kind not in kinds_offered():
        errors["kind"] = [_("Choose what kind of field it is.")]
    if kind == "choice" and not [c for c in _labels(choices) if c.strip()]:
        errors["choices"] = [_("List at least one choice, one a line.")]
    if kind == "link" and target not in registry:
        errors["target"] = [_("Choose what it links to.")]
    return errors


def _too_long(words: dict[str, Any], choices: Choices) -> dict[str, list[str]]:
    """What does not fit is refused, never cut short."""
    errors = {
        name: [_("It has %(n)d characters; the most that fit are %(max)d.") % {"n": len(said), "max": LONGEST[name]}]
        for name, said in words.items()
        if name in LONGEST and len(said) > LONGEST[name]
    }
    if len(_labels(choices)) > MOST_CHOICES:
        errors["choices"] = [_("At most %s choices fit.") % MOST_CHOICES]
    elif any(len(choice) > LONGEST_CHOICE for choice in _labels(choices)):
        errors["choices"] = [_("A choice has at most %s characters.") % LONGEST_CHOICE]
    return errors


def change_field(field: CustomField, *, by: Actor, choices: Choices = None, **facts: Any) -> CustomField:
    """Change label, help, section, required, position, indexed or choices. A choice that rows hold keeps its key."""
    by.require("settings.manage")
    allowed = {"label", "help", "section", "required", "position", "indexed", "personal"}
    if unknown := set(facts) - allowed:
        raise Invalid(_("A field’s %s cannot be changed.") % ", ".join(sorted(unknown)))
    if "label" in facts and not str(facts["label"]).strip():
        raise InvalidMany({"label": [_("Give the field a name.")]})
    if errors := _too_long(facts, choices):
        raise InvalidMany(errors)
    index = facts.get("indexed") and not field.indexed
    for name, value in facts.items():
        setattr(field, name, value)
    if choices is not None and field.kind == "choice":
        field.options = {"choices": _kept(choices, field.options.get("choices", {}))}
    with transaction.atomic():
        field.save()
        bump()
        if index:
            enqueue("customfields.index", field=field.pk)
    return field


def archive_field(field: CustomField, *, by: Actor) -> CustomField:
    """Take a field out of use; the values stay on the rows and come back with `restore_field`."""
    return _put_away(field, timezone.now(), by)


def restore_field(field: CustomField, *, by: Actor) -> CustomField:
    return _put_away(field, None, by)


def _put_away(field: CustomField, when: Any, by: Actor) -> CustomField:
    by.require("settings.manage")
    with transaction.atomic():
        field.archived_at = when
        field.save(update_fields=["archived_at"])
        bump()
    return field
