"""The filter of a rule, edited with the editor that lists have: assignment rules and score rules alike."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kith.kernel.errors import NotFound
from kith.kernel.lookups.conditions import usable
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterpage import edit_filter, readable

BACK = {"assignment-rules": "/settings/assignment/", "score-rules": "/settings/scores/"}


def where(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """For whom a rule is: the form alone after a change inside its filter."""
    actor = actor_of(request)
    actor.require("settings.manage")
    record = registry.by_slug(slug) if slug in BACK else None
    if record is None:
        raise NotFound(_("There is no such rule."))
    rule = record.get(actor, pk, "edit")

    def save(tree: Group) -> None:
        actions.edit(record, rule, {"where": to_text(usable(tree))}, by=actor)

    return edit_filter(
        request, "qualification/where.html", look_with(registry["person"], actor, ListState()), readable(rule.where or ""), save,
        legend=_("For people where"), back=BACK[slug], said=_("Saved."), rule=rule,
    )  # fmt: skip
