"""Steps that change the row: run an action, write an entry, set columns, give it to somebody.

They go through the same verbs as every face, as the workflow's author, so every rule holds and all can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.activities.mail import message_of, send_again
from kith.automation.filling import colleagues_of, filled, people_faults, say_people, say_value, team_of, value_faults
from kith.automation.steps.base import Asked, Done, Going, Look, Step, StepKind, list_of, table_of, words_of
from kith.kernel.calendars.hours import Calendar
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.kinds import Colleague, Text
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, Action, perform
from kith.kernel.timeline.operations import operation
from kith.ui.panels import composers


class Verb(StepKind):
    """What running an action and writing an entry have in common: an action with inputs."""

    def action(self, step: Step, look: Look) -> Action:
        raise NotImplementedError

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            act, given = self.action(step, look), table_of(step, "inputs")
        except Invalid as problem:
            yield problem.message
            return
        known = {i.key: i for i in act.inputs}
        for key, raw in given.items():
            if key not in known:
                yield _("“%(action)s” has no input “%(key)s”; it has: %(known)s.") % {
                    "action": act.label, "key": key, "known": ", ".join(known) or _("none")}  # fmt: skip
            else:
                yield from value_faults(known[key].label, raw, known[key].kind, look.record, look.by)
        for one in known.values():
            if one.needed(given) and not given.get(one.key):
                yield _("“%(action)s” needs “%(label)s” (%(input)s).") % {
                    "action": act.label, "label": one.label, "input": one.key}  # fmt: skip

    def acts(self, step: Step, look: Look) -> Action | None:
        try:
            return self.action(step, look) if look.record is not None else None
        except Invalid:
            return None

    def say_inputs(self, step: Step, look: Look, act: Action) -> str:
        given = dict(step.get("inputs") or {})
        first = next((i.key for i in act.inputs if isinstance(i.kind, Text) and i.kind.widget == "text"), "")
        head = f" “{given.pop(first)}”" if given.get(first) else ""
        parts = [
            f"{i.label.lower()} {say_value(given[i.key], i.kind, look.record, look.by)}"
            for i in sorted(act.inputs, key=lambda one: one.kind.widget == "textarea") if given.get(i.key)  # long texts last
        ]  # fmt: skip
        return head + (f" ({', '.join(parts)})" if parts else "")

    def rights(self, step: Step, look: Look) -> set[str]:
        try:
            return {self.action(step, look).needs} if look.record is not None else set()
        except Invalid:
            return set()

    def subject(self, going: Going) -> Any:
        """The row that it is done to."""
        return going.row

    def calendar(self, step: Step) -> Calendar | None:
        """Which working time its spans pass by; None for the organisation's."""
        return None

    def run(self, step: Step, going: Going) -> Done:
        act, row = self.action(step, Look(going.record, going.by)), self.subject(going)
        if row is not None and not act.applies(row):
            raise Invalid(_("“%s” makes no sense here any more.") % act.label)
        kinds, given, calendar = {i.key: i.kind for i in act.inputs}, table_of(step, "inputs"), self.calendar(step)
        raw = {k: filled(v, kinds.get(k), going.record, going.row, going.by, calendar) for k, v in given.items()}
        if going.rehearsing and not act.undo:
            return Done(_("would be done; it cannot be taken back"))
        outcome = perform(act, row, raw, by=going.by)
        return Done(operation=outcome.operation.pk if outcome.operation else None, wrote=message_of(outcome.result))


class RunAction(Verb):
    """Any action of the record type that somebody could choose on its page."""

    name, label = "action", gettext_lazy("Run an action")
    keys, required = ("action", "inputs"), ("action",)
    asks = (Asked("action", gettext_lazy("Action"), "select", choices=lambda look: _actions(look)),)

    def action(self, step: Step, look: Look) -> Action:
        known = {act.name: act for act in look.record.actions if not act.points}
        found = known.get(words_of(step, "action"))
        if found is None:
            raise Invalid(_("a %(what)s has no action “%(action)s”; it has %(known)s.") % {
                "what": look.record.label.lower(), "action": words_of(step, "action"),
                "known": ", ".join(known) or _("none")})  # fmt: skip
        return found

    def say(self, step: Step, look: Look) -> str:
        act = ACTIONS.get(str(step.get("action")))
        if act is None:
            return _("run “%s”, which is gone") % step.get("action")
        return _("run “%(action)s”%(inputs)s") % {"action": act.label, "inputs": self.say_inputs(step, look, act)}

    def touches(self, step: Step, look: Look) -> set[str]:
        return {str(step.get("action"))}


class Write(Verb):
    """An entry as the composer on a record page writes it: a task, a note, a mail."""

    name, label = "write", gettext_lazy("Write a task, note or mail")
    keys, required = ("kind", "inputs"), ("kind",)
    asks = (Asked("kind", gettext_lazy("Kind of entry"), "select", choices=lambda look: _entries(look)),)

    def action(self, step: Step, look: Look) -> Action:
        found = composers().get(words_of(step, "kind"))
        if found is None or not found.applies(look.record, None):
            able = [key for key, one in composers().items() if one.applies(look.record, None)]
            raise Invalid(_("nothing of the kind “%(kind)s” can be written about a %(what)s; there is %(known)s.") % {
                "kind": words_of(step, "kind"), "what": look.record.label.lower(),
                "known": ", ".join(able) or _("nothing")})  # fmt: skip
        return found.action

    def say(self, step: Step, look: Look) -> str:
        found = composers().get(str(step.get("kind")))
        if found is None:
            return _("write “%s”, which is gone") % step.get("kind")
        words = {"kind": str(found.label).lower(), "inputs": self.say_inputs(step, look, found.action)}
        return _("write a %(kind)s%(inputs)s") % words

    def again(self, step: Step, going: Going) -> Any:
        """A mail that never left is sent as it was written; one that came back is written anew."""
        last = going.run.steps.filter(position=going.place, wrote__isnull=False).order_by("-pk").first()
        if last is not None and send_again(last.wrote, by=going.by):
            return Done(_("put on its way once more"), last.operation, last.wrote)
        return self.run(step, going)


