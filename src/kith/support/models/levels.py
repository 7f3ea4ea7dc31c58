"""Service levels: what we promise whom, and the clocks that say how we keep it.

Clocks follow from what happened to their ticket and can be made again at any time (`clocks/keeping.py`); nothing else
writes them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.lookups.conditions import tree_of, usable
from kith.kernel.records.models import RecordModel
from kith.support.models.tickets import Ticket, TicketKind, TicketPriority

# Whose tickets a level is for: the column that holds a filter, and what it is a filter of. A ticket links to its customer by
# a column of that name.
CUSTOMERS = {"customers": "company", "people": "person"}


class Policy(RecordModel):
    """What is promised to tickets that it fits: the first that fits, in order of position. `customers` and `people`: filters
    of companies and of people in their text form, and a ticket of either one that meets its filter fits; empty lists and filters
    fit everything."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Position"), default=100)
    active = models.BooleanField(_("In use"), default=True)
    customers = models.TextField(_("Customers"), default="", blank=True)
    people = models.TextField(_("People"), default="", blank=True)
    priorities = ArrayField(
        models.CharField(max_length=8, choices=TicketPriority.choices),
        verbose_name=_("Priorities"),
        default=list,
        blank=True,
    )
    kinds = ArrayField(
        models.CharField(max_length=10, choices=TicketKind.choices), verbose_name=_("Kinds"), default=list, blank=True
    )
    first = models.CharField(_("First answer within"), max_length=40, default="4 business hours", blank=True)
    next = models.CharField(_("Each further answer within"), max_length=40, default="", blank=True)
    resolution = models.CharField(_("Solved within"), max_length=40, default="", blank=True)
    calendar = models.ForeignKey(
        "calendars.BusinessCalendar", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Counts by"),
    )  # fmt: skip
    chain = models.TextField(_("Who is told, and when"), default="75 % owner\n100 % managers", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("service level"), _("service levels")

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        if not (self.first or self.next or self.resolution):
            raise InvalidMany({"first": [__("Say at least one time, for example 4 business hours.")]})
        for column, record in CUSTOMERS.items():
            if not (words := getattr(self, column)):
                continue
            try:
                usable(tree_of(words), record)
            except Invalid as problem:
                raise InvalidMany({column: [problem.message]}) from None


class Clock(models.Model):
    """One clock of a ticket, as `clocks.model` reads it. `stretches`: [[state, begins, ends or null, why]]; `told`: the largest
    share of its time that somebody was told of; `look_at`: when the next share is reached, or the time is over."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=10)
    number = models.IntegerField(default=1)
    policy = models.ForeignKey(Policy, models.SET_NULL, null=True, blank=True, related_name="clocks")
    target = models.CharField(max_length=40)
    state = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    broke_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    budget = models.IntegerField(default=0)  # seconds
    used = models.IntegerField(default=0)  # seconds, while it ran
    stretches = models.JSONField(default=list)
    told = models.IntegerField(default=0)
    look_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "number"], name="clock_once")]
        indexes = [
            models.Index(fields=["look_at", "id"], name="clock_to_look", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=["kind", "started_at"], name="clock_report", include=["state", "policy"]),
        ]
