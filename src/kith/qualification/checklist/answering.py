"""Answering: a later answer takes the place of the one before, which stays as history. One way for pages and programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.kinds import EMPTY, Day, Link, LongText
from kith.kernel.records.action import Action, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import operation
from kith.qualification.checklist import companies
from kith.qualification.checklist.questions import asked_of, criteria
from kith.qualification.events import CriterionAnswered
from kith.qualification.models import Answer, Criterion

LONG = LongText(20_000)


def write(subject: Any, criterion: Criterion, *, by: Actor, **given: Any) -> Answer:
    """Write an answer about a person or company; what is asked of companies is known to all who work there. `given`: answer,
    evidence, answered_on. Raises NotFound where the subject is not to be changed, Invalid where the question is not for it."""
    record = registry.by_model(type(subject))
    assert record is not None
    _reach(subject, by)
    about = {record.name: subject}
    if record.name == "person" and criterion.on == "company" and subject.company is not None:
        about = {"company": subject.company}
    elif record.name == "company" and criterion.on == "person":
        raise Invalid(_("“%s” is asked of people.") % criterion.name, "criterion")
    row = Answer(criterion=criterion, user_id=by.user_id, **about, **given)
    with change(row, by=by) as c:
        c.says(CriterionAnswered(criterion.name, row.answer))
    return c.row


def _declare(record: str) -> Action:
    """The verb on people and on companies."""

    @action(f"{record}.answer", needs=f"{record}.edit", label=lazy("Answer a question"), icon="check")
    def run(
        row: Any,
        *,
        criterion: Annotated[Criterion, Link("criterion"), lazy("Criterion")],
        answer: Annotated[str, LONG, lazy("Answer")],
        evidence: Annotated[str, LONG, lazy("Evidence")] = "",
        answered_on: Annotated[dt.date | None, Day(), lazy("Date")] = None,
        by: Actor,
    ) -> Any:
        day = answered_on or timezone.localdate()
        write(row, criterion, by=by, answer=answer, evidence=evidence, answered_on=day)
        return row

    return run


ANSWER_PERSON, ANSWER_COMPANY = _declare("person"), _declare("company")


REPLACED = """
    UPDATE qualification_answer a SET replaced_at = t.next FROM (
        SELECT id, lead(created_at) OVER (PARTITION BY criterion_id, person_id, company_id ORDER BY id) AS next
        FROM qualification_answer
        WHERE archived_at IS NULL AND criterion_id = ANY(%s) AND (person_id = ANY(%s) OR company_id = ANY(%s))
    ) t WHERE a.id = t.id AND a.replaced_at IS DISTINCT FROM t.next
"""


def settle(pairs: list[tuple[Answer | None, Answer]], by: Actor) -> None:
    """Of the answers to one question the latest counts, whichever way they were written or taken back."""
    rows = [answer for pair in pairs for answer in pair if answer is not None]
    with connection.cursor() as cursor:
        cursor.execute(REPLACED, [
            [a.criterion_id for a in rows], [a.person_id for a in rows if a.person_id],
            [a.company_id for a in rows if a.company_id],
        ])  # fmt: skip
    companies.follow(a.company_id for a in rows if a.company_id)


def _reach(subject: Any, by: Actor) -> None:
    record = registry.by_model(type(subject))
    assert record is not None
    if not record.rows(by, "edit").filter(pk=subject.pk).exists():
        raise NotFound(_("There is no %(what)s %(id)s that you may change.") % {
            "what": record.label.lower(), "id": subject.pk})  # fmt: skip


@dataclass(frozen=True)
class Known:
    """One question about a row: the answer that counts, else what a column says ("" when neither does)."""

    criterion: Criterion
    answer: Answer | None
    said: str
    before: int

    @property
    def known(self) -> bool:
        return self.answer is not None or bool(self.said)


def known_of(record: str, row: Any, actor: Actor) -> list[Known]:
    """Every question about a person (those of their company among them) or a company, in order. At most four queries."""
    asked = (
        asked_of([row.pk])[row.pk]
        if record == "person"
        else [c for c in criteria() if c.on == "company" and not c.process]
    )
    company = row.company if record == "person" else row
    subject = Q(person=row.pk) if record == "person" else Q()
    if company is not None:
        subject |= Q(company=company.pk)
    rows = Answer.objects.filter(subject, archived_at=None).select_related("user").order_by("pk")
    given: dict[int, list[Answer]] = {}
    for answer in rows:
        given.setdefault(answer.criterion_id, []).append(answer)
    said = {
        **_said("person", row if record == "person" else None, asked, actor),
        **_said("company", company, asked, actor),
    }
    return [_one(c, given.get(c.pk, []), said.get(c.pk, "")) for c in asked]


def _one(criterion: Criterion, given: list[Answer], said: str) -> Known:
    current = next((a for a in reversed(given) if a.replaced_at is None), None)
    return Known(criterion, current, said, len(given) - (current is not None))


def _said(record: str, row: Any, asked: Iterable[Criterion], actor: Actor) -> dict[int, str]:
    """{criterion: what the column that answers it says, in words}"""
    columns = registry[record].columns(actor)
    ours = [(c, columns[c.column]) for c in asked if c.on == record and c.column in columns]
    if row is None or not ours:
        return {}
    rows = registry[record].rows(actor).filter(pk=row.pk)
    full = registry[record].listing(rows, [column for _c, column in ours]).first()
    if full is None:
        return {}
    values = [(c, column, column.get(full)) for c, column in ours]
    return {c.pk: f"{column.label}: {column.show(value, full)}" for c, column, value in values if value not in EMPTY}


def answer_all(record: str, row: Any, given: dict[int, dict[str, Any]], *, by: Actor) -> Any:
    """Several answers at once ({criterion: {"answer", "evidence", "answered_on"}}), as one operation, which is returned.
    What says the same as before is left alone."""
    now = {k.criterion.pk: k for k in known_of(record, row, by)}
    label = _("Answered questions about %s") % registry[record].name_of(row)
    with operation(f"{record}.answer", label, by=by, record=record) as (op, actor):
        for pk, values in given.items():
            known = now.get(pk)
            if known is None or not values["answer"] or _same(known.answer, values):
                continue
            write(row, known.criterion, by=actor, **values)
    return op


def _same(answer: Answer | None, values: dict[str, Any]) -> bool:
    return answer is not None and all(getattr(answer, key) == value for key, value in values.items())
