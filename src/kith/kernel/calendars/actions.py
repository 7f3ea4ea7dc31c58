"""What can be done with business calendars beside filling them in: one of them is the default."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.events import MadeDefault
from kith.kernel.calendars.models import BusinessCalendar
from kith.kernel.errors import Invalid
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change


@action("business_calendar.make_default", needs="settings.manage", label=_("Make it the default"), icon="star",
        applies=lambda row: not row.is_default and row.archived_at is None, done=_("{row} is the default calendar"))  # fmt: skip
def make_default(calendar: BusinessCalendar, *, by: Actor) -> BusinessCalendar:
    """What nobody gave another calendar is measured with this one from now on."""
    if calendar.archived_at:
        raise Invalid(__("“%s” is archived; bring it back first.") % calendar)
    with transaction.atomic():
        for other in BusinessCalendar.objects.select_for_update().filter(is_default=True).exclude(pk=calendar.pk):
            with change(other, by=by) as c:
                c.row.is_default = False
        with change(calendar, by=by) as c:
            if not c.row.is_default:
                c.row.is_default = True
                c.says(MadeDefault())
    fresh: BusinessCalendar = c.row
    return fresh


def install_default(by: Actor) -> BusinessCalendar:
    """The default calendar; "Office hours", Monday to Friday from nine to five, where there is none yet."""
    found = BusinessCalendar.objects.filter(is_default=True).first()
    if found is not None:
        return found
    made = BusinessCalendar(name=_free_name(__("Office hours")), is_default=True)
    with change(made, by=by):
        pass
    return made


def _free_name(name: str) -> str:
    taken = set(BusinessCalendar.objects.filter(archived_at=None).values_list("name", flat=True))
    return next(n for n in (name, *(f"{name} {i}" for i in range(2, len(taken) + 3))) if n not in taken)
