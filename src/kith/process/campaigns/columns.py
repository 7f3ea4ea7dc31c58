"""How far somebody came: the columns that people are lent, by which the figures of campaigns open their rows.

A journey belongs to a company, or to a person without one; somebody at a company is as far as their company.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Integer
from kith.kernel.records.columns import Facts
from kith.process.models import RUNNING, Journey

QUALIFIED, CUSTOMER, RETAINED = 4, 6, 8  # of the nine steps: after qualification, conversion, support and retention


def _furthest(where: Q) -> Any:
    theirs = Journey.objects.filter(Q(person_id=OuterRef("pk")) | Q(company_id=OuterRef("company_id")), where)
    return Subquery(theirs.order_by().values("archived_at").annotate(most=Max("step")).values("most")[:1])


def _facts(label: Any, where: Q, help_words: Any) -> Facts:
    return Facts(
        kind=Integer(), label=label, faces=frozenset({"list", "filter"}), expr=_furthest(where), help=help_words
    )


def columns() -> dict[str, Facts]:
    """{key: column} to lend to people."""
    kept = Q(archived_at__isnull=True)
    return {
        "step_reached": _facts(
            _("Step reached"), kept, _("The furthest of the nine steps, whether it goes on or ended.")
        ),
        "step_now": _facts(_("Step now"), kept & RUNNING, _("The step of the relationship that goes on.")),
    }
