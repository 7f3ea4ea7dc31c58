"""An organisation's own choices about roles; anything not said here follows the defaults in `policies`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kith.kernel.access.policies import Policies


class RecordPolicy(models.Model):
    """For one role and record type: which rows, which rights, which columns. Empty level = the role's default."""

    role = models.CharField(max_length=20)
    record = models.CharField(max_length=40)
    see = models.CharField(max_length=8, default="", blank=True)
    edit = models.CharField(max_length=8, default="", blank=True)
    archive = models.CharField(max_length=8, default="", blank=True)
    rights = ArrayField(models.CharField(max_length=20), null=True, blank=True)
    hidden = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    read_only = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "record"], name="one_policy_per_role_and_record")]


def load_policies() -> Policies:
    """All policies in one query; cached per configuration stamp by the caller."""
    levels, rights, hidden, locked = {}, {}, {}, {}
    for p in RecordPolicy.objects.all():
        levels.update({(p.role, p.record, v): getattr(p, v) for v in ("see", "edit", "archive") if getattr(p, v)})
        if p.rights is not None:
            rights[p.role, p.record] = frozenset(p.rights)
        hidden[p.role, p.record] = frozenset(p.hidden)
        locked[p.role, p.record] = frozenset(p.read_only)
    return Policies(levels, rights, hidden, locked)
