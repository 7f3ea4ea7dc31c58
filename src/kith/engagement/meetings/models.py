"""Booking pages, who may be met through them, and what was booked.

Two meetings of one colleague at the same time are refused by the database itself, whoever makes them at once.
"""

from __future__ import annotations

import re
import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
MOST_LENGTHS, LONGEST_MEETING = 6, 8 * 60
# A range of one number overlaps another one only where they are the same: what ranges alone can be asked for in an index.
HOST = Func(F("host"), template="int8range(%(expressions)s, %(expressions)s, '[]')")
WHEN = Func(F("starts_at"), F("ends_at"), function="tstzrange")


class Way(models.TextChoices):
    VIDEO = "video", _("Video")
    PHONE = "phone", _("Phone")
    PLACE = "place", _("At a place")


class BookingPage(RecordModel, Owned):
    """Where strangers choose a time. `lengths` in minutes, `place` an address, a link or a number, `questions` one a line
    (a * at its end: has to be answered). Times are those of `owner`, unless hosts are named, who take turns."""

    name = models.CharField(_("Title"), max_length=120)
    key = models.CharField(_("Address"), max_length=60, default="", blank=True)
    about_text = models.TextField(_("What it is about"), default="", blank=True)
    lengths = models.CharField(_("Minutes to choose from"), max_length=60, default="30")
    way = models.CharField(_("Where"), max_length=10, choices=Way.choices, default=Way.VIDEO)
    place = models.CharField(_("Address, link or number"), max_length=300, default="", blank=True)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Hours of"),
    )
    before = models.PositiveIntegerField(_("Free before"), default=0)
    after = models.PositiveIntegerField(_("Free after"), default=10)
    every = models.PositiveIntegerField(_("A time every"), default=30)
    notice = models.PositiveIntegerField(_("At the earliest in"), default=4 * 60)
    ahead_days = models.PositiveIntegerField(_("Days ahead"), default=42)
    most_a_day = models.PositiveIntegerField(_("Most a day"), null=True, blank=True)
    questions = models.TextField(_("Questions"), default="", blank=True)
    purpose = models.CharField(_("Asks to agree to"), max_length=60, default="", blank=True)
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    names = models.JSONField(_("Title in other languages"), default=dict, blank=True)
    abouts = models.JSONField(_("About it in other languages"), default=dict, blank=True)
    asks = models.JSONField(_("Questions in other languages"), default=dict, blank=True)
    open = models.BooleanField(_("Open"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("booking page"), _("booking pages")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="booking_page_key_once",
                                    violation_error_message=_("Another booking page has this address; choose a different one.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key.strip().lower() or re.sub(r"[^a-z0-9]+", "-", fold(self.name)).strip("-")[:60]
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key, self.about_text]

    def minutes(self) -> list[int]:
        """The lengths to choose from; [] where they cannot be read."""
        found = [int(one) for one in re.split(r"[,;\s]+", self.lengths.strip()) if one.isascii() and one.isdecimal()]
        return sorted({n for n in found if 5 <= n <= LONGEST_MEETING})

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if not KEY.fullmatch(self.key):
            errors["key"] = [__("An address has small letters, digits and hyphens, for example “first-talk”.")]
        given = re.split(r"[,;\s]+", self.lengths.strip())
        if not (1 <= len(given) <= MOST_LENGTHS) or len(self.minutes()) != len(set(given)):
            errors["lengths"] = [__("Write minutes from 5 to 480, for example 30, 60.")]
        if not 5 <= self.every <= 240:
            errors["every"] = [__("Times begin every 5 to 240 minutes.")]
        if not 1 <= self.ahead_days <= 366:
            errors["ahead_days"] = [__("People can book 1 to 366 days ahead.")]
        if self.before > 24 * 60 or self.after > 24 * 60:
            errors["before" if self.before > 24 * 60 else "after"] = [__("At most a day is kept free.")]
        if errors:
            raise InvalidMany(errors)


class Host(RecordModel):
    """A colleague who takes turns on a page: their share, how much they can take, and when they work."""

    page = models.ForeignKey(BookingPage, models.CASCADE, related_name="hosts", verbose_name=_("Booking page"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Colleague"))
    share = models.PositiveSmallIntegerField(_("Share"), default=1)
    most_a_day = models.PositiveIntegerField(_("Most a day"), null=True, blank=True)
    most_a_week = models.PositiveIntegerField(_("Most a week"), null=True, blank=True)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Works by"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("host"), _("hosts")
        constraints = [
            models.UniqueConstraint(fields=["page", "user"], name="booking_host_once", condition=Q(archived_at__isnull=True),
                                    violation_error_message=_("This colleague is among the hosts already.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return __("%(who)s for %(page)s") % {"who": self.user, "page": self.page}

    def verify(self) -> None:
        if self.share < 1:
            raise InvalidMany({"share": [__("A share is at least 1; archive the host to leave them out.")]})


class Turn(models.Model):
    """What a host is owed of the meetings that a page brings; see kernel/turns.py."""

    page = models.ForeignKey(BookingPage, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    credit = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "user"], name="booking_turn_once")]


class State(models.TextChoices):
    BOOKED = "booked", _("Booked")
    HELD = "held", _("Took place")
    MISSED = "missed", _("They did not come")
    CANCELLED = "cancelled", _("Cancelled")


class Answer(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    TENTATIVE = "tentative", _("Perhaps")
    DECLINED = "declined", _("Declined")


class Booking(RecordModel):
    """A meeting that somebody booked. `activity` is the same thing in the calendar of `host`; `reply` is what
    their calendar answered, `known` the person whose own link was used. `person` is empty while a colleague looks at who
    it is."""

    page = models.ForeignKey(BookingPage, models.PROTECT, related_name="bookings", verbose_name=_("Booking page"))
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("With"))
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="bookings", verbose_name=_("Person")
    )
    activity = models.OneToOneField(
        "activities.Activity", models.SET_NULL, null=True, blank=True, related_name="booking"
    )
    name = models.CharField(_("Name"), max_length=200)
    email = models.CharField(_("E-mail"), max_length=254)
    phone = models.CharField(_("Phone"), max_length=40, default="", blank=True)
    starts_at = models.DateTimeField(_("Begins"))
    ends_at = models.DateTimeField(_("Ends"))
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.BOOKED)
    why = models.CharField(_("Why"), max_length=300, default="", blank=True)
    reply = models.CharField(_("Their answer"), max_length=10, choices=Answer.choices, default="", blank=True)
    replied_at = models.DateTimeField(_("Answered"), null=True, blank=True)
    answers = models.JSONField(_("Answers"), default=list, blank=True)
    consent = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(_("Their time zone"), max_length=64, default="UTC")
    language = models.CharField(_("Language"), max_length=12, default="", blank=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    known = models.BigIntegerField(null=True, blank=True)

    DERIVED: ClassVar[frozenset[str]] = frozenset({"activity", "uid", "known", "consent", "replied_at"})

    class Meta:
        verbose_name, verbose_name_plural = _("booking"), _("bookings")
        indexes = [
            *list_indexes("booking", "starts_at", "created_at", "updated_at"),
            models.Index(fields=["host", "starts_at"], name="booking_host"),
            models.Index(fields=["person", "-starts_at"], name="booking_person"),
        ]
        constraints = [
            ExclusionConstraint(name="booking_one_at_a_time", condition=Q(state="booked", archived_at__isnull=True),
                                expressions=[(HOST, RangeOperators.OVERLAPS), (WHEN, RangeOperators.OVERLAPS)],
                                violation_error_message=_("This time was taken a moment ago; choose another one.")),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_has_a_length",
                                   violation_error_message=_("A meeting ends after it begins.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return __("%(page)s with %(name)s") % {"page": self.page.name, "name": self.name}

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def search_parts(self) -> list[str | None]:
        return [self.name, self.email]

    def about(self) -> list[tuple[str, int]]:
        return [("person", self.person_id)] if self.person_id else []


class Told(models.Model):
    """What the invitation said last of a booking, and the how manieth word that was (SEQUENCE)."""

    booking = models.OneToOneField(Booking, models.CASCADE, related_name="told")
    number = models.PositiveIntegerField(default=0)
    what = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, default="", blank=True)


class Feed(models.Model):
    """A calendar elsewhere in which a colleague's other appointments stand. `address` is sealed: whoever has it can read
    that calendar. `problem` says in words why it could not be read the last time."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    address = models.TextField()
    read_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)


class Busy(models.Model):
    """A stretch in which a colleague's other calendar says that they are busy; nothing of what it is about."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "starts_at"], name="busy_user")]
