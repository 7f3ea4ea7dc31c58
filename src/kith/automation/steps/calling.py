"""Calling another system: a signed POST, made by a job of its own that waits ten seconds and tries again later."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.automation.calls import check_address
from kith.automation.steps.base import Asked, Done, Going, Hold, Look, Step, StepKind, words_of
from kith.kernel.errors import Invalid


class Call(StepKind):
    name, label = "webhook", gettext_lazy("Call another system")
    keys, required, about_row = ("url",), ("url",), False
    asks = (Asked("url", gettext_lazy("Address"), "url", gettext_lazy("It gets a signed POST with the row.")),)

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            check_address(words_of(step, "url"))
        except Invalid as problem:
            yield problem.message

    def say(self, step: Step, look: Look) -> str:
        if not look.by.can("settings.manage"):
            return _("call another system")  # where to is for those who may edit it
        return _("call %s") % (
            urlsplit(words_of(step, "url")).hostname or words_of(step, "url")
        )  # its path may be a secret

    def run(self, step: Step, going: Going) -> Done | Hold:
        if going.rehearsing:
            return Done(_("would be called"))
        return Hold(verb="answer", why=_("Waiting for an answer."), job="automation.call")