class Set(StepKind):
    """Columns of the row, as its form would set them."""

    name, label = "set", gettext_lazy("Set fields")
    keys, required = ("values",), ("values",)

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            given = table_of(step, "values")
        except Invalid as problem:
            yield problem.message
            return
        columns = look.record.writable(look.by)
        for key, raw in given.items():
            if key not in columns:
                yield actions.refusal(look.record, key, look.by)
            else:
                yield from value_faults(columns[key].label, raw, columns[key].kind, look.record, look.by)

    def say(self, step: Step, look: Look) -> str:
        columns = look.record.columns() if look.record is not None else {}
        parts = [
            _("%(field)s to %(value)s") % {
                "field": columns[k].label.lower() if k in columns else k,
                "value": say_value(v, columns[k].kind if k in columns else None, look.record, look.by) or _("nothing")}
            for k, v in (step.get("values") or {}).items()
        ]  # fmt: skip
        return _("set %s") % _(" and ").join(parts)

    def rights(self, step: Step, look: Look) -> set[str]:
        return {f"{look.record.name}.edit"} if look.record is not None else set()

    def touches(self, step: Step, look: Look) -> set[str]:
        values = step.get("values")
        return set(values) if isinstance(values, dict) else set()

    def run(self, step: Step, going: Going) -> Done:
        return _edit(going, {
            key: filled(raw, column.kind if (column := going.record.columns().get(key)) else None, going.record, going.row, going.by)
            for key, raw in table_of(step, "values").items()
        })  # fmt: skip


class Assign(StepKind):
    """Give the row to one of several people, in turn; those who have left are passed over."""

    name, label = "assign", gettext_lazy("Give it to somebody")
    keys, required = ("to", "column"), ("to",)
    asks = (
        Asked("to", gettext_lazy("To"), hint=gettext_lazy("Names parted by commas, =owner, or team South"), many=True),
    )

    def column(self, step: Step, record: Any) -> str:
        """Whose column it is: the one named, or the one that decides who looks after the row."""
        return words_of(step, "column") or str(getattr(record.scope, "owner", "") or "owner")

    def faults(self, step: Step, look: Look) -> Iterator[str]:
        try:
            key, refs = self.column(step, look.record), list_of(step, "to")
        except Invalid as problem:
            yield problem.message
            return
        column = look.record.writable(look.by).get(key)
        if column is None or not isinstance(column.kind, Colleague):
            yield _("“%(field)s” of a %(what)s cannot be given to a colleague.") % {
                "field": key, "what": look.record.label.lower()}  # fmt: skip
        yield from people_faults(_("To"), refs, look.record, look.by)

    def say(self, step: Step, look: Look) -> str:
        names = say_people(list_of(step, "to"), look.record, look.by)
        words = _(", ").join(names)
        several = len(names) > 1 or any(team_of(ref) is not None for ref in list_of(step, "to"))
        return _("give it in turn to %s") % words if several else _("give it to %s") % words

    def rights(self, step: Step, look: Look) -> set[str]:
        return {f"{look.record.name}.edit"} if look.record is not None else set()

    def touches(self, step: Step, look: Look) -> set[str]:
        return {self.column(step, look.record)} if look.record is not None else set()

    def run(self, step: Step, going: Going) -> Done:
        people = colleagues_of(list_of(step, "to"), going.record, going.row, going.by)
        if not people:
            raise Invalid(_("Nobody it could be given to is still at work."))
        from kith.automation.queries import turns_taken

        chosen = people[turns_taken(going.run, going.place) % len(people)] if len(people) > 1 else people[0]
        done = _edit(going, {self.column(step, going.record): chosen})
        return Done(_("to %s") % chosen, done.operation)


def _actions(look: Look) -> list[tuple[str, str]]:
    return [(act.name, str(act.label)) for act in (look.record.actions if look.record else ()) if not act.points]


def _entries(look: Look) -> list[tuple[str, str]]:
    if look.record is None:
        return []
    return [(key, str(one.label)) for key, one in composers().items() if one.applies(look.record, None)]


def _edit(going: Going, raw: dict[str, Any]) -> Done:
    """Set columns from raw or typed values, as an operation of its own."""
    record, by = going.record, going.by
    by.require(f"{record.name}.edit")
    if not record.rows(by, "edit").filter(pk=going.row.pk).exists():
        raise NotAllowed(_("The workflow’s author may not change this %s.") % record.label.lower())
    values = actions.parse_values(record, raw, by=by)
    label = _("%(workflow)s: %(row)s") % {"workflow": going.run.name, "row": record.name_of(going.row)}
    with operation("automation.step", label, by=by, record=record.name) as (op, actor):
        actions.edit(record, going.row, values, by=actor)
    return Done(operation=op.pk)
