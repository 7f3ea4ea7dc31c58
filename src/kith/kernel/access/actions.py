"""Changing what roles may do."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.access.models import RecordPolicy
from kith.kernel.access.policies import LEVELS, RIGHTS
from kith.kernel.errors import Invalid
from kith.kernel.organisation.models import bump
from kith.kernel.records.registry import registry

CHANGEABLE = ("manager", "member", "read_only")  # administrators keep everything, so that nobody locks everybody out


def set_policy(
    *, role: str, record: str, see: str, edit: str, archive: str, rights: list[str], hidden: list[str],
    read_only: list[str], by: Actor,
) -> RecordPolicy:  # fmt: skip
    """What `role` may do with a record type: row levels per verb, rights, columns hidden or read-only."""
    by.require("settings.manage")
    _check(role, record, (see, edit, archive), rights, [*hidden, *read_only])
    if LEVELS.index(edit) > LEVELS.index(see) or LEVELS.index(archive) > LEVELS.index(see):
        raise Invalid(_("A role cannot change rows that it does not see."), "edit")
    with transaction.atomic():
        policy, _made = RecordPolicy.objects.update_or_create(
            role=role, record=record,
            defaults={"see": see, "edit": edit, "archive": archive, "rights": rights, "hidden": hidden, "read_only": read_only},
        )  # fmt: skip
        bump()
    return policy


def _check(role: str, record: str, levels: tuple[str, ...], rights: list[str], columns: list[str]) -> None:
    if role not in CHANGEABLE:
        raise Invalid(_("The role “%s” cannot be changed.") % role, "role")
    if record not in registry:
        raise Invalid(_("There is no record type “%s”.") % record, "record")
    if unknown := [v for v in levels if v not in LEVELS] + [r for r in rights if r not in RIGHTS]:
        raise Invalid(_("“%s” is neither a level nor a right.") % unknown[0])
    known = registry[record].columns()
    if unknown := [c for c in columns if c not in known]:
        raise Invalid(_("%(what)s has no field “%(key)s”.") % {"what": registry[record].label, "key": unknown[0]})


def reset_policy(*, role: str, record: str, by: Actor) -> None:
    """Back to the role's default."""
    by.require("settings.manage")
    with transaction.atomic():
        RecordPolicy.objects.filter(role=role, record=record).delete()
        bump()
