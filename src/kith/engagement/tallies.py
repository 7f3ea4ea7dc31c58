"""How often each question was asked, and what became of the deals in which it came up: columns of the list of questions, and
of that of their themes, where a deal counts once however many questions of the theme came up in it.

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


def _tally(of: str, label: Any, count: Any, help: Any = "", **which: Any) -> Facts:
    """Occurrences of a question, or of those of a theme, that meet these conditions, counted with its row."""
    mine = Occurrence.objects.filter(**{of: OuterRef("pk")}, **which).order_by()
    total = Subquery(mine.values(of).annotate(n=count).values("n"), output_field=IntegerField())
    return Facts(kind=Integer(), label=label, expr=Coalesce(total, Value(0)), measure="sum", faces=FACES, help=help)


def _deals(of: str, label: Any, status: str) -> Facts:
    once = Count("deal", distinct=True)
    return _tally(of, label, once, WHOLE, deal__status=status, deal__archived_at__isnull=True)


def _tallies(of: str) -> dict[str, Facts]:
    return {
        "asked": _tally(of, _("Times asked"), Count("pk")),
        "won": _deals(of, _("Deals won"), "won"),
        "lost": _deals(of, _("Deals lost"), "lost"),
    }


TALLIES = _tallies("objection_id")
OF_THEMES = _tallies("objection__theme_id")
