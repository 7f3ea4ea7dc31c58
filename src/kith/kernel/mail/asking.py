"""What people ask of a mailbox: to sign in, to be read now, to be compared, to bring what is missing."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.mail.actions import MANAGE
from kith.kernel.mail.connecting import connected
from kith.kernel.mail.models import Credential, Mailbox
from kith.kernel.records.action import action


def _ready(mailbox: Mailbox) -> bool:
    return mailbox.archived_at is None


@action("mailbox.check", needs=MANAGE, label=__("Check"), icon="check", undo=False, applies=_ready,
        done=__("Signed in. Its folders stand below."))  # fmt: skip
def check(mailbox: Mailbox, *, by: Actor) -> Mailbox:
    """Sign in now and ask which folders there are. Raises Trouble with the reason when that fails."""
    by.require(MANAGE)
    try:
        with connected(mailbox) as server:
            names = [name for flags, _sep, name in server.list_folders() if b"\\Noselect" not in flags]
    except Invalid as problem:
        Mailbox.objects.filter(pk=mailbox.pk).update(problem=problem.message[:500], problem_since=timezone.now())
        raise
    missing = [name for name in mailbox.all_folders if name not in names]
    wrong = _("“%s” is no folder of this mailbox.") % missing[0] if missing else ""
    Mailbox.objects.filter(pk=mailbox.pk).update(
        offered=sorted(names)[:200], problem=wrong, problem_since=timezone.now() if wrong else None, failures=0,
        next_try_at=None,
    )  # fmt: skip
    mailbox.refresh_from_db()
    return mailbox


@action("mailbox.fetch_now", needs=MANAGE, label=__("Read it now"), icon="loop", undo=False, applies=_ready,
        done=__("It is being read."))  # fmt: skip
def fetch_now(mailbox: Mailbox, *, by: Actor) -> Mailbox:
    """Not waiting for the next minute, nor for the end of a pause after trouble."""
    Mailbox.objects.filter(pk=mailbox.pk).update(next_try_at=None)
    if not Credential.objects.filter(mailbox=mailbox).exists():
        raise Invalid(_("Give the password of “%s” first.") % mailbox.name)
    enqueue("mail.fetch", mailbox=mailbox.pk, key=f"mail.fetch:{mailbox.pk}")
    return mailbox


@action("mailbox.compare_now", needs=MANAGE, label=__("Compare with the server"), icon="search", undo=False, applies=_ready,
        done=__("It is being compared."))  # fmt: skip
def compare_now(mailbox: Mailbox, *, by: Actor) -> Mailbox:
    """Count the messages of each folder and day, there and here."""
    enqueue("mail.compare", mailbox=mailbox.pk, key=f"mail.compare:{mailbox.pk}")
    return mailbox


@action("mailbox.fetch_again", needs=MANAGE, label=__("Fetch what is missing"), icon="inbox", undo=False, applies=_ready,
        done=__("What is missing is being fetched."))  # fmt: skip
def fetch_again(mailbox: Mailbox, *, by: Actor) -> Mailbox:
    """Messages that the last comparison found there and not here."""
    enqueue("mail.fetch_gaps", mailbox=mailbox.pk, key=f"mail.fetch_gaps:{mailbox.pk}")
    return mailbox
