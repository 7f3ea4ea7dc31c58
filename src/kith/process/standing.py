"""Where a customer stands, as columns lent to companies and people: the stage of the relationship that goes on, and since when.

A journey belongs to a company, or to a person without one; somebody at a company stands where their company does.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, DateTimeField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kith.kernel.kinds import Moment
from kith.kernel.records.columns import Facts
from kith.process.definition.shape import Stage
from kith.process.kinds import StageKey
from kith.process.models import RUNNING, Journey
from kith.process.versions import in_use

OF = {
    "company": Q(company_id=OuterRef("pk")),
    "person": Q(person_id=OuterRef("pk")) | Q(company_id=OuterRef("company_id")),
}
FACES = frozenset({"list", "filter", "export", "api"})


def columns(record: str) -> dict[str, Facts]:
    """{key: column} to lend to that type."""
    running = Journey.objects.filter(RUNNING, OF[record]).order_by()
    stage = Subquery(running.values("stage")[:1], output_field=CharField(max_length=60))
    return {
        "stage": Facts(
            kind=StageKey(), label=_("Stage"), faces=FACES, expr=Coalesce(stage, Value("")),
            help=_("Where the relationship stands that goes on."),
        ),
        "stage_since": Facts(
            kind=Moment(), label=_("In this stage since"), faces=FACES,
            expr=Subquery(running.values("entered_at")[:1], output_field=DateTimeField()),
        ),
    }  # fmt: skip


def stage_behind(company: str, person: str) -> Any:
    """The same for rows that concern somebody, as a column: `company` and `person` are their links. "" where nobody is on
    their way."""
    whose = Q(company_id=Coalesce(OuterRef(f"{company}_id"), OuterRef(f"{person}__company_id")))
    running = Journey.objects.filter(RUNNING, whose | Q(person_id=OuterRef(f"{person}_id"))).order_by()
    return Coalesce(Subquery(running.values("stage")[:1], output_field=CharField(max_length=60)), Value(""))


def place_of(stage: str) -> Stage | None:
    """The stage of a process in use with this key: its name and its colour."""
    return next((s for one in in_use().values() if (s := one.definition.by_key.get(stage)) is not None), None)


def stage_of(person: Any) -> str:
    """The stage in which somebody's relationship stands, by key; "" without one that goes on."""
    mine = Q(company_id=person.company_id) if person.company_id else Q(person_id=person.pk)
    found = Journey.objects.filter(RUNNING, mine).values_list("stage", flat=True).first()
    return found or ""
