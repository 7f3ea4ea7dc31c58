"""The filter editor as a part of any form: what its buttons do to the tree, and what its template needs.

The form has the fields of `filterform` and buttons named `do` (add, group, remove or refresh, with a place in the tree).
Lists edit their filter with it, stages their rule; pages/filter_fields.html draws it.
"""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kith.kernel.lookups.look import Look
from kith.kernel.lookups.tree import Condition, Group
from kith.ui.pages.filterform import ROOT, columns_to_filter, grown, pruned, read_tree, show_tree


def edited(look: Look, sent: QueryDict) -> tuple[Group, str]:
    """(the tree that a form says after its button was pressed, the place that wants the focus)"""
    tree = read_tree(look, sent)
    verb, _sep, place = sent.get("do", "").partition(":")
    if not _is_place(place):
        return tree, ""
    if verb == "add":
        return grown(tree, place, Condition("", "")), f"{place}-{_size(tree, place)}"
    if verb == "group":
        return grown(tree, place, Group("any", (Condition("", ""),))), f"{place}-{_size(tree, place)}-0"
    if verb == "remove" and place != ROOT:
        return pruned(tree, place), ""
    return tree, place


def with_a_line(tree: Group) -> tuple[Group, str]:
    """The tree to begin with, one empty line behind what is there, and the place of that line."""
    if tree.how != "all":
        tree = Group("all", (tree,))
    return grown(tree, ROOT, Condition("", "")), f"{ROOT}-{len(tree.parts)}"


def editor_context(look: Look, tree: Group, focus: str = "", *, errors: bool = False) -> dict[str, Any]:
    """What pages/filter_fields.html needs. errors: say beside each line why it cannot be used."""
    return {
        "root": show_tree(look, tree, focus=focus, errors=errors),
        "columns": columns_to_filter(look),
        "hows": [("all", _("all of these")), ("any", _("any of these")), ("not", _("none of these"))],
    }


def _is_place(place: str) -> bool:
    first, *steps = place.split("-")
    return first == ROOT and all(s.isdecimal() and len(s) < 4 for s in steps)


def _size(tree: Group, place: str) -> int:
    """How many parts the group at a place has."""
    group: Group | Condition = tree
    for step in place.split("-")[1:]:
        inner = group.parts if isinstance(group, Group) else ()
        if int(step) >= len(inner):
            return 0
        group = inner[int(step)]
    return len(group.parts) if isinstance(group, Group) else 0
