"""What people do with arrived mail that nobody could place: say whose it is."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from kith.activities.incoming import file_for
from kith.activities.models import Message
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Link
from kith.kernel.mail.actions import MANAGE
from kith.kernel.mail.models import Arrived, ArrivedState
from kith.kernel.records.action import action

OPEN = (ArrivedState.HELD, ArrivedState.FAILED, ArrivedState.IGNORED)


@action("arrived.file_with", needs=MANAGE, label=_("File with a person"), icon="people", undo=False,
        applies=lambda a: a.state in OPEN and a.file_id is not None, done=_("Filed."))  # fmt: skip
def file_with(arrived: Arrived, *, person: Annotated[Any, Link("person"), _("Person")], by: Actor) -> Message:
    """It stands on their story from now on; add the person first where they are new."""
    return file_for(arrived.pk, person, by)
