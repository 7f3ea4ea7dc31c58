"""Which of the events of one verb are meant: those whose payload holds what is said of it, `form_id=12` or `kind=training,online=true`.

One way to say it, for rules that hear events as they happen and for filters that look back at them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import EVENTS

MOST_OFFERED = 100
_NEXT = re.compile(r",(?=\s*\w+=)")  # a comma within a value, as addresses have them, parts nothing


def needed(text: str) -> dict[str, str]:
    """{field of the payload: value} that an event must hold."""
    pairs = [one.partition("=") for one in _NEXT.split(text) if "=" in one]
    return {key.strip(): value.strip() for key, _equal, value in pairs if key.strip()}


def holds(payload: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(_text(payload.get(key)) == value for key, value in wanted.items())


def _text(value: Any) -> str:
    """As PostgreSQL writes it, so that a rule and a filter mean the same."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def fields_of(verb: str) -> list[str]:
    """What may be said of events of this verb: nothing personal, which a filter must not find out."""
    kind = EVENTS[verb]
    own = [f.name for f in dataclasses.fields(kind) if f.name != "sides" and f.name not in kind.personal]
    return [*own, *kind.elsewhere]


def read(verb: str, text: str) -> dict[str, str]:
    """What is wanted of an event of this verb. Raises Invalid where it cannot hold that."""
    wanted, known = needed(text), fields_of(verb)
    if text.strip() and not wanted:
        raise Invalid(_("Write which is meant as name=value, for example form_id=12."))
    strange = [key for key in wanted if key not in known]
    if strange:
        raise Invalid(_("“%(verb)s” holds no “%(key)s”; it has: %(known)s.") % {
            "verb": verb, "key": strange[0][:60], "known": ", ".join(known) or _("nothing")})  # fmt: skip
    return wanted


def holding(rows: QuerySet[Any], verb: str, wanted: Mapping[str, str], payload: str = "payload") -> QuerySet[Any]:
    """Of rows whose events have this verb, those whose event holds it; `payload`: the path to what it holds."""
    for n, (key, value) in enumerate(wanted.items()):
        field, ids = EVENTS[verb].elsewhere.get(key, (key, None))
        rows = rows.alias(**{f"held{n}": KeyTextTransform(field, payload)})
        meant = value if ids is None else ids(value).values(as_text=Cast("pk", CharField()))
        rows = rows.filter(**{f"held{n}" if ids is None else f"held{n}__in": meant})
    return rows


def offered(verb: str, actor: Actor) -> list[tuple[str, str]]:
    """What is likely meant, (condition, words): the forms, assets, campaigns that the actor sees; empty where events of this
    verb are about none."""
    kind = EVENTS.get(verb)
    if kind is None:
        return []
    found = list(kind.which(actor))
    for name in fields_of(verb):
        record = _record_of(verb, name)
        if record is not None and actor.can(f"{record.name}.see"):
            rows = record.rows(actor, archived=False).order_by("-pk")[:MOST_OFFERED]
            found += sorted(((f"{name}={row.pk}", record.name_of(row)) for row in rows), key=lambda one: one[1].lower())
    return found


def said(verb: str, wanted: Mapping[str, str], actor: Actor | None) -> str:
    """The same in words: “Leak check on one page”."""
    words = []
    for key, value in wanted.items():
        record = _record_of(verb, key)
        row = None
        if record is not None and actor is not None and value.isdecimal() and len(value) < 19:
            row = record.rows(actor, archived=None).filter(pk=int(value)).first()
        words.append(f"“{record.name_of(row)}”" if record is not None and row is not None else f"{key} “{value}”")
    return ", ".join(words)


def _record_of(verb: str, field: str) -> Any:
    """The record type whose id a field holds: `form_id`, or `form` where that is a number and not a name."""
    kinds = {f.name: str(f.type) for f in dataclasses.fields(EVENTS[verb])}
    return registry.get(field.removesuffix("_id")) if kinds.get(field, "").startswith("int") else None
