"""What may be wished for many rows at once, and what such a wish is called in History. Every face asks here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.lookups.bulk import Wish
from kith.kernel.records.action import Action
from kith.kernel.records.columns import Column

SURE_FROM = 100  # rows above which whoever asks has to say how many they mean


def settable(record: Any, actor: Actor) -> dict[str, Column]:
    """Columns that may be set to one value on many rows. Names are not among them: nobody gives a hundred rows one name."""
    return {
        k: c for k, c in record.writable(actor).items()
        if "bulk" in c.facts.faces and c.key != record.title and c.kind.widget not in ("addresses", "many", "textarea")
    }  # fmt: skip


def doable(record: Any, actor: Actor) -> list[Action]:
    """The type's own actions that make sense on many rows."""
    return [a for a in record.actions if a.many and actor.can(a.needs)]


def counted(record: Any, n: int) -> str:
    """ "1 person", "1,200 people"."""
    words = {"n": f"{n:,}", "one": record.label.lower(), "many": record.plural.lower()}
    return ngettext("%(n)s %(one)s", "%(n)s %(many)s", n) % words


def wish_of(
    record: Any, verb: str, n: int, raw: dict[str, Any], *, named: str = "", action: Action | None = None, json: bool = False
) -> Wish:  # fmt: skip
    """A wish for `n` rows under the name that History gives it. `named`: labels of the fields that "edit" sets."""
    what = counted(record, n)
    if action is not None:
        return Wish("do", f"{action.label}: {what}", raw, action.name, json)
    if verb == "edit":
        return Wish(verb, _("%(field)s of %(what)s") % {"field": named, "what": what}, raw, json=json)
    label = {"archive": _("Archived %s"), "restore": _("Brought back %s"), "tags": _("Tags of %s")}[verb]
    return Wish(verb, label % what, raw, json=json)
