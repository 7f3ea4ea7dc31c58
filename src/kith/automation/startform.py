"""The form of what starts a workflow: only what belongs to the way that is chosen, and times as people say them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from kith.automation.stages.documents import MOMENT_WORDS
from kith.automation.stages.moments import OnStage
from kith.automation.triggers import (
    MORNING,
    TRIGGERS,
    OnBecoming,
    OnDate,
    OnEvent,
    OnSchedule,
    OnWebhook,
    all_verbs,
    verbs_of,
)
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day
from kith.kernel.records.registry import registry
from kith.process.kinds import stages
from kith.ui.forms import tidy

TYPED = "typed"
RHYTHMS = (
    ("daily", gettext_lazy("every day")), ("weekly", gettext_lazy("every week")), ("monthly", gettext_lazy("every month")),
    (TYPED, gettext_lazy("otherwise, as a rule of five parts")),
)  # fmt: skip
KEYS = ("record", "how", "rhythm", "clock", "weekday", "monthday", *TRIGGERS, *OnDate.also, *OnStage.also)


def read_form(posted: Mapping[str, str]) -> dict[str, str]:
    return {key: tidy(posted.get(key)).strip() for key in KEYS}


def start_of(sent: dict[str, str], before: dict[str, Any]) -> dict[str, Any]:
    """`record` and `when` of a document as the form says them. Raises Invalid for a time that is none."""
    kind = TRIGGERS.get(sent["how"])
    record = "journey" if kind is OnStage else sent["record"]
    if kind is None:
        return {"record": record, "when": {}}
    if kind is OnBecoming:
        return {"record": record, "when": {kind.key: before.get(kind.key, "")}}
    if kind is OnWebhook:
        return {"record": record, "when": {kind.key: "true"}}
    value = _cron(sent) if kind is OnSchedule else sent.get(kind.key, "")
    return {"record": record, "when": {kind.key: value, **{key: sent[key] for key in kind.also if sent.get(key)}}}


def _cron(sent: dict[str, str]) -> str:
    """The schedule as it is kept: minute, hour, day, month, weekday."""
    rhythm = sent["rhythm"] or TYPED
    if rhythm == TYPED:
        return sent["schedule"]
    try:
        at = dt.time.fromisoformat(sent["clock"] or MORNING)
    except ValueError:
        raise Invalid(_("“%s” is not a time of day; write it like 08:00.") % sent["clock"], "clock") from None
    if rhythm == "daily":
        return f"{at.minute} {at.hour} * * *"
    key, least, most = ("weekday", 1, 7) if rhythm == "weekly" else ("monthday", 1, 31)
    day = sent[key] or "1"
    if not (day.isascii() and day.isdecimal() and least <= int(day) <= most):
        raise Invalid(_("Say on which day; from %(least)s to %(most)s.") % {"least": least, "most": most}, key)
    place = f"* * {int(day) % 7}" if rhythm == "weekly" else f"{int(day)} * *"
    return f"{at.minute} {at.hour} {place}"


def rhythm_of(cron: str) -> dict[str, str]:
    """What the form shows of a schedule."""
    parts = cron.split()
    shown = {"rhythm": TYPED if cron else "daily", "clock": MORNING, "weekday": "1", "monthday": "1"}
    if len(parts) != 5 or not all(part.isdecimal() for part in parts[:2]) or parts[3] != "*":
        return shown
    minute, hour, day, _month, weekday = parts
    shown["clock"] = f"{int(hour):02}:{int(minute):02}"
    if (day, weekday) == ("*", "*"):
        return shown | {"rhythm": "daily"}
    if day == "*" and weekday.isdecimal():
        return shown | {"rhythm": "weekly", "weekday": str(int(weekday) or 7)}
    if weekday == "*" and day.isdecimal():
        return shown | {"rhythm": "monthly", "monthday": day}
    return shown


def fields(draft: dict[str, Any], sent: dict[str, str] | None, actor: Actor) -> dict[str, Any]:
    """What the form shows: of a draft, or as it was sent."""
    when = draft.get("when", {})
    how = sent["how"] if sent else next((key for key in TRIGGERS if key in when), "")
    name = (sent or draft).get("record", "")
    kept = {key: str(when.get(key, "")) for key in KEYS} | rhythm_of(str(when.get("schedule", "")))
    records = [r for r in registry if not r.settings and actor.can(f"{r.name}.see")]
    record = next((r for r in records if r.name == name), None)
    return {
        "v": {**kept, **(sent or {}), "record": name}, "how": how, "records": [(r.name, r.label) for r in records],
        "hows": [(key, str(kind.label)) for key, kind in TRIGGERS.items()], "about": record,
        "events": _events(record) if how == OnEvent.key else [], "dates": _dates(record, actor),
        "rhythms": [(key, str(words)) for key, words in RHYTHMS], "weekdays": _weekdays(),
        "stages": list(stages().items()), "moments": [(key, str(words)) for key, words in MOMENT_WORDS.items()],
    }  # fmt: skip


def _events(record: Any) -> list[tuple[str, str]]:
    """What can happen, what happens to rows of this type first."""
    every = all_verbs()
    own = [verb for verb in verbs_of(record) if verb in every] if record is not None else []
    return [(verb, every[verb]) for verb in dict.fromkeys([*own, *every])]


def _dates(record: Any, actor: Actor) -> list[tuple[str, str]]:
    columns = record.columns(actor).values() if record is not None else ()
    return [(c.key, c.label) for c in columns if isinstance(c.kind, Day) and c.expr is None and c.filterable]


def _weekdays() -> list[tuple[str, str]]:
    names = get_day_names("wide", locale=to_locale(get_language() or "en"))
    return [(str(n + 1), names[n]) for n in range(7)]
