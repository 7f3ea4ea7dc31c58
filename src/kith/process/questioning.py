"""In which process people are, for questions that only one process asks: by the journey that goes on, theirs or their
company's."""

from __future__ import annotations

from kith.kernel.records.registry import registry
from kith.process.models import Journey
from kith.qualification.checklist.questions import tells_process


@tells_process
def process_of(people: list[int]) -> dict[int, str]:
    """{person: key of the process}, those without a running journey left out. Three queries."""
    rows = registry["person"].model._default_manager.filter(pk__in=people).values_list("pk", "company_id")
    company_of = dict(rows)
    running = Journey.objects.filter(closed_at=None, archived_at=None)
    own = dict(running.filter(person__in=people).values_list("person_id", "process__key"))
    companies = [pk for pk in company_of.values() if pk]
    theirs = dict(running.filter(company__in=companies).values_list("company_id", "process__key"))
    found = {pk: own.get(pk) or theirs.get(company, "") for pk, company in company_of.items()}
    return {pk: key for pk, key in found.items() if key}
