"""Business calendars: when work is done, so that promises are measured in working time."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.calendars.dates import days_of
from kith.kernel.errors import InvalidMany
from kith.kernel.records.models import RecordModel

# A range that overlaps itself: what only ranges may do (wait until the change is complete), said of a yes or no.
ONE = Func(F("is_default"), template="int4range(%(expressions)s::int, 1, '[]')")


def office_week() -> dict[str, str]:
    return dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")


class BusinessCalendar(RecordModel):
    """Opening hours in a time zone, less holidays and days off, with exceptions. `time_zone` "": the organisation's.

    One of them is the default. That there are never two, the database says when a change is complete (taking a change
    back turns one on before it turns the other off); that the default is never archived, at once.
    """

    name = models.CharField(_("Name"), max_length=120)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="", blank=True)
    windows = models.JSONField(_("Opening hours"), default=office_week, blank=True)
    holidays = models.CharField(_("Public holidays of"), max_length=40, default="", blank=True)
    days_off = models.JSONField(_("Further days off"), default=list, blank=True)
    special_days = models.JSONField(_("Days with other hours"), default=list, blank=True)
    is_default = models.BooleanField(_("Default"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("business calendar"), _("business calendars")
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="calendar_name_once", condition=Q(archived_at__isnull=True),
                                    violation_error_message=_("There is already a calendar of that name.")),
            ExclusionConstraint(name="calendar_one_default", condition=Q(is_default=True), deferrable=Deferrable.DEFERRED,
                                expressions=[(ONE, RangeOperators.OVERLAPS)],
                                violation_error_message=_("There is one default calendar.")),
            models.CheckConstraint(condition=~Q(is_default=True, archived_at__isnull=False), name="calendar_default_in_use",
                                   violation_error_message=_("This is the default calendar; make another one the default first.")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name]

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if not self.windows:
            errors["windows"] = [__("A calendar that never opens measures nothing; give at least one day hours.")]
        off = {day for entry in self.days_off for day in days_of(entry)}
        twice: Any = next((entry["day"] for entry in self.special_days if set(days_of(entry)) & off), None)
        if twice:
            errors["special_days"] = [__("%s is a day off as well; leave it in one of the two lists.") % twice]
        if errors:
            raise InvalidMany(errors)
