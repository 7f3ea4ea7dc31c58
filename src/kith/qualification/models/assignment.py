"""Who gets a lead: ordered rules, pools whose members take turns, absences, and the log of every decision.

A decision carries the clock that runs until somebody really answers; who had the lead before stays readable from the
decisions before it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel


class Late(models.TextChoices):
    NOTHING = "", _("Nothing")
    REASSIGN = "reassign", _("Give it to the next one")
    ESCALATE = "escalate", _("Tell somebody")


class Kind(models.TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    REASSIGNED = "reassigned", _("Reassigned")
    ESCALATED = "escalated", _("Escalated")
    HANDED = "handed", _("Handed on by hand")
    UNROUTED = "unrouted", _("Nobody found")


class Pool(RecordModel):
    """Colleagues who take turns."""

    name = models.CharField(_("Name"), max_length=120)

    class Meta:
        verbose_name, verbose_name_plural = _("pool"), _("pools")

    def __str__(self) -> str:
        return self.name


class Member(RecordModel):
    """One colleague in a pool: their share of it, how much they can hold, and when they work."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="members", verbose_name=_("Pool"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Colleague"))
    share = models.PositiveSmallIntegerField(_("Share"), default=1)
    most_open = models.PositiveIntegerField(_("Most open leads"), null=True, blank=True)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Works by"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("pool member"), _("pool members")
        constraints = [
            models.UniqueConstraint(fields=["pool", "user"], name="pool_member_once", condition=Q(archived_at__isnull=True),
                                    violation_error_message=_("This colleague is in the pool already.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return __("%(who)s in %(pool)s") % {"who": self.user, "pool": self.pool}

    def verify(self) -> None:
        if self.share < 1:
            raise InvalidMany({"share": [__("A share is at least 1; archive the member to leave them out.")]})


class Turn(models.Model):
    """How much of what a basket ("pool:3", "team:2") dealt out a colleague is still owed; see kernel/turns.py."""

    basket = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    credit = models.FloatField(default=0)
    dealt = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["basket", "user"], name="one_turn_each")]


class Absence(RecordModel):
    """Days on which a colleague gets no leads; both days are part of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Colleague"))
    first_day = models.DateField(_("First day"))
    last_day = models.DateField(_("Last day"))
    note = models.CharField(_("Why"), max_length=200, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("absence"), _("absences")
        indexes = [models.Index(fields=["user", "last_day"], name="absence_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.first_day} – {self.last_day}"

    def verify(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidMany({"last_day": [__("The last day comes before the first one.")]})


class AssignmentRule(RecordModel):
    """`where`: a filter of people in its text form; "" fits everybody. One of user, team and pool gets
    the lead; a rule that names none gives nothing to anybody yet."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Order"), default=100)
    active = models.BooleanField(_("In use"), default=True)
    where = models.TextField(_("For people where"), default="", blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Colleague")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Team, in turn")
    )
    pool = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name=_("Pool, in turn")
    )
    otherwise = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("If none of them can"),
    )
    answer_within = models.CharField(_("First answer within"), max_length=40, default="", blank=True)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Hours of"),
    )
    when_late = models.CharField(_("When nobody answered"), max_length=10, choices=Late.choices, default="", blank=True)
    escalate_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Tell")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("assignment rule"), _("assignment rules")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if len([x for x in (self.user_id, self.team_id, self.pool_id) if x]) > 1:
            errors["user"] = [__("Leads go to one colleague, one team or one pool, not to several of them.")]
        if self.when_late and not self.answer_within:
            errors["answer_within"] = [__("Say within which time somebody has to answer, such as 2 business hours.")]
        if self.when_late == Late.ESCALATE and not self.escalate_to_id:
            errors["escalate_to"] = [__("Say who is told.")]
        if errors:
            raise InvalidMany(errors)


class Decision(RecordModel):
    """One decision about one lead: who got it and why, who else could have, and the clock that began with it.

    `candidates`: [{"user", "name", "why"}], why in words where somebody was passed over; `passed`: [{"rule", "why"}] of
    rules that did not fire. `due_at` is when somebody must have answered; `stopped_at` and `stopped_by` end the clock.
    """

    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="decisions", verbose_name=_("Person"))
    kind = models.CharField(_("What"), max_length=12, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Given to")
    )
    previous = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Before")
    )
    rule = models.ForeignKey(
        AssignmentRule, models.SET_NULL, null=True, blank=True, related_name="decisions", verbose_name=_("Rule")
    )
    why = models.CharField(_("Why"), max_length=500, default="", blank=True)
    candidates = models.JSONField(default=list, blank=True)
    passed = models.JSONField(default=list, blank=True)
    rounds = models.SmallIntegerField(_("Times passed on"), default=0)
    due_at = models.DateTimeField(_("Answer due"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("Answered"), null=True, blank=True)
    stopped_by = models.CharField(_("How"), max_length=200, default="", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("assignment"), _("assignments")
        indexes = [
            models.Index(fields=["person", "-id"], name="decision_person"),
            models.Index(fields=["due_at"], name="decision_running", condition=Q(due_at__isnull=False, stopped_at__isnull=True)),
            models.Index(fields=["user", "-id"], name="decision_user"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.person)

    def about(self) -> list[tuple[str, int]]:
        return [("person", self.person_id)]
