"""What a customer does on their page: ask, tick what is theirs, send files. Each stands on the story as their own doing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kith.activities import actions as activities
from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid
from kith.kernel.files.actions import add_files
from kith.kernel.files.models import StoredFile
from kith.kernel.jobs import once
from kith.kernel.languages import speaking
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch
from kith.onboarding import events
from kith.onboarding.actions import end
from kith.onboarding.models import Plan, Side, Step, StepState
from kith.onboarding.moving import KIND

LONGEST, ANSWER_WITHIN = 2000, "1 business day"
MOST_FILES, MOST_BYTES = 50, 200 * 1024 * 1024  # of one plan, sent by the customer


def guest(plan: Plan) -> Actor:
    """The customer, doing what their page lets them do."""
    return system("web", name=str(plan.person or plan.company or plan)[:200])


def looked(plan: Plan) -> None:
    """Note that they opened their page, once a day."""
    now = timezone.now()
    with once(f"onboarding.opened:{plan.pk}:{timezone.localdate(now)}") as first:
        if first:
            with change(plan, by=guest(plan)) as c:
                c.row.opened_at = now
                c.says(events.PageOpened())


def ask(plan: Plan, words: str, step: Step | None = None) -> None:
    """A question to whoever looks after them: on the story, in the owner's inbox, and something to be done. Without words
    it asks to be called. Raises Invalid."""
    if len(words) > LONGEST:
        raise Invalid(_("A question has at most %s characters; send the rest as a file.") % LONGEST, "question")
    by = guest(plan)
    with override(plan.owner.language or None) if plan.owner else speaking(""):
        about = _("“%s”") % step.name if step is not None else _("the onboarding")
        question = words or _("Please get in touch about %s.") % about
        subject = _("Answer %(who)s: %(words)s") % {"who": plan.person or plan.company or plan, "words": question}
        told = _("%(who)s asks: %(words)s") % {"who": plan.person or plan.company or plan, "words": question}
    with change(plan, by=by) as c:
        c.says(events.Asked(question, step.name if step else ""))
    activities.create({
        "kind": "task", "subject": subject[:300], "body": question, "person": plan.person, "company": plan.company, "deal": plan.deal,
        "owner": plan.owner, "team": plan.team, "due_at": parse_span(ANSWER_WITHIN).after(timezone.now(), calendar_of()),
    }, by=by)  # fmt: skip
    _tell(plan, told, f"onboarding.asked:{c.events[0]}", by)
    touch(dict.fromkeys(plan.about(), timezone.now()))


def tick(plan: Plan, step: Step) -> None:
    """They did what was theirs. Raises Invalid for a step that is ours."""
    if step.side != Side.THEIRS or step.plan_id != plan.pk:
        raise Invalid(_("This step is ours to do; ask us about it."))
    if step.state == StepState.OPEN:
        end(step, StepState.DONE, timezone.localdate(), "", guest(plan))
        _tell(plan, _("%(who)s finished “%(step)s”.") % {"who": plan.person or plan.company or plan, "step": step.name},
              f"onboarding.ticked:{step.pk}:{timezone.localdate()}", guest(plan))  # fmt: skip


def send_files(plan: Plan, uploads: Sequence[Any]) -> tuple[list[Any], list[Invalid]]:
    """Keep files with the plan; returns those kept and why each of the others was not."""
    kept = StoredFile.objects.filter(record_type="onboarding_plan", record_id=plan.pk)
    size = sum(kept.values_list("size", flat=True)) + sum(one.size for one in uploads)
    if kept.count() + len(uploads) > MOST_FILES or size > MOST_BYTES:
        raise Invalid(_("There is no room for more files here. Send them to us by mail."), "files")
    stored, refused, _op = add_files(registry["onboarding_plan"], plan, uploads, by=guest(plan))
    if stored:
        names = ", ".join(one.name for one in stored)
        _tell(plan, _("%(who)s sent files: %(names)s") % {"who": plan.person or plan.company or plan, "names": names},
              f"onboarding.files:{stored[0].pk}", guest(plan))  # fmt: skip
    return stored, refused


def _tell(plan: Plan, words: str, key: str, by: Actor) -> None:
    owner = User.objects.filter(pk=plan.owner_id or 0, is_active=True).first()
    if owner is not None:
        notify([owner], words, kind=KIND, key=key, by=by, about=("onboarding_plan", plan.pk))
