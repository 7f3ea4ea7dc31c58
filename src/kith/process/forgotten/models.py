"""The public list of whom nobody attends to, and what each night's proof found.

`Unattended` follows from other tables and can be made again (`looking.rebuild`); nothing but `looking` writes it.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What an open row is. A complaint is a ticket."""

    LEAD = "lead", _("Leads")
    DEAL = "deal", _("Deals")
    CUSTOMER = "customer", _("Customers")
    TICKET = "ticket", _("Tickets")


class Why(models.TextChoices):
    """What is missing, the weightiest first."""

    NO_OWNER = "no_owner", _("Nobody looks after it")
    OWNER_LEFT = "owner_left", _("Its owner has left")
    NO_STEP = "no_step", _("No next step")
    NOBODYS_STEP = "nobodys_step", _("The next step is nobody's")


class Unattended(models.Model):
    """An open lead, deal, customer or ticket without an active owner or a dated next step of an active colleague. `record`
    and `record_id` name its row: a deal, a ticket, a company, or a person without one."""

    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    why = models.CharField(max_length=20, choices=Why.choices)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "record_id"], name="unattended_once")]
        indexes = [models.Index(fields=["kind", "id"], name="unattended_kind")]


class Proof(models.Model):
    """One proof. counts: {kind: {"checked", "attended", "listed"}}; found: [{"what", "kind", "record", "id"}], at most
    `proving.MOST` of each sort, while `violations` counts all of them."""

    at = models.DateTimeField(db_default=Now())
    seconds = models.FloatField(default=0)
    counts = models.JSONField(default=dict)
    violations = models.IntegerField(default=0)
    found = models.JSONField(default=list)
    asked_by = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="proof_latest")]

    @property
    def listed(self) -> int:
        """How many stood on the list, of all kinds."""
        return sum(of["listed"] for of in self.counts.values())
