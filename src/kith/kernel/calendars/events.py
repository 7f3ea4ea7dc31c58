"""What happens to business calendars, beyond being changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class MadeDefault(EventType):
    verb, sentence, icon = "business_calendar.made_default", _("made this the default calendar"), "star"
