"""To whom a conversation comes: who looks after the open deal, else after the person, else whoever is there, in turns.

Rooms of other steps say whom they would give it to: `register_owner(why, fn)`, where `fn(person id)` is a colleague's id
or None. The first one who is there gets it; nobody is asked who has not Kith open or said that they are away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.notices import notify
from kith.capture.chat.events import Routed
from kith.capture.chat.models import Conversation, Presence, State
from kith.capture.chat.queries import is_open, shown_of, those_there
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change

KIND = "chat"
Owner = Callable[[int], int | None]
_owners: list[tuple[Any, Owner]] = []


def register_owner(why: Any, owner: Owner) -> None:
    """Ask `owner` who looks after a person, before the person's own owner is asked; `why` is said in the history."""
    if (why, owner) not in _owners:
        _owners.append((why, owner))


def address_of(row: Conversation) -> str:
    """Where a conversation is answered."""
    return f"/conversations/{row.pk}/chat"


def choose(row: Conversation) -> tuple[User | None, str]:
    """(colleague, why in words); nobody outside working hours or when nobody is there."""
    if not is_open(shown_of(row)):
        return None, ""
    there = {one.user_id: one.user for one in those_there()}
    for pk, why in _wished(row):
        if pk in there:
            return there[pk], why
    first = next(iter(there.values()), None)
    return first, __("it was their turn") if first else ""


def _wished(row: Conversation) -> list[tuple[int, str]]:
    if row.person_id is None:
        return []
    out = [(pk, str(why)) for why, owner in _owners if (pk := owner(row.person_id)) is not None]
    person = registry["person"].rows(system()).filter(pk=row.person_id).first()
    if person is not None and person.owner_id is not None:
        out.append((person.owner_id, __("they look after the person")))
    return out


def route(row: Conversation) -> User | None:
    """Give a waiting conversation to somebody, and tell them; None when nobody is there."""
    with transaction.atomic():
        _in_turn()
        user, why = choose(row)
        if user is None:
            return None
        with change(row, by=system("web"), verb="see") as c:
            if c.row.state != State.WAITING or c.row.owner_id == user.pk:
                return user
            c.row.owner = user
            c.says(Routed(colleague=str(user), why=why))
        given(user.pk)
        words = __("%(who)s waits in the chat") % {"who": row}
        notify([user], words, kind=KIND, key=f"chat:{row.pk}:{user.pk}:{c.row.said}", by=system(), path=address_of(row))
        return user


def _in_turn() -> None:
    """Two that wait at once are not both given to the same colleague."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('kith.chat.turn', 0))")


def given(user: int) -> None:
    """It was their turn; the next one is somebody else's."""
    Presence.objects.filter(user_id=user).update(given_at=timezone.now())


NOTICE = _("Chats that wait for you")
