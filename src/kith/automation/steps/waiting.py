"""Waiting: a length of time, until something happens to the row (with a limit), or until somebody is at work."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.automation.lengths import read_length
from kith.automation.steps.base import Asked, Done, Going, Hold, Look, Step, StepKind, words_of
from kith.automation.triggers import all_verbs, say_event
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import Invalid

AT_WORK = "business hours"


class Wait(StepKind):
    """`for` a length; or `until` an event's verb or "business hours", with `at_most` and what `otherwise` ("stop")."""

    name, label = "wait", gettext_lazy("Wait")
    keys, about_row = ("for", "until", "at_most", "otherwise"), False
    asks = (
        Asked("for", gettext_lazy("How long"), hint=gettext_lazy("30 min, 3 days, 2 weeks, 2 business days, 4 business hours")),
        Asked("until", gettext_lazy("Or until"), "select", choices=lambda look: _awaitable(look)),
        Asked("at_most", gettext_lazy("Until then at most"), hint=gettext_lazy("7 days")),
        Asked("otherwise", gettext_lazy("If it has not happened by then"), "select",
              choices=lambda _look: [("go on", _("go on")), ("stop", _("stop"))]),
    )  # fmt: skip

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            length, until, limit = (words_of(step, key) for key in ("for", "until", "at_most"))
            otherwise = words_of(step, "otherwise")
            for text in (length, limit):
                if text and read_length(text).sign < 0:
                    yield _("it cannot wait for “%s”, which is past.") % text
        except Invalid as problem:
            yield problem.message
            return
        if bool(length) == bool(until):
            yield _("say either how long it waits (for) or what it waits for (until).")
        if until and until != AT_WORK:
            if until not in all_verbs():
                yield _("it waits for “%s”, which is no event.") % until
            if look.record is None:
                yield _("it waits for an event of a row, and this workflow is about no type of record.")
            if not limit:
                yield _("say how long it waits at most (at_most), or it could wait for ever.")
        if otherwise not in ("", "go on", "stop"):
            yield _("what it does otherwise is “go on” or “stop”.")

    def say(self, step: Step, look: Look) -> str:
        if length := words_of(step, "for"):
            return _("wait %s") % _length(length)
        until = words_of(step, "until")
        if until == AT_WORK:
            return _("wait until business hours")
        event = say_event(until)
        words = {"event": event[:1].lower() + event[1:], "limit": _length(words_of(step, "at_most"))}
        if words_of(step, "otherwise") == "stop":
            return _("wait until: %(event)s, and stop if that has not happened within %(limit)s") % words
        return _("wait until: %(event)s, at most %(limit)s") % words

    def run(self, step: Step, going: Going) -> Done | Hold:
        if going.rehearsing:
            return Done(_("would wait"))
        now = timezone.now()
        if length := words_of(step, "for"):
            return Hold(until=read_length(length).after(now))
        until = words_of(step, "until")
        if until == AT_WORK:
            opens = calendar_of().next_open(now)
            return Done(_("somebody is at work")) if opens <= now else Hold(until=opens)
        return Hold(until=read_length(words_of(step, "at_most")).after(now), verb=until)


def _awaitable(look: Look) -> list[tuple[str, str]]:
    return [(AT_WORK, _("business hours")), *all_verbs().items()]


def _length(text: str) -> str:
    try:
        return read_length(text).say()
    except Invalid:
        return text
