"""What colleagues say about the process: what gets in the way at a stage, or helps; and what came of it."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, LongText, Text
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.process.kinds import StageKey
from kith.process.models import Process
from kith.process.review.events import Answered
from kith.process.review.models import About, Feedback
from kith.process.versions import in_use

MOST_WORDS = 4000


@action("process.say", needs="feedback.see", label=_("Say what gets in the way"), icon="chat",
        applies=lambda p: p.in_force is not None and p.archived_at is None,
        done=_("Thank you. It is read in the next review, and you will hear of it"))  # fmt: skip
def say_about(
    process: Process,
    *,
    body: Annotated[str, LongText(MOST_WORDS), _("What gets in the way, or helps")],
    stage: Annotated[str, StageKey(), _("Stage, if it is about one")] = "",
    kind: Annotated[str, Choice(dict(About.choices)), _("What it does")] = About.HINDERS.value,
    by: Actor,
) -> Process:
    """Something to read in the next review of this process; `stage` empty: about the process as a whole. Anybody may."""
    running = in_use().get(process.pk)
    if stage and (running is None or stage not in running.definition.by_key):
        raise Invalid(__("%(process)s has no stage “%(key)s”.") % {"process": process.name, "key": stage}, "stage")
    row = Feedback(process=process, stage=stage, kind=kind, body=body, author_id=by.user_id)
    with change(row, by=by):
        pass
    return process


@action("feedback.answer", needs="settings.manage", label=_("Say what came of it"), icon="note", done=_("Answered"))
def answer(feedback: Feedback, *, answer: Annotated[str, Text(300), _("What came of it")], by: Actor) -> Feedback:
    """What was made of it; whoever said it is told."""
    with change(feedback, by=by) as c:
        if c.row.answer == answer:
            return c.row
        c.row.answer = answer
        c.says(Answered())
    row: Feedback = c.row
    if row.author is not None and row.author.is_active and row.author_id != by.user_id:
        words = __("What came of what you said about %(process)s: %(answer)s") % {"process": row.process.name, "answer": answer}  # fmt: skip
        notify(
            [row.author],
            words,
            kind="review",
            key=f"feedback:{row.pk}:{row.version}",
            by=by,
            about=("feedback", row.pk),
        )
    return row
