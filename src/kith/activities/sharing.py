"""What somebody lets colleagues see of a conversation they take part in, or of their mail with a person or a company."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.events import ContactShared, MailShared
from kith.activities.mail import on_story, refs_of
from kith.activities.models import ContactShown, Thread, ThreadShown
from kith.activities.privacy import WORDS, sight_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.kinds import Choice, Integer
from kith.kernel.mail.levels import Level
from kith.kernel.mail.own import own_boxes
from kith.kernel.records.action import GIVEN, action
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
    message = on_story(row, pk)
    if message is None:
        raise Invalid(__("There is no mail %s here.") % pk, "message")
    sights = sight_of(by, message.thread.messages.defer(*WORDS))
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


AS_MAILBOX = "mailbox"
CONTACT = {**dict(Level.choices), AS_MAILBOX: _("What the mailbox says")}


def holds_a_mailbox(_row: Any, by: Actor) -> bool:
    """Only whoever has a mailbox of their own has mail to share or to keep apart. No query."""
    return by.user_id is not None and any(box.holder == by.user_id for box in own_boxes().values())


@action("activity.share_contact", needs="activity.create", label=_("Share my mail with them"), icon="people",
        whose=holds_a_mailbox, done=_("Colleagues see of your mail with {row} what you chose."))  # fmt: skip
def share_contact(
    row: Any,
    *,
    shows: Annotated[str, Choice(CONTACT), _("Colleagues see")],
    by: Actor,
) -> Any:
    """All mail of the actor's own mailboxes with this person or company, what is still to come included; a conversation that
    was shared by itself stays as it is. Raises Invalid."""
    if not holds_a_mailbox(row, by):
        raise Invalid(__("You have no mailbox of your own, so there is no mail of yours to share or to keep apart."))
    kept = {"holder_id": by.user_id, row._meta.model_name: row}
    with change(row, by=by, verb="see") as c:
        side = Sides(ContactShown.objects.filter(**kept))
        if shows == AS_MAILBOX:
            ContactShown.objects.filter(**kept).delete()
        else:
            ContactShown.objects.update_or_create(**kept, defaults={"shows": shows})
        if touched := side.touched():
            c.says(ContactShared(shows="" if shows == AS_MAILBOX else shows, sides=touched))
    return c.row
