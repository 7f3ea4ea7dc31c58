"""The form of one stage: what a browser sends becomes a stage, and what cannot be taken is told at its field."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.errors import KithError
from kith.process import clock
from kith.process.definition.shape import SOFT, STRICT, Definition, Stage
from kith.ui.dates import full
from kith.ui.forms import tidy

LINES = ("name", "team", "purpose", "prevents", "fallback")
SPANS = ("within", "warn", "silence", "fallback_after")
MOST_LINE, MOST_PLAYBOOK = 300, 20_000


@dataclass
class Sent:
    """What was sent: the stage it says as far as it can be taken, spans as they were typed, and sentences by field."""

    stage: Stage
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()  # keys in the order in which they were put, and so were the stages
    stages: tuple[str, ...] = ()


def typed_of(stage: Stage) -> dict[str, str]:
    """The spans of a stage as their fields show them."""
    return {name: getattr(stage, name) for name in SPANS} | {f"within-{k}": w for k, w in stage.within_for.items()}


def read_stage(stage: Stage, definition: Definition, post: QueryDict) -> Sent:
    """The stage that the form says; its needs, entry rule and automations stay, which have forms of their own."""
    typed: dict[str, str] = {}
    errors: dict[str, str] = {}
    values: dict[str, Any] = {name: tidy(post.get(name)).strip() for name in LINES}
    if not values["name"]:
        errors["name"] = _("A step needs a name, for example Trial.")
    for name, words in values.items():
        if len(words) > MOST_LINE:
            errors[name] = _("This is longer than %s characters; say it in a sentence.") % MOST_LINE
    values["playbook"] = tidy(post.get("playbook")).strip()
    if len(values["playbook"]) > MOST_PLAYBOOK:
        errors["playbook"] = _("A playbook has %s characters at most; nobody reads more beside a call.") % MOST_PLAYBOOK
    step = post.get("step", "")
    values["step"] = int(step) if step in set("123456789") else stage.step
    values["gate"] = SOFT if post.get("soft") else STRICT
    values["handover"] = bool(post.get("handover"))
    values["lead_only"] = bool(post.get("lead_only")) and values["gate"] == SOFT
    values["enters_on"] = tuple(dict.fromkeys(v for v in map(tidy, post.getlist("enters_on")) if v))
    for name in ("forward", "back", "only"):
        ticked = set(post.getlist(name))
        values[name] = tuple(key for key, _words in ways(definition, stage, name) if key in ticked)
    spans = {name: _span(name, post, typed, errors) for name in SPANS}
    own = {s.key: _span(f"within-{s.key}", post, typed, errors) for s in definition.segments}
    if spans["warn"] and not (spans["within"] or any(own.values())):
        errors["warn"] = _("Say first within which time the gate is to be passed.")
    if spans["fallback_after"] and not values["fallback"]:
        errors["fallback_after"] = _("Say first who gets what nobody takes.")
    teams = {s.key: tidy(post.get(f"team-{s.key}")).strip()[:MOST_LINE] for s in definition.segments}
    values["team_for"] = {key: team for key, team in teams.items() if team and team != values["team"]}
    values["within_for"] = {key: words for key, words in own.items() if words}
    needs, stages = (tuple(map(tidy, post.getlist(name))) for name in ("needs", "stages"))
    return Sent(replace(stage, **values, **spans), typed, errors, needs, stages)


def _span(name: str, post: QueryDict, typed: dict[str, str], errors: dict[str, str]) -> str:
    """A span in the words in which it is kept; "" for none or for what cannot be read, which is told."""
    typed[name] = tidy(post.get(name)).strip()
    try:
        span = clock.read_span(typed[name])
    except KithError as problem:
        errors[name] = problem.message
        return ""
    return str(span) if span else ""


def ways(definition: Definition, stage: Stage, name: str) -> list[tuple[str, str]]:
    """What can be ticked under forward (stages after this one), back (those before it) and only (segments)."""
    if name == "only":
        return [(s.key, s.name) for s in definition.segments]
    here = definition.order[stage.key]
    on = definition.stages[here + 1 :] if name == "forward" else definition.stages[:here]
    return [(s.key, s.name) for s in on]


def level_words(definition: Definition, stage: Stage) -> list[str]:
    """What the service level means now, in sentences: "Whoever enters now has until …"."""
    now, out = timezone.now(), []
    names = [("", "")] + [(s.key, s.name) for s in definition.segments if s.key in stage.within_for]
    for key, name in names:
        try:
            due = clock.due(definition, stage, key, now)
            warn = clock.warns(definition, stage, due)
        except KithError:
            continue  # told among the faults of the process
        if due is None:
            continue
        said = {"name": name, "when": full(due), "warn": full(warn) if warn else ""}
        words = _("%(name)s: until %(when)s.") if key else _("Whoever enters now has until %(when)s.")
        out.append(words % said + (" " + _("The owner is warned from %(warn)s.") % said if warn else ""))
    return out
