"""What a definition says, in the words of people: events, needs, rules, automations, and the choices they are made from."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.queries import colleagues
from kith.kernel.errors import KithError
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.directory import teams
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.timeline.types import EVENTS
from kith.process.clock import read_span
from kith.process.definition.shape import OF, Automation, Definition, Need, Rule

Choices = list[tuple[str, Any]]
EVENT_WORDS = {
    "person.created": gettext_lazy("a person is added"), "person.changed": gettext_lazy("a person is changed"),
    "company.created": gettext_lazy("a company is added"), "company.changed": gettext_lazy("a company is changed"),
    "deal.created": gettext_lazy("a deal is opened"), "deal.won": gettext_lazy("a deal is won"),
    "deal.lost": gettext_lazy("a deal is lost"), "deal.stage_moved": gettext_lazy("a deal moves to another stage"),
    "deal.reopened": gettext_lazy("a deal is opened again"), "deal.lines_changed": gettext_lazy("the products of a deal change"),
    "deal.committee_changed": gettext_lazy("the buying committee of a deal changes"),
    "activity.called": gettext_lazy("there was a call"), "activity.met": gettext_lazy("there was a meeting"),
    "activity.noted": gettext_lazy("a note is written"), "activity.planned": gettext_lazy("a task or a meeting is planned"),
    "activity.done": gettext_lazy("a task is done"), "mail.written": gettext_lazy("a mail is written to them"),
    "mail.sent": gettext_lazy("a mail to them left"), "mail.received": gettext_lazy("they write to us"),
    "mail.opened": gettext_lazy("they open a mail of ours"), "mail.clicked": gettext_lazy("they follow a link in a mail of ours"),
    "file.added": gettext_lazy("a file is added"), "journey.handover_accepted": gettext_lazy("the handover is accepted"),
}  # fmt: skip
GROUPS = {
    "person": gettext_lazy("People"), "company": gettext_lazy("Companies"), "deal": gettext_lazy("Deals"),
    "activity": gettext_lazy("Activities"), "mail": gettext_lazy("E-mail"), "file": gettext_lazy("Files"),
    "journey": gettext_lazy("The relationship"),
}  # fmt: skip
MOMENT_WORDS = {
    "entry": gettext_lazy("On entering"), "exit": gettext_lazy("On leaving"), "overdue": gettext_lazy("When overdue"),
    "silent": gettext_lazy("When silent too long"),
}  # fmt: skip
BY_WORDS = {
    "field": gettext_lazy("A field is filled in"), "rule": gettext_lazy("A rule holds"),
    "event": gettext_lazy("Something happened since the step began"), "hand": gettext_lazy("Somebody ticks it"),
}  # fmt: skip


class _Dots(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def say_event(verb: str) -> str:
    """ "a deal is won" """
    if verb in EVENT_WORDS:
        return str(EVENT_WORDS[verb])
    kind = EVENTS.get(verb)
    return _("somebody %s") % str(kind.sentence).format_map(_Dots()) if kind else verb


def event_choices(*chosen: str) -> Choices:
    """Events that concern customers, by what they happen to; `chosen` ones that are none of them stand at the end."""
    every = dict.fromkeys([*EVENT_WORDS, *(v for v in EVENTS if v.partition(".")[0] in GROUPS)])
    groups: Choices = [
        (str(label), [(v, say_event(v)) for v in every if v.partition(".")[0] == name and not _own(v)])
        for name, label in GROUPS.items()
    ]
    strange = [(v, say_event(v)) for v in chosen if v and (v not in every or _own(v))]
    return [*groups, *([(_("Other"), strange)] if strange else [])]


def _own(verb: str) -> bool:
    """Events that the process itself writes bring nobody on, except the acceptance of a handover."""
    return verb.startswith("journey.") and verb not in EVENT_WORDS


def of_choices(looks: tuple[str, ...] = OF) -> Choices:
    return [(name, str(registry[name].label)) for name in looks if registry.get(name)]


def column_choices() -> Choices:
    """Fields that can be asked to be filled in, as "company.industry", by record type."""
    return [
        (label, [(f"{of}.{k}", c.label) for k, c in registry[of].columns().items() if c.filterable and "filled" in c.kind.operators()])
        for of, label in of_choices()
    ]  # fmt: skip


def action_choices() -> Choices:
    """Actions that can run by themselves, by what they are about."""
    made: dict[str, Choices] = {}
    for name, action in ACTIONS.items():
        group = GROUPS.get(name.partition(".")[0])
        if group is not None and not action.points:
            made.setdefault(str(group), []).append((name, str(action.label)))
    return list(made.items())


def team_choices(definition: Definition) -> Choices:
    """Teams there are, and those that the process names already."""
    names = {team.name for team in teams().values()} | {
        team for s in definition.stages for team in (s.team, *s.team_for.values()) if team
    }
    return [(name, name) for name in sorted(names, key=str.casefold)]


def colleague_choices(chosen: str) -> Choices:
    """Colleagues at work, by the address that a definition names them by; the one it names stands there even if gone."""
    pairs = [(user.email, user.name) for user in colleagues() if user.is_active]
    return pairs if chosen in {"", *(email for email, _name in pairs)} else [*pairs, (chosen, chosen)]


def say_rule(rule: Rule | None, actor: Actor) -> str:
    """The rule as a sentence; one that cannot be read is shown as it is written."""
    record = registry.get(rule.of) if rule else None
    if rule is None or record is None:
        return rule.where if rule else ""
    try:
        return f"{record.label}: {say_tree(record, parse(rule.where), actor)}"
    except KithError:
        return f"{record.label}: {rule.where}"


def say_need(need: Need, actor: Actor) -> str:
    """How it is seen that this is met."""
    if need.by == "field":
        record = registry.get(need.of)
        column = record.columns().get(need.column) if record else None
        said = {"field": column.label if column else need.column, "of": record.label if record else need.of}
        return _("%(of)s: “%(field)s” is filled in") % said
    if need.by == "rule":
        return say_rule(need.rule, actor)
    if need.by == "event":
        return _("Since the step began, %s") % say_event(need.event)
    return _("Ticked by hand")


def say_automation(line: Automation) -> tuple[str, str]:
    """("On entering", "plan a task: Call them")"""
    action = ACTIONS.get(line.do)
    what = str(action.label) if action else line.do
    inputs = ", ".join(value for value in line.inputs.values() if value)
    return str(MOMENT_WORDS.get(line.moment, line.moment)), line.says or f"{what}{': ' if inputs else ''}{inputs}"


def say_span(words: str) -> str:
    """A span for people; one that cannot be read is shown as it is written."""
    try:
        span = read_span(words)
    except KithError:
        return words
    return span.show() if span else ""
