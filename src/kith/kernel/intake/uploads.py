"""A file that somebody sent becomes an import: taken in, looked into, and with a mapping if one came along."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError
from kith.kernel.intake import actions, storage
from kith.kernel.intake.mapping import Mapping, load
from kith.kernel.intake.models import ImportRun
from kith.kernel.intake.targets import Target


def take_upload(target: Target, upload: Any, mapping: Mapping | None, *, by: Actor) -> ImportRun:
    """A new run for an uploaded file, with `mapping` or else a proposed one. Nothing stays of a file that is refused.
    Raises Invalid when it is too large or holds no table or no rows, NotAllowed."""
    target.allow(by)
    lying = storage.take(upload)
    try:
        read = dict(mapping.read) if mapping is not None else None
        with transaction.atomic():
            run = actions.take_file(target, lying, upload.name or _("file"), by=by, read=read)
            if next(storage.open_run(run, load(run.mapping)).rows(), None) is None:
                words = _("“%s” has names of columns and no rows under them; there is nothing to import.")
                raise Invalid(words % upload.name)
    except KithError:
        lying.unlink(missing_ok=True)
        raise
    if mapping is not None:
        run.mapping = mapping.fitted(run.headers).dump()
        run.save(update_fields=["mapping"])
    return run


def fits_type(mapping: Mapping, target: Target) -> Mapping:
    """The mapping, when it is one for this type. Raises Invalid."""
    if mapping.type != target.name:
        words = {"theirs": mapping.type, "ours": target.name}
        raise Invalid(_("This mapping is for %(theirs)s, not for %(ours)s.") % words)
    return mapping
