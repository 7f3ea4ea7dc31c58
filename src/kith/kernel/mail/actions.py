"""What people do with mailboxes, arrived mail and suppressed addresses."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.kinds import Choice, Text, Url
from kith.kernel.mail import working
from kith.kernel.mail.events import LeftAlone, Lifted, Retried, SignInGiven
from kith.kernel.mail.kinds import Secret
from kith.kernel.mail.levels import Level
from kith.kernel.mail.models import Arrived, ArrivedState, Credential, Mailbox, Suppressed, own_network
from kith.kernel.mail.secrets import seal
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change

MANAGE = "settings.manage"
AGAIN = (ArrivedState.FAILED, ArrivedState.HELD, ArrivedState.IGNORED)


def _live(row: Any) -> bool:
    return row.archived_at is None


# --- mailboxes ---------------------------------------------------------------------------------------------------------


@action("mailbox.give_password", needs=MANAGE, label=_("Give the password"), icon="lock", undo=False, applies=_live,
        done=_("Kept under lock. Check the mailbox next."))  # fmt: skip
def give_password(
    mailbox: Mailbox, *, password: Annotated[str, Secret(), _("Password, or app password")], by: Actor
) -> Mailbox:
    """It is kept encrypted and shown to nobody."""
    return _credential(mailbox, "password", {"password": password}, by)


@action("mailbox.give_token", needs=MANAGE, label=_("Sign in with OAuth"), icon="lock", undo=False, applies=_live,
        done=_("Kept under lock. Check the mailbox next."))  # fmt: skip
def give_token(
    mailbox: Mailbox,
    *,
    token_address: Annotated[str, Url(), _("Where tokens are given (token endpoint)")],
    client_id: Annotated[str, Text(500), _("Client ID")],
    client_secret: Annotated[str, Secret(), _("Client secret")] = "",
    refresh_token: Annotated[str, Secret(), _("Refresh token")],
    by: Actor,
) -> Mailbox:
    """For providers that no longer take passwords: an access token is fetched when the last one ran out. Kept encrypted.
    Raises Invalid."""
    where = urlsplit(token_address)
    if where.scheme != "https" and not own_network(where.hostname or ""):
        raise Invalid(__("Secrets go to this address, so it has to begin with https://."), "token_address")
    values = {"endpoint": token_address, "client": client_id, "secret": client_secret, "refresh": refresh_token}
    return _credential(mailbox, "oauth", values, by)


def _credential(mailbox: Mailbox, kind: str, values: dict[str, str], by: Actor) -> Mailbox:
    with change(mailbox, by=by) as c:
        Credential.objects.update_or_create(
            mailbox=c.row,
            defaults={"kind": kind, "sealed": seal(values), "token": "", "token_until": None, "set_at": timezone.now()},
        )
        c.row.failures, c.row.next_try_at = 0, None
        c.says(SignInGiven(kind=kind))
    row: Mailbox = c.row
    return row


@action("mailbox.share", needs="mailbox.see", label=_("Share with colleagues"), icon="people", undo=False, applies=_live,
        done=_("Colleagues see of its mail what you chose."))  # fmt: skip
def share(
    mailbox: Mailbox, *, shows: Annotated[str, Choice(dict(Level.choices)), _("Colleagues see")], by: Actor
) -> Mailbox:
    """For the colleague whose mailbox it is, and for those who manage the settings. Raises NotAllowed."""
    if mailbox.holder_id != by.user_id and not by.can(MANAGE):
        raise NotAllowed(__("Only whose mailbox it is chooses what colleagues see of its mail."))
    with change(mailbox, by=by, verb="see") as c:
        c.row.shows = shows
    row: Mailbox = c.row
    return row


# --- arrived mail ------------------------------------------------------------------------------------------------------


@action("arrived.retry", needs=MANAGE, label=_("Read it again"), icon="loop", undo=False, many=True,
        applies=lambda a: a.state in AGAIN and a.file_id is not None, done=_("It is being read again."))  # fmt: skip
def retry(arrived: Arrived, *, by: Actor) -> Arrived:
    """For mail that failed, or whose sender is known by now."""
    with change(arrived, by=by) as c:
        working.retry(c.row)
        c.row.state, c.row.problem = ArrivedState.WAITING, ""
        c.says(Retried())
    row: Arrived = c.row
    return row


@action("arrived.leave", needs=MANAGE, label=_("Leave it alone"), icon="x", undo=False, many=True,
        applies=lambda a: a.state in (ArrivedState.FAILED, ArrivedState.HELD), done=_("Left alone; it stays on the list."))  # fmt: skip
def leave_alone(arrived: Arrived, *, by: Actor) -> Arrived:
    """Nobody needs to look at it any more."""
    with change(arrived, by=by) as c:
        c.row.state, c.row.problem = ArrivedState.IGNORED, __("Left alone by %s.") % by.name
        c.says(LeftAlone())
    row: Arrived = c.row
    return row


# --- suppressed addresses ----------------------------------------------------------------------------------------------


@action("suppressed.lift", needs=MANAGE, label=_("Write to it again"), icon="check", undo=False, applies=_live,
        done=_("{row} may be written to again."))  # fmt: skip
def lift(suppressed: Suppressed, *, why: Annotated[str, Text(300), _("Why")], by: Actor) -> Suppressed:
    """Who lifted it and why stays on its story."""
    with change(suppressed, by=by) as c:
        c.row.archived_at, c.row.lifted_because = timezone.now(), why
        c.says(Lifted(why=why))
    row: Suppressed = c.row
    return row


def suppress(address: str, reason: str, source: str, *, by: Actor) -> Suppressed | None:
    """Write to this address no more; None when it is so already. source: what it came from, in words. Raises Invalid for
    what is no address."""
    with transaction.atomic():
        row = Suppressed(address=address, reason=reason, source=source[:500])
        row.derive()
        if Suppressed.objects.filter(address=row.address, reason=reason, archived_at=None).exists():
            return None
        with change(row, by=by):
            pass
    return row
