"""The step that does something for the customer of a journey: the person or company whose way it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.automation.steps.acting import Verb
from kith.automation.steps.base import Asked, Going, Look, Step, words_of
from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_called
from kith.kernel.errors import Invalid, KithError
from kith.kernel.records.action import ACTIONS, Action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.process.events import AutomationFailed


class ForCustomer(Verb):
    """Any action that a customer's page offers. Values come from the journey; business spans pass by `calendar`."""

    name, label = "customer", gettext_lazy("Do something for the customer of a relationship")
    keys, required = ("action", "inputs", "calendar"), ("action",)
    asks = (Asked("action", gettext_lazy("Action"), "select", choices=lambda _look: _choices()),)

    def action(self, step: Step, look: Look) -> Action:
        found = ACTIONS.get(words_of(step, "action"))
        if found is None or found.points:
            raise Invalid(_("there is no action “%s” any more") % words_of(step, "action"))
        return found

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        if look.record.name != "journey":
            yield (
                _("it is about the customer of a relationship; this workflow is about a %s.")
                % look.record.label.lower()
            )
            return
        try:
            calendar_called(words_of(step, "calendar"))
        except KithError as problem:
            yield problem.message
        yield from super().faults(step, look)

    def say(self, step: Step, look: Look) -> str:
        act = ACTIONS.get(str(step.get("action")))
        if act is None:
            return _("do “%s” for the customer, which is gone") % step.get("action")
        return _("for the customer: %(action)s%(inputs)s") % {
            "action": str(act.label).lower(), "inputs": self.say_inputs(step, look, act)}  # fmt: skip

    def subject(self, going: Going) -> Any:
        customer = going.row.customer
        record = registry.by_model(type(customer))
        assert record is not None
        return record.get(going.by, customer.pk)

    def calendar(self, step: Step) -> Calendar | None:
        return calendar_called(words_of(step, "calendar"))

    def failed(self, step: Step, going: Going, why: str) -> None:
        """Told on the customer's timeline as well, where those who look after them read it."""
        with change(going.row, by=going.by) as c:
            c.says(AutomationFailed(going.run.name, why))


def _choices() -> list[tuple[str, str]]:
    """What can be done for people and companies alike: entries, and actions that both have."""
    both = set.intersection(*({act.name for act in registry[name].actions} for name in ("person", "company")))
    return [
        (name, str(act.label)) for name, act in ACTIONS.items()
        if not act.points and (name.startswith("activity.") or name in both)
    ]  # fmt: skip
