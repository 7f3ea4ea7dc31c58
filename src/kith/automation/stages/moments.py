"""The trigger of stages: a relationship comes to one, leaves it, overruns it, or falls silent in it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.automation.triggers import OnEvent
from kith.kernel.access.actor import Actor
from kith.kernel.timeline.models import Event
from kith.process.definition.shape import MOMENTS, TOLD_BY
from kith.process.kinds import stages

SAYS = {
    "entry": gettext_lazy("When a relationship comes to “%s”"),
    "exit": gettext_lazy("When a relationship leaves “%s”"),
    "overdue": gettext_lazy("When a relationship should have left “%s”"),
    "silent": gettext_lazy("When a relationship hears nothing in “%s” for longer than allowed"),
}


class OnStage(OnEvent):
    """`when: {stage: qualify, moment: entry}`, about journeys. Stages are named by key, so renaming one changes nothing."""

    key, also, label = "stage", ("moment",), gettext_lazy("a relationship comes to a step, leaves it or overruns it")

    @property
    def moment(self) -> str:
        return str(self.when.get("moment") or MOMENTS[0])

    def faults(self, by: Actor) -> Iterator[str]:
        if self.definition.record != "journey":
            yield _("It starts by a step of a process, so it is about journeys: write record: journey.")
        if self.moment not in MOMENTS:
            yield _("moment is one of %(known)s, not “%(moment)s”.") % {
                "known": ", ".join(MOMENTS), "moment": self.moment[:60]}  # fmt: skip
        if self.value not in stages():
            yield _("It starts by the step “%s”, which no process has.") % self.value[:60]

    def verbs(self) -> frozenset[str]:
        return frozenset(verb for verb, _key in TOLD_BY.get(self.moment, ()))

    def hears(self, event: Event) -> bool:
        return any(
            event.verb == verb and event.payload.get(key) == self.value for verb, key in TOLD_BY.get(self.moment, ())
        )

    def told_by(self) -> Q:
        every = Q(pk__in=[])
        for verb, key in TOLD_BY.get(self.moment, ()):
            every |= Q(verb=verb, **{f"payload__{key}": self.value})
        return every

    def version_at(self, event: Event) -> int | None:
        """The version of the process that the journey was held to when it happened."""
        found = event.payload.get("version")
        return found if isinstance(found, int) else None

    def say(self, by: Actor) -> str:
        name = stages().get(self.value, self.value)
        return str(SAYS.get(self.moment, SAYS["entry"])) % name
