"""What somebody who takes part in a conversation lets colleagues see of it."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.events import MailShared
from kith.activities.mail import refs_of, stands_on
from kith.activities.models import Message, Thread, ThreadShown
from kith.activities.privacy import sight_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.kinds import Choice, Integer
from kith.kernel.mail.levels import Level
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides


@action("activity.share_mail", needs="activity.create", label=_("Share with colleagues"), icon="people",
        done=_("Colleagues see of the conversation what you chose."))  # fmt: skip
def share_mail(
    row: Any,
    *,
    message: Annotated[int, Integer(1), GIVEN, _("Mail")],
    shows: Annotated[str, Choice(dict(Level.choices)), _("Colleagues see")],
    by: Actor,
) -> Any:
    """The whole conversation that this mail stands in, what is still to come included. Raises Invalid, NotAllowed."""
    thread = _conversation(row, message, by)
    with change(row, by=by, verb="see") as c:
        side = Sides(ThreadShown.objects.filter(thread=thread))
        ThreadShown.objects.update_or_create(thread=thread, defaults={"shows": shows})
        if touched := side.touched():
            c.says(MailShared(thread=thread.pk, shows=shows, sides=touched))
            for name, pk in refs_of(thread):
                c.about(name, pk)
    return c.row


def _conversation(row: Any, pk: int, by: Actor) -> Thread:
    """The conversation of a mail on this row's story, for whoever takes part in it and sees every mail of it."""
    record = registry.by_model(type(row))
    message = Message.objects.select_related("thread").filter(pk=pk).first() if pk < 2**63 else None
    if record is None or message is None or not stands_on(message, record.name, row.pk):
        raise Invalid(__("There is no mail %s here.") % pk, "message")
    sights = sight_of(by, message.thread.messages.defer("text", "fresh", "html"))
    if not sights[pk].shut:
        raise Invalid(
            __("Whoever sees this page sees that mail: it came through a mailbox that is shared, or was begun here."),
            "message",
        )
    if not sights[pk].own or any(one.shut and not one.own for one in sights.values()):
        raise NotAllowed(
            __("Only somebody who takes part in the whole conversation chooses what colleagues see of it.")
        )
    return message.thread
