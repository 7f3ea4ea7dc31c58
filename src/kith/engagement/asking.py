"""What people do with questions: note that one was asked, answer it, say which answer is best."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement.events import AnswerChosen, AnswerDropped, QuestionAnswered, QuestionRaised
from kith.engagement.models import Answer, Objection, Occurrence
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Bool, Integer, Link, LongText
from kith.kernel.records import actions
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.registry import registry
from kith.kernel.text import brief
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

LINKS = ("person", "company", "deal", "activity")


@action("objection.raise", needs="activity.create", label=_("Question"), icon="help", done=_("Noted, with what we answer."),
        applies=lambda row: row.archived_at is None)  # fmt: skip
def raise_question(
    row: Any, *, body: Annotated[str, LongText(), _("What they asked")],
    objection: Annotated[Any, Link("objection"), _("The question, if it is known")] = None, by: Actor,
) -> Objection:  # fmt: skip
    """Somebody asked this. Without a known question, the one in the same words, else a new one. A person's only open deal
    is concerned too."""
    known = objection or _same(body, by) or actions.create(registry["objection"], {"question": brief(body, 300)}, by=by)
    links = _links(row, by)
    with change(known, by=by, verb="see") as c:
        side = Sides(Occurrence.objects.filter(objection=c.row))
        Occurrence.objects.create(objection=c.row, words=body, author_id=by.user_id, **links)
        c.says(QuestionRaised(c.row.question, body, sides=side.touched()))
        for name, other in links.items():
            c.about(name, other.pk)
    return c.row


def _same(body: str, by: Actor) -> Objection | None:
    rows = registry["objection"].rows(by, archived=False)
    found: Objection | None = rows.filter(question__iexact=brief(body, 300)).first()
    return found


def _links(row: Any, by: Actor) -> dict[str, Any]:
    """Whom and what an occurrence concerns."""
    record = registry.by_model(type(row))
    assert record is not None
    found: dict[str, Any] = {record.name: row}
    if record.name == "deal":
        found |= {"person": row.contact, "company": row.company}
    elif record.name == "activity":
        found |= {"person": row.person, "company": row.company, "deal": row.deal}
    elif record.name == "person":
        open_deals = registry["deal"].rows(by, archived=False).filter(contact=row, status="open")[:2]
        found |= {"company": row.company, "deal": open_deals[0] if len(open_deals) == 1 else None}
    return {name: other for name, other in found.items() if other is not None and name in LINKS}


@action("objection.answer", needs="objection.edit", label=_("Answer it"), icon="quote", done=_("Kept, for whoever is asked next."),
        applies=lambda o: o.archived_at is None)  # fmt: skip
def answer(
    objection: Objection, *, text: Annotated[str, LongText(), _("Answer")],
    best: Annotated[bool, Bool(), _("It is the best one")] = False, by: Actor,
) -> Objection:  # fmt: skip
    with change(objection, by=by) as c:
        rows = Answer.objects.filter(objection=c.row)
        side = Sides(rows)
        if best:
            rows.filter(best=True).update(best=False)
        Answer.objects.create(objection=c.row, text=text, author_id=by.user_id, best=best)
        c.says(QuestionAnswered(brief(text, 120), sides=side.touched()))
    return c.row


@action("objection.choose_answer", needs="objection.edit", label=_("Best answer"), icon="star", done=_("Offered first from now on."),
        applies=lambda o: o.archived_at is None)  # fmt: skip
def choose_answer(
    objection: Objection, *, answer: Annotated[int, Integer(), GIVEN, _("Answer")], by: Actor
) -> Objection:
    """This answer is offered first."""
    with change(objection, by=by) as c:
        rows = Answer.objects.filter(objection=c.row)
        side, chosen = Sides(rows), _answer(rows, answer)
        rows.filter(best=True).update(best=False)
        rows.filter(pk=chosen.pk).update(best=True)
        if touched := side.touched():
            c.says(AnswerChosen(brief(chosen.text, 120), sides=touched))
    return c.row


@action("objection.drop_answer", needs="objection.edit", label=_("Take an answer out"), icon="x", done=_("Taken out."),
        applies=lambda o: o.archived_at is None)  # fmt: skip
def drop_answer(objection: Objection, *, answer: Annotated[int, Integer(), GIVEN, _("Answer")], by: Actor) -> Objection:
    with change(objection, by=by) as c:
        rows = Answer.objects.filter(objection=c.row)
        side, gone = Sides(rows), _answer(rows, answer)
        rows.filter(pk=gone.pk).delete()
        c.says(AnswerDropped(brief(gone.text, 120), sides=side.touched()))
    return c.row


def _answer(rows: Any, pk: int) -> Answer:
    found: Answer | None = rows.filter(pk=pk).first()
    if found is None:
        raise Invalid(__("There is no answer %s to this question.") % pk, "answer")
    return found
