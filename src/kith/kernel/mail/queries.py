"""Asking for mailboxes and for what arrived."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.errors import KithError, NotFound
from kith.kernel.mail.arriving import bytes_of
from kith.kernel.mail.models import Arrived, Mailbox
from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.reading import read


def message_in(row: Arrived) -> Parsed | None:
    """The message of an arrival that the caller has read through `Record.get` before; None where its bytes are not here."""
    try:
        return read(bytes_of(row))
    except KithError:
        return None  # the page says that it was not fetched


def mailboxes() -> list[Mailbox]:
    """Every mailbox that is not archived, by name; for whoever runs the installation."""
    return list(Mailbox.objects.filter(archived_at=None).order_by("name"))


def mailbox_named(name: str) -> Mailbox:
    """A mailbox by its name, address or id. Raises NotFound."""
    wanted = name.strip().lower()
    for box in mailboxes():
        if wanted in (box.name.lower(), box.address, str(box.pk)):
            return box
    raise NotFound(_("There is no mailbox called “%s”.") % name)
