"""The six questions that come with Kith, put in where there are none yet."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.qualification.models import Criterion, FitReason


def bring(by: Actor) -> int:
    """Put the shipped questions and reasons in; returns how many questions. Nothing where there are some."""
    made = 0
    if not Criterion.objects.exists():
        for position, (name, question, on, column) in enumerate(_questions(), 1):
            values = {
                "name": name,
                "question": question,
                "on": on,
                "column": column,
                "position": position * 10,
            }
            actions.create(registry["criterion"], values, by=by)
            made += 1
    bring_reasons(by)
    return made


def bring_reasons(by: Actor) -> None:
    """Put the shipped reasons not to fit in, where there are none."""
    if not FitReason.objects.exists():
        for position, name in enumerate(_reasons(), 1):
            actions.create(registry["fit_reason"], {"name": name, "position": position * 10}, by=by)


def _questions() -> list[tuple[str, str, str, str]]:
    return [
        (_("Budget"), _("What have you set aside for this, and who holds it?"), "person", ""),
        (_("Authority"), _("Who else decides, and how do you decide things like this?"), "person", ""),
        (_("Need"), _("What happens if you leave it as it is?"), "person", ""),
        (_("Timing"), _("By when do you want it to be different, and why then?"), "person", ""),
        (_("Industry"), _("What does your company do?"), "company", "industry"),
        (_("Size"), _("How many people work with you?"), "company", "employees"),
    ]


def _reasons() -> list[str]:
    return [
        _("We do not offer what they need"), _("Too small for us to help well"), _("Outside of where we work"),
        _("No budget"), _("Somebody else suits them better"), _("Not a real request"),
    ]  # fmt: skip
