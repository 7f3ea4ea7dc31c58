"""How customers are: what health is made of (configuration), one row a customer with everything worked out, its history, and
the use of our product as programs report it.

`Care` is kept by jobs and read by every list as one join. `Dirty` names customers to be looked at again, written in the
transaction of what happened and never constrained: writers wait for nobody.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel

ONE_CUSTOMER = Q(company__isnull=False, person__isnull=True) | Q(company__isnull=True, person__isnull=False)


class Source(models.TextChoices):
    """Where a part of health is read from."""

    USAGE = "usage", _("Use of the product, against its usual")
    COUNTER = "counter", _("A counter, as last reported")
    PAYMENT = "payment", _("Days overdue, as invoicing says of orders")
    TICKETS = "tickets", _("Tickets of the last 90 days, complaints and urgent ones double")
    CONTACT = "contact", _("Days since we last spoke, against the rhythm of their tier")
    SURVEY = "survey", _("The last answers to surveys, in % of the best")
    ONBOARDING = "onboarding", _("Onboarding: first value reached, nothing slipped")
    EVENTS = "events", _("How often something happened")
    FILTER = "filter", _("A filter fits")


TODAY = frozenset({Source.FILTER, Source.PAYMENT})  # look at columns, of which only today's values are known


class Band(models.TextChoices):
    UNKNOWN = "", _("Not known")
    GOOD = "good", _("Good")
    WATCH = "watch", _("To be watched")
    POOR = "poor", _("At risk")


class HealthPart(RecordModel):
    """One part of health: 0 where its figure is `poor`, 100 where it is `good`, straight between. `counter`, `verb`, `where`
    and `days` say more of some sources."""

    name = models.CharField(_("Name"), max_length=80)
    source = models.CharField(_("Looks at"), max_length=12, choices=Source.choices, default=Source.CONTACT)
    weight = models.PositiveSmallIntegerField(_("Weight"), default=10)
    poor = models.FloatField(_("Poor at"), default=0)
    good = models.FloatField(_("Good at"), default=100)
    counter = models.SlugField(_("Counter"), max_length=60, default="", blank=True, db_index=False)
    verb = models.CharField(_("What happens"), max_length=60, default="", blank=True)
    where = models.TextField(_("For companies where"), default="", blank=True)
    days = models.PositiveSmallIntegerField(_("Of the last (days)"), default=90)
    active = models.BooleanField(_("In use"), default=True)
    position = models.IntegerField(_("Order"), default=100)

    class Meta:
        verbose_name, verbose_name_plural = _("part of health"), _("parts of health")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if not 1 <= self.weight <= 100:
            errors["weight"] = [__("A weight is a whole number from 1 to 100.")]
        if self.poor == self.good:
            errors["good"] = [__("What is good must differ from what is poor.")]
        if self.source == Source.COUNTER and not self.counter:
            errors["counter"] = [__("Say which counter.")]
        if self.source == Source.EVENTS and not self.verb:
            errors["verb"] = [__("Say what happens.")]
        if self.source == Source.FILTER and not self.where:
            errors["where"] = [__("Say which filter.")]
        if self.days < 1:
            errors["days"] = [__("At least one day.")]
        if errors:
            raise InvalidMany(errors)


class HealthVersion(models.Model):
    """What health was made of from a moment on, as a document; rows of `Care` and history name its number."""

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    document = models.JSONField(default=list)

    class Meta:
        ordering = ["-number"]


RISKY = 0.3  # chance of leaving from which somebody is at risk, where it is predicted
AT_RISK = Q(band=Band.POOR) | Q(chance__gte=RISKY)
LIKELIEST = (F("chance").desc(nulls_last=True), F("health").asc(), F("id").asc())


class Care(models.Model):
    """What is known of one customer. `health` 0 to 100 over the parts that are known, `confidence` how much of the weight
    they are; `parts`: [{"key", "name", "weight", "points", "figure", "words", "at"}], points None where nothing is known.
    `chance`: of leaving within 90 days. `spoke_at`: the last contact in which they said something; `gap`: days between
    such contacts as their tier asks; `due_on`: when the next is due."""

    company = models.OneToOneField("contacts.Company", models.CASCADE, null=True, related_name="care")
    person = models.OneToOneField("contacts.Person", models.CASCADE, null=True, related_name="care")
    owner = models.ForeignKey(  # the customer's, so that who is at risk is found by whose day it is (`health/whose.py`)
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    health = models.SmallIntegerField(null=True)
    band = models.CharField(max_length=6, choices=Band.choices, default=Band.UNKNOWN, blank=True)
    confidence = models.SmallIntegerField(default=0)
    parts = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)
    worked_out_at = models.DateTimeField(default=timezone.now)
    chance = models.FloatField(null=True)
    reasons = models.JSONField(default=list)
    tier = models.ForeignKey("retention.Tier", models.SET_NULL, null=True, related_name="customers")
    spoke_at = models.DateTimeField(null=True)
    gap = models.PositiveSmallIntegerField(null=True)
    due_on = models.DateField(null=True)
    before = models.JSONField(
        default=dict
    )  # care before and after payment: {"answer": [h, h], "contacts": [n, n], "fell": []}

    class Meta:
        constraints = [models.CheckConstraint(name="care_of_one_customer", condition=ONE_CUSTOMER)]
        indexes = [
            models.Index(fields=["health", "id"], name="care_health"),
            models.Index(fields=["band", "id"], name="care_band", condition=~Q(band="")),
            models.Index(fields=["due_on", "id"], name="care_due", condition=Q(due_on__isnull=False)),
            models.Index(fields=["chance", "id"], name="care_chance", condition=Q(chance__isnull=False)),
            models.Index("owner", *LIKELIEST, name="care_at_risk", condition=AT_RISK),
        ]

    @property
    def may_leave(self) -> bool:
        """Is it likely enough that they leave to do something about it?"""
        return self.chance is not None and self.chance >= RISKY


class HealthMoved(models.Model):
    """Health that moved: from what to what, and which parts moved it. Kept as it stood then, for the backtest."""

    company = models.ForeignKey("contacts.Company", models.CASCADE, null=True, related_name="health_moves")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, related_name="health_moves")
    at = models.DateTimeField(default=timezone.now)
    before = models.SmallIntegerField(null=True)
    after = models.SmallIntegerField(null=True)
    band_before = models.CharField(max_length=6, default="", blank=True)
    band = models.CharField(max_length=6, default="", blank=True)
    confidence = models.SmallIntegerField(default=0)
    why = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["company", "-at"], name="health_moved_company"),
            models.Index(fields=["person", "-at"], name="health_moved_person"),
        ]


class Dirty(models.Model):
    """A company or a person that something happened to."""

    record = models.CharField(max_length=7)
    row = models.BigIntegerField()


class Usage(models.Model):
    """What a program counted for a customer on a day: sessions, seats, days an invoice is late. Said twice, the last counts."""

    company = models.ForeignKey("contacts.Company", models.CASCADE, null=True, related_name="usage")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, related_name="usage")
    counter = models.CharField(max_length=60)
    day = models.DateField()
    amount = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="usage_of_one_customer", condition=ONE_CUSTOMER),
            models.UniqueConstraint(fields=["company", "counter", "day"], name="usage_once_company", condition=Q(company__isnull=False)),
            models.UniqueConstraint(fields=["person", "counter", "day"], name="usage_once_person", condition=Q(person__isnull=False)),
        ]  # fmt: skip
