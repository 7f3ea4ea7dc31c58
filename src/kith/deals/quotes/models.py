"""Quotes: versions of what a deal offers, each with its lines, and what the organisation's documents look like.

A draft follows its deal. Once sent, a version never changes (the database refuses it): what follows is a new version. The
customer's answer is written beside it, with name, moment and address.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.models import Charged, Deal, Product, Status
from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REPLACED = "replaced", _("Replaced")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Approval(models.TextChoices):
    ASKED = "asked", _("Asked for")
    GIVEN = "given", _("Approved")
    REFUSED = "refused", _("Refused")


class Quote(RecordModel, Owned):
    """One version. `discount`: percent off the list prices, all lines together; `promises`: [{"wording", "due"}], what the
    customer accepts with it; `secret`: part of the link, so that only mail that was sent leads here."""

    number = models.CharField(_("Number"), max_length=40)
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="quotes", verbose_name=_("Deal"))
    edition = models.PositiveIntegerField(_("Version"), default=1)
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.DRAFT)
    language = models.CharField(_("Language"), max_length=12, default="en")
    currency = models.CharField(_("Currency"), max_length=3)
    valid_until = models.DateField(_("Valid until"))
    note = models.TextField(_("A few words before the prices"), default="", blank=True)
    terms = models.TextField(_("Terms"), default="", blank=True)
    promises = models.JSONField(_("Promises"), default=list, blank=True)
    total = models.DecimalField(_("Total"), max_digits=18, decimal_places=2, default=Decimal(0))
    discount = models.DecimalField(_("Discount, %"), max_digits=5, decimal_places=2, default=Decimal(0))
    approval = models.CharField(_("Approval"), max_length=7, choices=Approval.choices, default="", blank=True)
    approval_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Approved by"),
    )
    approval_reason = models.CharField(_("What was said"), max_length=500, default="", blank=True)
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    sent_to = models.CharField(_("Sent to"), max_length=254, default="", blank=True)
    opened_at = models.DateTimeField(_("First opened"), null=True, blank=True)
    answered_at = models.DateTimeField(_("Answered"), null=True, blank=True)
    answered_by = models.CharField(_("Answered by"), max_length=200, default="", blank=True)
    answered_from = models.CharField(_("From the address"), max_length=45, default="", blank=True)
    answered_with = models.CharField(max_length=300, default="", blank=True)  # what the browser says it is
    answer_words = models.TextField(_("In their words"), default="", blank=True)
    document = models.BigIntegerField(null=True, blank=True)  # id of the file that was sent
    digest = models.CharField(_("Fingerprint of the document"), max_length=64, default="", blank=True)
    message = models.BigIntegerField(null=True, blank=True)  # id of the mail it left with
    secret = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("quote"), _("quotes")
        constraints = [
            models.UniqueConstraint(fields=["deal", "edition"], name="quote_version_once",
                                    violation_error_message=_("This deal has that version already.")),
        ]  # fmt: skip
        indexes = [
            *list_indexes("quote", "number", "updated_at", "total", "valid_until", "sent_at", "owner"),
            models.Index(
                fields=["updated_at"],
                name="quote_asked",
                condition=models.Q(approval="asked", state="draft", archived_at__isnull=True),
            ),
            models.Index(fields=["message"], name="quote_message", condition=models.Q(message__isnull=False)),
            GinIndex(fields=["custom"], name="quote_custom", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.number

    def search_parts(self) -> list[str | None]:
        return [self.number, self.sent_to]

    def verify(self) -> None:
        if self.total < 0:
            raise Invalid(
                __("A quote cannot offer less than nothing; what is taken off a price is a discount."), "total"
            )

    def about(self) -> list[tuple[str, int]]:
        return [("deal", self.deal_id), *self.deal.about()]

    @property
    def offered(self) -> bool:
        """Whether the deal it is of can still come about."""
        return self.deal.status != Status.LOST and self.deal.archived_at is None

    @property
    def waits(self) -> bool:
        """Whether the customer can answer it now."""
        return self.state == State.SENT and not self.expired and self.archived_at is None and self.offered

    @property
    def expired(self) -> bool:
        return self.state == State.SENT and self.valid_until < timezone.localdate()


class QuoteLine(models.Model):
    """A line as it is offered; everything is repeated here, so that later changes of products change no quote. `listed`:
    the price of one piece before any discount; `cost`: what one piece costs us, where that is known; `ramp`: its price from the second year
    on, where that steps."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="quote_lines")
    name = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(1))
    unit_price = models.DecimalField(max_digits=18, decimal_places=2)
    listed = models.DecimalField(max_digits=18, decimal_places=2)
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    discount_reason = models.CharField(max_length=200, default="", blank=True)
    ramp = models.CharField(max_length=200, default="", blank=True)
    total = models.DecimalField(max_digits=18, decimal_places=2)
    recurring = models.CharField(max_length=5, choices=Charged.choices, default="", blank=True)
    cost = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.name}"


class Paper(models.Model):
    """The one row: what stands on every document. logo: id of a stored file; valid_days: how long a quote holds."""

    id = models.SmallAutoField(primary_key=True)
    logo = models.BigIntegerField(null=True, blank=True)
    letterhead = models.TextField(_("Letterhead"), default="", blank=True)
    terms = models.TextField(_("Terms"), default="", blank=True)
    terms_in = models.JSONField(_("Terms in other languages"), default=dict, blank=True)
    foot = models.TextField(_("Foot of the page"), default="", blank=True)
    valid_days = models.PositiveSmallIntegerField(_("Days a quote holds"), default=30)


class Limit(models.Model):
    """How much of a discount a role may offer without being asked, in percent."""

    role = models.CharField(max_length=20, unique=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2)


def until(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)
