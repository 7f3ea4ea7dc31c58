"""Days on which it is natural to write: years as a customer and birthdays, with a note drafted from what really happened.

Today names them; nobody is congratulated while a complaint of theirs is open.
"""

from __future__ import annotations

import datetime as dt
from calendar import isleap
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.records.registry import registry

AHEAD = 7
UNSOLVED = ("new", "open", "waiting")


def comes_round(since: dt.date, today: dt.date) -> dt.date | None:
    """The day within a week on which a year as a customer is over; None where there is none. Who came on 29 February is thought
    of the day before where there is none."""
    for day in (today + dt.timedelta(days=n) for n in range(AHEAD + 1)):
        leap = (since.month, since.day) == (2, 29) and (day.month, day.day) == (2, 28) and not isleap(day.year)
        if day.year > since.year and ((day.month, day.day) == (since.month, since.day) or leap):
            return day
    return None


def complains(company: str = "", person: str = "") -> Exists:
    """Whether a complaint is open of the company or the person that these columns of the row name."""
    theirs = Q()
    for of, column in (("company", company), ("person", person)):
        if column:
            theirs |= Q(**{of: OuterRef(column)})
    tickets = registry["ticket"].model._default_manager
    return Exists(tickets.filter(theirs, kind="complaint", state__in=UNSOLVED, archived_at=None))


def with_history(rows: QuerySet[Any], record: str) -> QuerySet[Any]:
    """The rows with what a note tells: orders, the first of them, solved tickets; and whether a complaint is open."""
    orders = registry["order"].model._default_manager.filter(archived_at=None, **{record: OuterRef("pk")}).order_by()
    solved = registry["ticket"].model._default_manager.filter(
        state__in=("solved", "closed"), archived_at=None, **{record: OuterRef("pk")}
    )

    def many(found: Any) -> Any:
        return Coalesce(
            Subquery(found.values(record).annotate(n=Count("pk")).values("n"), output_field=IntegerField()), Value(0)
        )

    return rows.annotate(
        complains=complains("pk") if record == "company" else complains("company_id", "pk"), orders_made=many(orders), solved=many(solved.order_by()),
        first_order=Subquery(orders.order_by("placed_on", "pk").values("name")[:1]), spoke_at=F("care__spoke_at"),
    )  # fmt: skip


def note_href(record: str, pk: int, birthday: bool = False) -> str:
    """Where a note to a customer is drafted."""
    return f"/{registry[record].slug}/{pk}/occasion" + ("?for=birthday" if birthday else "")


def note(row: Any, today: dt.date, birthday: bool = False) -> str:
    """A letter to begin with: for a birthday, for a year that comes round, or for any day. Says nothing that did not happen:
    what is not known is left out."""
    on = None if birthday else comes_round(row.customer_since, today)
    name = getattr(row, "given_name", "")
    lines = [_("Hello %s,") % name if name else _("Hello,"), ""]
    if birthday:
        lines += [_("all the best for your birthday!"), ""]
    first = _("It is good to have you with us") if birthday else _("it is good to have you with us")
    if on is not None:
        years = on.year - row.customer_since.year
        said = ngettext("it is a year today that you are with us", "it is %d years today that you are with us", years)
        first = said % years if "%d" in said else said
    lines.append(first + (_(", since “%s”.") % row.first_order if row.first_order else "."))
    if row.orders_made > 1:
        lines.append(_("You have ordered from us %d times since.") % row.orders_made)
    if row.solved:
        lines.append(
            ngettext(
                "We solved %d question of yours on the way.", "We solved %d questions of yours on the way.", row.solved
            )
            % row.solved
        )
    lines += ["", _("Thank you for that. What shall we do better in the next year?")]
    return "\n".join(lines)
