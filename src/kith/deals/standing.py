"""What deals made of a company or a person so far: a customer once something was won, else an open deal, else nothing.

Lent to those types as a computed column, so that their lists filter by it without knowing of deals. That somebody is a
customer is no secret among colleagues who see them; which deals made them one is. Not among what programs and files are
sent: a million rows would ask for it one by one.
"""

from __future__ import annotations

from django.db.models import CharField, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from kith.deals.models import Deal, Status
from kith.kernel.kinds import Choice
from kith.kernel.records.columns import Facts

STANDINGS = {
    Status.WON.value: _("Customer"),
    Status.OPEN.value: _("Open deal"),
    Status.LOST.value: _("Nothing won yet"),
}


def standing(link: str) -> Facts:
    """The column, for rows that deals point at by `link` ("company", "contact"). The statuses' letters are in order of
    what they say: won after open after lost. One value instead of a question for each, so that PostgreSQL looks a row's
    deals up by their index, however few rows are wanted."""
    theirs = Deal.objects.filter(**{f"{link}_id": OuterRef("pk")}, archived_at__isnull=True)
    best = Subquery(theirs.order_by("-status").values("status")[:1], output_field=CharField())
    return Facts(kind=Choice(STANDINGS), label=_("Standing"), faces=frozenset({"list", "filter"}), expr=best)
