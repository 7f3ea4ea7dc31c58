"""What colleagues do with surveys: let them ask, stop them, ask one person now, close a loop."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Integer, Link, LongText, Text
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.surveys import answering, asking, sampling
from kith.surveys.events import SurveyStarted, SurveyStopped
from kith.surveys.models import Loop, Response, ResponseState, Survey


@action("survey.start", needs="survey.edit", label=_("Let it ask"), icon="play",
        applies=lambda row: not row.active and row.archived_at is None, done=_("{row} asks from now on."))  # fmt: skip
def start(survey: Survey, *, by: Actor) -> Survey:
    """From now on it asks whoever it is meant for. Raises Invalid while it is not said when."""
    return _turn(survey, True, SurveyStarted(), by)


@action("survey.stop", needs="survey.edit", label=_("Stop"), icon="pause",
        applies=lambda row: row.active and row.archived_at is None, done=_("{row} asks nobody any more."))  # fmt: skip
def stop(survey: Survey, *, by: Actor) -> Survey:
    """Nobody is asked until it starts again; who was asked can still answer."""
    return _turn(survey, False, SurveyStopped(), by)


def _turn(survey: Survey, active: bool, says: Any, by: Actor) -> Survey:
    with change(survey, by=by) as c:
        if c.row.active != active:
            c.row.active = active
            c.says(says)
    bump()
    return c.row


@action("person.ask", needs="person.edit", label=_("Ask how it went"), icon="star", undo=False,
        applies=lambda row: row.archived_at is None and bool(row.email), done=_("They are asked in a moment."))  # fmt: skip
def ask(person: Any, *, survey: Annotated[Any, Link("survey"), _("Survey")], by: Actor) -> Any:
    """Ask one person now, whatever the lot says. Raises Invalid while they rest from surveys, or the survey does not ask."""
    if not survey.active:
        raise Invalid(__("“%s” does not ask at the moment; let it ask first.") % survey, "survey")
    if sampling.resting([person.pk], survey.rest_days):
        raise Invalid(
            __("%(who)s was asked within the last %(days)s days.") % {"who": person, "days": survey.rest_days}
        )
    asking.put_down(survey, person, by=by)
    return person


@action("response.follow_up", needs="response.edit", label=_("Followed up"), icon="check",
        applies=lambda row: row.loop == Loop.OPEN and row.archived_at is None, done=_("Kept. The loop is closed."))  # fmt: skip
def follow_up(response: Response, *, outcome: Annotated[str, Text(300), _("What came of it")], by: Actor) -> Response:
    """Say what came of a low answer; its task is done with it."""
    from kith.activities import actions as activities

    row = answering.close_loop(response, outcome, by=by)
    if row.task is not None and row.task.done_at is None:
        activities.finish.run(row.task, outcome=outcome[:300], by=by)
    return row


@action("response.answer", needs="response.edit", label=_("They told me"), icon="phone",
        applies=lambda row: row.state == ResponseState.ASKED and row.archived_at is None, done=_("Kept as their answer."))  # fmt: skip
def answer(
    response: Response,
    *,
    score: Annotated[int, Integer(0, 10), _("Score")],
    comment: Annotated[str, LongText(4000), _("Their words")] = "",
    by: Actor,
) -> Response:
    """Keep what somebody answered in a talk instead of by the link; it says who wrote it down. Raises Invalid for a score
    that is not on the scale."""
    return answering.answer(response, score, comment, by=by)
