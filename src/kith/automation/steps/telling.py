"""Telling colleagues: a line in their inbox, and a mail where they want one."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.activities.notices import notify
from kith.automation.filling import colleagues_of, people_faults, say_people, text_filled, value_faults
from kith.automation.steps.base import Asked, Done, Going, Look, Step, StepKind, list_of, words_of
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Bool, LongText


class Notify(StepKind):
    name, label = "notify", gettext_lazy("Tell a colleague")
    keys, required, about_row = ("to", "text", "mail"), ("to", "text"), False
    asks = (
        Asked(
            "to", gettext_lazy("Whom"), hint=gettext_lazy("Names parted by commas, =owner, or team South"), many=True
        ),
        Asked("text", gettext_lazy("Words"), "textarea", gettext_lazy("{name} writes out a field.")),
        Asked("mail", gettext_lazy("By mail too"), "switch"),
    )

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            refs, text = list_of(step, "to"), words_of(step, "text")
            Bool().parse(step.get("mail", ""))
        except Invalid as problem:
            yield problem.message
            return
        yield from people_faults(_("To"), refs, look.record, look.by)
        yield from value_faults(_("Text"), text, LongText(), look.record, look.by)

    def say(self, step: Step, look: Look) -> str:
        names = say_people(list_of(step, "to"), look.record, look.by)
        words = {"who": _(" and ").join(names), "text": words_of(step, "text")}
        if Bool().parse(step.get("mail", "")):
            return _("tell %(who)s, by mail too: “%(text)s”") % words
        return _("tell %(who)s: “%(text)s”") % words

    def run(self, step: Step, going: Going) -> Done:
        people = colleagues_of(list_of(step, "to"), going.record, going.row, going.by)
        text = text_filled(words_of(step, "text"), going.record, going.row, going.by)
        if not people:
            return Done(_("nobody to tell"))
        about = (going.record.name, going.row.pk) if going.row is not None else None
        notify(
            people, text, kind="workflow", about=about, by=going.by, mail=Bool().parse(step.get("mail", "")),
            key=f"run:{going.run.pk}:{going.place}",
        )  # fmt: skip
        return Done(_("told %s") % ", ".join(str(p) for p in people))
