"""A configuration that somebody sent to be looked at: kept for them alone, tried once, and applied as they reviewed it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.configuration.actions import Applied, apply, compare
from kith.configuration.exporting import MANAGE
from kith.configuration.files import MOST_BYTES, read_zip
from kith.configuration.models import Proposal
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound


def propose(given: Any, *, by: Actor) -> Proposal:
    """Keep an uploaded zip as what this person looks at next; it is tried, and taken back. Raises Invalid."""
    by.require(MANAGE)
    if given is None:
        raise Invalid(_("Choose a file first."))
    if given.size > MOST_BYTES:
        raise Invalid(_("A configuration has at most %s MB.") % (MOST_BYTES // 1_000_000))
    files = read_zip(given.read())
    faults = compare(files, by=by).faults
    with transaction.atomic():
        made: Proposal = Proposal.objects.update_or_create(
            user_id=by.user_id,
            defaults={"name": str(given.name)[:200], "files": files, "faults": faults, "made_at": timezone.now()},
        )[0]
    return made


def proposal_of(by: Actor) -> Proposal:
    """What this person sent last. Raises NotFound."""
    by.require(MANAGE)
    found = Proposal.objects.filter(user_id=by.user_id).first()
    if found is None:
        raise NotFound(_("Nothing waits to be reviewed; upload a configuration first."))
    return found


def accept(*, by: Actor, reviewed: str, publish: bool, remove: bool) -> Applied:
    """Apply what this person reviewed. Raises Refused, Conflict."""
    found = proposal_of(by)
    with transaction.atomic():
        done = apply(found.files, by=by, reviewed=reviewed, publish=publish, remove=remove)
        found.delete()
    return done
