"""What a definition says, held against the Kith it is to run in: stages it names, columns, events, spans.

A definition can be read anywhere; whether it can be used depends on the columns and events there are. Each fault is one
sentence that names the stage and the field.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.errors import KithError
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import EVENTS, GENERIC
from kith.process.clock import calendar_for, read_span
from kith.process.definition.shape import KNOWN_FIRST, Automation, Definition, Need, Rule, Stage


def faults(definition: Definition) -> list[str]:
    """Everything that keeps this definition from being used; none when it can be published."""
    return list(_all(definition))


def _all(definition: Definition) -> Iterator[str]:
    if definition.opens and definition.opens not in definition.by_key:
        yield _("“opens” names “%s”, which is no stage.") % definition.opens
    try:
        calendar_for(definition)
    except KithError as problem:
        yield problem.message
    for words in whom_faults(definition):
        yield _("“for”, whom it is for: %s") % words
    for segment in definition.segments:
        for words in _rule(segment.rule):
            yield _("Segment “%(name)s”: %(words)s") % {"name": segment.name, "words": words}
    for stage in definition.stages:
        for words in [
            *_ways(definition, stage),
            *_rules(stage),
            *_events(stage),
            *_spans(stage),
            *_fallback(stage),
            *_automations(stage),
        ]:
            yield _("Stage “%(name)s”: %(words)s") % {"name": stage.name, "words": words}
    known = {s.key for s in definition.segments}
    for name in {"", *known}:
        if not definition.opens or definition.opens in definition.by_key:
            way = definition.way(name)
            if not way or way[0].key != definition.first.key:
                yield _("The stage where journeys begin, “%s”, must be for everybody.") % definition.first.name
                break


def whom_faults(definition: Definition) -> Iterator[str]:
    """Why it cannot be asked whom this process is for: its new customers begin elsewhere until that is mended."""
    if definition.whom is None:
        return
    if definition.whom.of not in KNOWN_FIRST:
        yield _("it looks at journeys, and whoever is asked is on none yet; look at %s.") % ", ".join(KNOWN_FIRST)
    yield from _rule(definition.whom)


def _ways(definition: Definition, stage: Stage) -> Iterator[str]:
    here = definition.order[stage.key]
    segments = {s.key for s in definition.segments}
    for name, keys, right in (("forward", stage.forward, 1), ("back", stage.back, -1)):
        for key in keys:
            place = definition.order.get(key)
            said = {"name": name, "key": key}
            if place is None:
                yield _("“%(name)s” names “%(key)s”, which is no stage.") % said
            elif place == here:
                yield _("“%(name)s” names the stage itself, so that nobody would ever leave it.") % said
            elif (place - here) * right < 0 and right > 0:
                yield (
                    _(
                        "“forward” names “%(key)s”, which comes before it; the way would be a circle. Name it under “back”."
                    )
                    % said
                )
            elif (place - here) * right < 0:
                yield _("“back” names “%(key)s”, which comes after it. Name it under “forward”.") % said
    for name, keys in (
        ("only", stage.only),
        ("within_for", tuple(stage.within_for)),
        ("team_for", tuple(stage.team_for)),
    ):
        for key in keys:
            if key not in segments:
                yield _("“%(name)s” names “%(key)s”, which is no segment.") % {"name": name, "key": key}


def _rules(stage: Stage) -> Iterator[str]:
    if stage.entry is not None:
        yield from _need(Need("", "", "entry", rule=stage.entry))
    for need in stage.needs:
        yield from _need(need)


def _need(need: Need) -> Iterator[str]:
    """Why it cannot be seen whether this is met."""
    found = list(_rule(need.rule)) if need.by in ("rule", "entry") and need.rule else []
    if need.by == "field":
        record = registry.get(need.of)
        if record is not None and need.column not in record.columns():
            found = [_("%(what)s has no field “%(key)s”.") % {"what": record.label, "key": need.column}]
    for words in found:
        yield (
            _("entry rule: %s") % words if need.by == "entry"
            else _("what it needs, “%(need)s”: %(words)s") % {"need": need.says, "words": words}
        )  # fmt: skip


def need_fault(stage: Stage, need: Need) -> str:
    """The same as a sentence that stands alone, "" where nothing is wrong: what was removed after publishing is found so."""
    words = next(_need(need), "")
    return _("Stage “%(name)s”: %(words)s") % {"name": stage.name, "words": words} if words else ""


def _rule(rule: Rule) -> Iterator[str]:
    record = registry.get(rule.of)
    if record is None:
        return
    try:
        compiled = compile_tree(record, parse(rule.where), system())
    except KithError as problem:
        yield problem.message
        return
    for condition, words in compiled.broken:
        yield f"{condition.column}: {words}"


def _events(stage: Stage) -> Iterator[str]:
    for verb in stage.enters_on:
        if not known_event(verb):
            yield _("“enters_on” names “%s”, which is no event of Kith.") % verb
    for need in stage.needs:
        if need.by == "event" and not known_event(need.event):
            yield _("what it needs, “%(need)s”: “%(verb)s” is no event of Kith.") % {
                "need": need.says,
                "verb": need.event,
            }


def known_event(verb: str) -> bool:
    """Is this an event that Kith can write: one of a room's own, or a general one of a record type?"""
    record, _dot, past = verb.partition(".")
    return verb in EVENTS or (past in GENERIC and registry.get(record) is not None)


def _spans(stage: Stage) -> Iterator[str]:
    named = [
        ("within", stage.within),
        ("warn", stage.warn),
        ("silence", stage.silence),
        ("fallback_after", stage.fallback_after),
    ]
    for name, words in [*named, *(("within_for", span) for span in stage.within_for.values())]:
        try:
            read_span(words)
        except KithError as problem:
            yield f"“{name}”: {problem.message}"
    if stage.warn and not (stage.within or stage.within_for):
        yield _("“warn” says how long before it is due, but “within” does not say when it is.")


def _fallback(stage: Stage) -> Iterator[str]:
    if stage.fallback_after and not stage.fallback:
        yield _("“fallback_after” says when, but “fallback” does not say who.")
    if stage.fallback and not User.objects.filter(is_active=True, email__iexact=stage.fallback).exists():
        yield _("“fallback” names %s, who is no colleague at work.") % stage.fallback


def _automations(stage: Stage) -> Iterator[str]:
    for n, automation in enumerate(stage.automations, 1):
        if words := _automation(automation):
            yield _("automation %(n)s: %(words)s") % {"n": n, "words": words}


def _automation(automation: Automation) -> str:
    """Why this cannot run, in a sentence; "" when it can."""
    action = ACTIONS.get(automation.do)
    if action is None:
        return _("“%s” is no action of Kith.") % automation.do
    known = [i.key for i in action.inputs if not i.given]
    for key in automation.inputs:
        if key not in known:
            return _("“%(do)s” has no input “%(key)s”; it has: %(known)s.") % {
                "do": automation.do, "key": key, "known": ", ".join(known) or _("none")}  # fmt: skip
    lacks = [i.key for i in action.inputs if i.required and not i.given and i.key not in automation.inputs]
    return _("“%(do)s” needs: %(lacks)s.") % {"do": automation.do, "lacks": ", ".join(lacks)} if lacks else ""
