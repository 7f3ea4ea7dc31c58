"""How often each question was asked, and what became of the deals in which it came up: columns of the list of questions.

They are the organisation's totals, the same for every reader, as how often a question comes up at all is; which people and
deals these were, the page of a question says as far as its reader may see them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kith.engagement.models import Occurrence
from kith.kernel.kinds import Integer
from kith.kernel.records.columns import Facts

FACES = frozenset({"list", "filter", "export", "api"})
WHOLE = _("Of all colleagues' deals, each deal once.")


def _tally(label: Any, count: Any, help: Any = "", **which: Any) -> Facts:
    """Occurrences of a question that meet these conditions, counted with its row."""
    mine = Occurrence.objects.filter(objection_id=OuterRef("pk"), **which).order_by()
    total = Subquery(mine.values("objection").annotate(n=count).values("n"), output_field=IntegerField())
    return Facts(kind=Integer(), label=label, expr=Coalesce(total, Value(0)), measure="sum", faces=FACES, help=help)


def _deals(label: Any, status: str) -> Facts:
    once = Count("deal", distinct=True)
    return _tally(label, once, WHOLE, deal__status=status, deal__archived_at__isnull=True)


TALLIES = {
    "asked": _tally(_("Times asked"), Count("pk")),
    "won": _deals(_("Deals won"), "won"),
    "lost": _deals(_("Deals lost"), "lost"),
}
