"""People and companies, the positions people hold, and how people know each other.

E-mail addresses, phones and addresses are lists on the row; what lookups need (main address, normalised identifiers,
city, country, sort name) is derived from them on every save. There is no lead table: a lead is a person early on.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import ExtractDay, ExtractMonth
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.enrichment.models import Provenance
from kith.contacts.identify import bare_domain, company_identifiers, person_identifiers
from kith.kernel.errors import Invalid
from kith.kernel.records.models import Followed, Owned, RecordModel, list_indexes
from kith.kernel.text import fold, phone_words

__all__ = ["Channel", "Company", "NotDuplicate", "Person", "Position", "Provenance", "Relation", "entries"]
LIVE, ALONE, DATELESS = (models.Q(**{f"{name}__isnull": True}) for name in ("archived_at", "company", "next_step_at"))
BUYS = models.Q(customer_since__isnull=False)
BORN = ExtractMonth("birthday") * 100 + ExtractDay("birthday")  # 312 for 12 March


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    MEETING = "meeting", _("In person")
    CHAT = "chat", _("Chat")
    POST = "post", _("Post")


class Reachable(models.Model):
    """Ways to reach someone, shared by people and companies."""

    emails = models.JSONField(_("E-mail addresses"), default=list, blank=True)
    phones = models.JSONField(_("Phone numbers"), default=list, blank=True)
    addresses = models.JSONField(_("Addresses"), default=list, blank=True)
    links = models.JSONField(_("Web and social links"), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Tags"), default=list, blank=True)
    email = models.CharField(_("E-mail"), max_length=254, default="", blank=True)
    phone = models.CharField(_("Phone"), max_length=40, default="", blank=True)
    city = models.CharField(_("City"), max_length=300, default="", blank=True)
    country = models.CharField(_("Country"), max_length=2, default="", blank=True)
    sort_name = models.CharField(max_length=300, default="", blank=True, db_collation="C")
    identifiers = ArrayField(models.CharField(max_length=260), default=list, blank=True)

    class Meta:
        abstract = True

    def derive_reach(self) -> None:
        """Main e-mail, phone, city and country from the lists."""
        self.email = self.emails[0]["value"] if self.emails else ""
        self.phone = self.phones[0]["value"] if self.phones else ""
        self.city = self.addresses[0].get("city", "") if self.addresses else ""
        self.country = self.addresses[0].get("country", "") if self.addresses else ""

    def reach_words(self) -> list[str | None]:
        numbers = [" ".join(phone_words(p["value"])) for p in self.phones]
        return [*(e["value"] for e in self.emails), *numbers, self.city, " ".join(self.tags)]


class Customer(models.Model):
    """Whether somebody buys from us: from the first day, until the day on which they did no more (`customers.py`)."""

    customer_since = models.DateField(_("Customer since"), null=True, blank=True)
    customer_until = models.DateField(_("Customer until"), null=True, blank=True)

    class Meta:
        abstract = True

    def verify_days(self) -> None:
        if self.customer_until is None:
            return
        if self.customer_since is None or self.customer_until < self.customer_since:
            raise Invalid(
                __("Nobody stops being a customer before becoming one; say first since when."), "customer_until"
            )


class Company(RecordModel, Owned, Followed, Reachable, Customer):
    name = models.CharField(_("Name"), max_length=300)
    domain = models.CharField(_("Web domain"), max_length=255, default="", blank=True)
    industry = models.CharField(_("Industry"), max_length=120, default="", blank=True)
    employees = models.IntegerField(_("Employees"), null=True, blank=True)
    revenue = models.DecimalField(_("Annual revenue"), max_digits=18, decimal_places=2, null=True, blank=True)
    founded = models.SmallIntegerField(_("Founded"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries", verbose_name=_("Parent company")
    )
    about_text = models.TextField(_("About"), default="", blank=True)

    DERIVED = frozenset({"email", "phone", "city", "country", "sort_name", "identifiers"})

    class Meta:
        verbose_name, verbose_name_plural = _("company"), _("companies")
        indexes = [
            *list_indexes(
                "company",
                "sort_name",
                "updated_at",
                "created_at",
                "industry",
                "next_step",
                "next_step_at",
                "last_touch_at",
                "owner",
                "country",
                "employees",
            ),
            # One colleague's relationships, the longest silent first (1 ms instead of 90 for one of 30,000 companies); those
            # without a date have an index of their own, which is the smaller the better nobody is forgotten.
            models.Index(fields=["owner", "last_touch_at", "id"], name="company_touch_of", condition=LIVE),
            models.Index(fields=["owner", "last_touch_at", "id"], name="company_loose", condition=LIVE & DATELESS),
            models.Index(fields=["customer_since", "id"], name="company_customer", condition=BUYS),
            GinIndex(fields=["identifiers"], name="company_identifiers"),
            GinIndex(fields=["custom"], name="company_custom", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.derive_reach()
        self.domain = bare_domain(self.domain)
        self.sort_name = fold(self.name)[:300]
        self.identifiers = company_identifiers(self)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.domain, self.industry, *self.reach_words()]

    def verify(self) -> None:
        self.verify_days()
        if self.parent_id and self.parent_id == self.pk:
            raise Invalid(__("A company cannot be its own parent."), "parent")

    def about(self) -> list[tuple[str, int]]:
        return [("company", self.parent_id)] if self.parent_id else []


class Person(RecordModel, Owned, Followed, Reachable, Customer):
    given_name = models.CharField(_("First name"), max_length=150, default="", blank=True)
    family_name = models.CharField(_("Last name"), max_length=150, default="", blank=True)
    name = models.CharField(_("Name"), max_length=300, default="", blank=True)
    job_title = models.CharField(_("Job title"), max_length=200, default="", blank=True)
    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, related_name="people", verbose_name=_("Company")
    )
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="", blank=True)
    preferred_channel = models.CharField(
        _("Best reached by"), max_length=12, choices=Channel.choices, default="", blank=True
    )
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    source = models.CharField(_("Found us through"), max_length=200, default="", blank=True)
    about_text = models.TextField(_("About"), default="", blank=True)

    DERIVED = frozenset({"name", "email", "phone", "city", "country", "sort_name", "identifiers"})

    class Meta:
        verbose_name, verbose_name_plural = _("person"), _("people")
        indexes = [
            *list_indexes(
                "person",
                "sort_name",
                "updated_at",
                "created_at",
                "next_step",
                "next_step_at",
                "last_touch_at",
                "owner",
                "company",
                "job_title",
                "country",
                "email",
                "city",
            ),
            # The same for people without a company, who are relationships of their own.
            models.Index(fields=["owner", "last_touch_at", "id"], name="person_touch_of", condition=LIVE & ALONE),
            models.Index(
                fields=["owner", "last_touch_at", "id"], name="person_loose", condition=LIVE & ALONE & DATELESS
            ),
            # Birthdays of a week, whatever the year: a scan of everybody one looks after otherwise.
            models.Index("owner", BORN, name="person_birthday", condition=LIVE & models.Q(birthday__isnull=False)),
            models.Index(fields=["customer_since", "id"], name="person_customer", condition=BUYS),
            GinIndex(fields=["identifiers"], name="person_identifiers"),
            GinIndex(fields=["custom"], name="person_custom", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.derive_reach()
        full = f"{self.given_name} {self.family_name}".strip()
        self.name = (full or self.email.partition("@")[0] or self.phone)[:300]
        self.sort_name = fold(f"{self.given_name} {self.family_name}".strip() or self.name)[:300]
        self.identifiers = person_identifiers(self)
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.job_title, *self.reach_words()]

    def verify(self) -> None:
        self.verify_days()
        if not self.name:
            raise Invalid(__("A person needs a name, an e-mail address or a phone number."), "given_name")

    def about(self) -> list[tuple[str, int]]:
        return [("company", self.company_id)] if self.company_id else []


class Position(models.Model):
    """A role that a person has (or had) in a company. The main company is `Person.company`, whether or not a position says
    more about it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="positions")
    company = models.ForeignKey(Company, models.CASCADE, related_name="positions")
    title = models.CharField(_("Role"), max_length=200, default="", blank=True)
    since = models.DateField(_("Since"), null=True, blank=True)
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "company"], name="one_position_per_company")]


class Relation(models.Model):
    """How two people relate, read from `person`: Marta reports to Oliver."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="relations")
    other = models.ForeignKey(Person, models.CASCADE, related_name="relations_of")
    kind = models.CharField(_("Relation"), max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "other", "kind"], name="one_relation_of_a_kind")]


class NotDuplicate(models.Model):
    """Two rows somebody looked at and found different; they are not proposed again."""

    record = models.CharField(max_length=40)
    low_id = models.BigIntegerField()
    high_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "low_id", "high_id"], name="told_apart_once")]


def entries(values: list[Any]) -> list[dict[str, str]]:
    """Entries of a many-valued column from plain values, for code and tests."""
    return [{"value": v, "label": ""} for v in values]
