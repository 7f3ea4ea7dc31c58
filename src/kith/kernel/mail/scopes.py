"""Who sees mailboxes and what arrived in them: those who manage settings, and colleagues their own mailbox. What arrived in
a mailbox that somebody does not share in full is theirs alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import NONE, Scope
from kith.kernel.mail.own import own_boxes

# What other rooms keep apart of mailboxes that are shared: (actor) -> the arrivals that are not for them, or None for none.
_apart: list[Callable[[Actor], Q | None]] = []


def register_apart(find: Callable[[Actor], Q | None]) -> None:
    """Say which arrivals are not for somebody though their mailbox is; see `_apart`. Called at start-up."""
    _apart.append(find)


class _Mail(Scope):
    """`owner`: path to whoever a row belongs to, "" where rows belong to nobody."""

    def __init__(self, owner: str = ""):
        self.owner = owner

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        if actor.is_system or actor.can("settings.manage"):
            return Q()
        return Q(**{self.owner: actor.user_id}) if self.owner and verb == "see" and actor.user_id else NONE

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return [_("You manage the settings.") if actor.can("settings.manage") else _("It is your own mailbox.")]


class _Arrivals(_Mail):
    """Managing the settings opens no letters: whoever does it sees how many there are, on the page of the mailbox."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        q = super().q(actor, record, verb)
        if actor.is_system or not actor.can("settings.manage"):
            return q
        boxes = own_boxes()
        shut = [pk for pk, box in boxes.items() if box.shut_to(actor.user_id)]
        q = q & ~Q(mailbox__in=shut) if shut else q
        for find in _apart if boxes else ():
            if (apart := find(actor)) is not None:
                q &= Q(mailbox__holder=actor.user_id) | ~apart
        return q


of_mailboxes = _Mail("holder_id")
of_arrivals = _Arrivals("mailbox__holder_id")
of_suppressed = _Mail()
