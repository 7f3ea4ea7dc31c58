"""What can be done about rows of Today: always a question of the row's own type, asked over the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.today.sections import Do


def finish(pk: int) -> str:
    return f"/activities/{pk}/do/finish"


def later(pk: int, name: str, *, words: bool = False) -> Do:
    label = _("Move to…") if words else _("Move to another time: %s") % name
    return Do(label, "clock", f"/activities/{pk}/do/postpone", key="h", words=words)


def say(
    actor: Actor, record: str, pk: int, kind: str, label: str, icon: str, key: str = "", *, words: bool = False
) -> Do | None:
    """Writing something down about a row; None where the actor may not."""
    if not pk or not actor.can("activity.create"):
        return None
    return Do(label, icon, f"{registry[record].url(pk)}/say/{kind}", key=key, words=words)


def talk(actor: Actor, record: str, pk: int, name: str) -> tuple[Do, ...]:
    """Log a call, write, set the next step: the small buttons of a row."""
    every = (
        say(actor, record, pk, "call", _("Log a call: %s") % name, "phone", "l"),
        say(actor, record, pk, "mail", _("Write: %s") % name, "mail", "m"),
        say(actor, record, pk, "task", _("Set next step: %s") % name, "calendar", "."),
    )
    return tuple(do for do in every if do is not None)


def some(*every: Do | None) -> tuple[Do, ...]:
    return tuple(do for do in every if do is not None)


def call(phone: str, name: str) -> Do | None:
    """Their number, to be called by the device."""
    if not phone:
        return None
    digits = "".join(c for c in phone if c.isdigit() or c == "+")
    return Do(_("Call %s") % name, "phone", f"tel:{digits}", asks=False, words=True, main=True, value=phone)
