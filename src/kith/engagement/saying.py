"""Steps of a sequence in words, as pages and lists show them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.engagement.models import Template
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import say_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.kernel.steps import Step

KINDS = ("mail", "wait", "call", "task", "branch")
ICONS = {"mail": "mail", "wait": "hourglass", "call": "phone", "task": "check", "branch": "share"}


def kinds() -> list[tuple[str, str]]:
    """What a step can be, for choosing."""
    words = (_("Write a mail"), _("Wait"), _("Call them"), _("Do something"), _("Branch"))
    return list(zip(KINDS, words, strict=True))


def say_step(step: Step | None, by: Any = None) -> str:
    """One step as a sentence without its end."""
    if step is None:
        return ""
    if step["do"] == "mail":
        words = _("write “%s”") % name_of(step.get("template", ""))
        return f"{words} {_('or, to every other one, “%s”') % name_of(step['other'])}" if step.get("other") else words
    if step["do"] == "wait":
        return _("wait %s") % _span(step.get("for", ""))
    if step["do"] == "branch":
        return _("if %s") % say_condition(step.get("if", ""), by)
    words = (_("call them: %s") if step["do"] == "call" else _("do: %s")) % (step.get("subject") or "…")
    return f"{words}, {_('within %s') % _span(step['within'])}" if step.get("within") else words


def name_of(ref: str) -> str:
    """What the template of a step is called now."""
    if ref.isdecimal() and len(ref) < 18:
        return Template.objects.filter(pk=int(ref)).values_list("name", flat=True).first() or ref
    return ref or "…"


def _span(text: str) -> str:
    try:
        return parse_span(text).show()
    except Invalid:
        return text or "…"


def say_goal(text: str, by: Any) -> str:
    """What a sequence is for, in words; "" where it names none."""
    return say_condition(text, by) if text else ""


def say_condition(text: str, by: Any) -> str:
    """A filter on people in words."""
    from kith.kernel.access.actor import system

    try:
        return say_tree(registry["person"], parse(text), by or system()) or "…"
    except Invalid:
        return text
