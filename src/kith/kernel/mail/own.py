"""Mailboxes whose mail not everybody sees in full: asked once and kept until settings change."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from kith.kernel.mail.levels import Level
from kith.kernel.mail.models import Mailbox
from kith.kernel.organisation.models import cached


@dataclass(frozen=True)
class OwnBox:
    """What colleagues see of a mailbox's mail, and whose it is; None where it is shared and shows less than all."""

    level: str
    holder: int | None

    def shut_to(self, user: int | None) -> bool:
        """Is it somebody else's own, and not shared in full?"""
        return self.holder is not None and self.holder != user and self.level != Level.FULL


def own_boxes() -> dict[int, OwnBox]:
    """{mailbox: what is seen of it} of colleagues' own mailboxes, and of shared ones that show less than all; put away ones
    too, since their mail stays."""
    found: dict[int, OwnBox] = cached("mail:own_boxes", _own_boxes)
    return found


def _own_boxes() -> dict[int, OwnBox]:
    rows = Mailbox.objects.filter(Q(holder__isnull=False) | ~Q(shows__in=["", Level.FULL]))
    return {row.pk: OwnBox(row.level, row.holder_id) for row in rows.only("holder_id", "shows")}
