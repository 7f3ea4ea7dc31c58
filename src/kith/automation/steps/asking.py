"""Asking a person: the run waits until they approve or decline, on its page, or until a limit has passed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.activities.notices import notify
from kith.automation.filling import colleagues_of, say_value, text_filled, value_faults
from kith.automation.lengths import read_length
from kith.automation.steps.base import Asked, Done, Going, Hold, Look, Step, StepKind, words_of
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Colleague, LongText

PATIENCE = "7 days"


class Approve(StepKind):
    """Declined, or without an answer within `at_most`, the run stops there."""

    name, label = "approve", gettext_lazy("Ask for approval")
    keys, required, about_row = ("by", "question", "at_most"), ("by", "question"), False
    asks = (
        Asked("by", gettext_lazy("Whom"), hint=gettext_lazy("A name, or =owner")),
        Asked("question", gettext_lazy("Question"), "textarea"),
        Asked("at_most", gettext_lazy("At most"), hint=gettext_lazy("Seven days when left out; then the run stops.")),
    )

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            who, text = words_of(step, "by"), words_of(step, "question")
            if limit := words_of(step, "at_most"):
                read_length(limit)
        except Invalid as problem:
            yield problem.message
            return
        yield from value_faults(_("By"), who, Colleague(), look.record, look.by)
        yield from value_faults(_("Question"), text, LongText(), look.record, look.by)

    def say(self, step: Step, look: Look) -> str:
        who = say_value(words_of(step, "by"), Colleague(), look.record, look.by)
        return _("ask %(who)s “%(question)s” and go on only with a yes") % {
            "who": who,
            "question": words_of(step, "question"),
        }

    def run(self, step: Step, going: Going) -> Done | Hold:
        people = colleagues_of([words_of(step, "by")], going.record, going.row, going.by)
        if not people:
            raise Invalid(_("Whoever should approve is not at work any more; name somebody else and publish again."))
        if going.rehearsing:
            return Done(_("%s would be asked") % people[0])
        question = text_filled(words_of(step, "question"), going.record, going.row, going.by)
        notify(
            people,
            question,
            kind="approval",
            about=("run", going.run.pk),
            by=going.by,
            key=f"run:{going.run.pk}:{going.place}",
        )
        until = read_length(words_of(step, "at_most") or PATIENCE).after(timezone.now())
        return Hold(until=until, verb="approval", why=_("%(who)s is asked: %(question)s") % {"who": people[0], "question": question}, asked=people[0])  # fmt: skip
