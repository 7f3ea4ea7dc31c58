"""What changed between two definitions, in sentences that an owner of a process would say."""

from __future__ import annotations

import dataclasses

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.process.definition.shape import Definition, Stage

WORDS = {
    "name": gettext_lazy("the name"), "step": gettext_lazy("the colour"), "team": gettext_lazy("who owns it"), "team_for": gettext_lazy("who owns it for segments"), "purpose": gettext_lazy("why it exists"),
    "prevents": gettext_lazy("what it prevents"), "enters_on": gettext_lazy("what brings one here"), "entry": gettext_lazy("the entry rule"),
    "gate": gettext_lazy("the gate"), "playbook": gettext_lazy("the playbook"), "automations": gettext_lazy("automations"), "forward": gettext_lazy("the ways forward"),
    "back": gettext_lazy("the ways back"), "only": gettext_lazy("for whom it is"), "handover": gettext_lazy("the handover"),
    "within": gettext_lazy("the service level"), "within_for": gettext_lazy("the service level of segments"), "warn": gettext_lazy("the warning"),
    "silence": gettext_lazy("the silence allowed"), "fallback": gettext_lazy("who gets what nobody takes"),
    "fallback_after": gettext_lazy("the time until it is given on"), "lead_only": gettext_lazy("who may pass the gate with a reason"),
}  # fmt: skip


def differences(old: Definition, new: Definition) -> list[str]:
    """One sentence for each thing that differs, stages in the order of the new definition."""
    out = []
    if old.name != new.name:
        out.append(_("The process is called “%(new)s”, it was “%(old)s”.") % {"new": new.name, "old": old.name})
    if old.about != new.about:
        out.append(_("The words about the process changed."))
    if old.whom != new.whom:
        out.append(_("Whom it is for changed.") if new.whom else _("It is not for some customers alone any more."))
    if old.calendar != new.calendar:
        out.append(_("Business time is counted by another calendar."))
    if old.opens != new.opens:
        out.append(_("Relationships begin in another stage."))
    if old.segments != new.segments:
        out.append(_("The segments changed."))
    out += [_("New stage: %s.") % s.name for s in new.stages if s.key not in old.by_key]
    out += [_("Stage gone: %s.") % s.name for s in old.stages if s.key not in new.by_key]
    if [k for k in old.order if k in new.order] != [k for k in new.order if k in old.order]:
        out.append(_("The stages stand in another order."))
    for stage in new.stages:
        if before := old.by_key.get(stage.key):
            out += _of_stage(before, stage)
    return out


def _of_stage(old: Stage, new: Stage) -> list[str]:
    out = []
    for f in dataclasses.fields(Stage):
        before, now = getattr(old, f.name), getattr(new, f.name)
        if before == now or f.name in ("key", "needs"):
            continue
        said = {"stage": new.name, "what": str(WORDS[f.name]), "old": before, "new": now}
        if isinstance(now, str) and f.name in (
            "name",
            "team",
            "within",
            "warn",
            "silence",
            "gate",
            "fallback",
            "fallback_after",
        ):
            said |= {"old": before or _("none"), "new": now or _("none")}
            out.append(_("%(stage)s: %(what)s is %(new)s, it was %(old)s.") % said)
        else:
            out.append(_("%(stage)s: %(what)s changed.") % said)
    before_needs, now_needs = {n.key: n for n in old.needs}, {n.key: n for n in new.needs}
    out += [
        _("%(stage)s: needs “%(need)s” now.") % {"stage": new.name, "need": n.says}
        for k, n in now_needs.items()
        if k not in before_needs
    ]
    out += [
        _("%(stage)s: no longer needs “%(need)s”.") % {"stage": new.name, "need": n.says}
        for k, n in before_needs.items()
        if k not in now_needs
    ]
    out += [_("%(stage)s: “%(need)s” is seen in another way.") % {"stage": new.name, "need": n.says}
            for k, n in now_needs.items() if k in before_needs and before_needs[k] != n]  # fmt: skip
    return out
