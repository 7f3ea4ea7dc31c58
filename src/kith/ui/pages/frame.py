"""What stands around every face of a list: title and actions, views as tabs, the filter as a sentence, what is wrong.

List, board and calendar put it above their rows with `{% include "pages/list_bar.html" %}`; see `frame`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.lookups.actions import may_change
from kith.kernel.lookups.compile import say_condition, say_tree
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.lookups.views import ViewOffer
from kith.ui.pages.base import base_url
from kith.ui.pages.counts import known_counts, waits
from kith.ui.pages.rows import sorted_words


@dataclass(frozen=True)
class Chip:
    """One part of the filter in words. `gone`: it cannot be used, and stands struck through with `why`."""

    label: str
    relation: str
    value: str
    remove: str
    edit: str
    gone: bool = False
    why: str = ""
    join: str | None = None


@dataclass(frozen=True)
class ListVerb:
    """A line of the menu of views. `href(look)` gives an address, or None where it makes no sense."""

    label: Any
    icon: str
    href: Callable[[Look], str | None]


_verbs: list[ListVerb] = []


def register_list_verb(label: Any, icon: str, href: Callable[[Look], str | None]) -> None:
    """Offer something to be made of what a list shows (a segment of its filter). Called at start-up."""
    _verbs.append(ListVerb(label, icon, href))


def list_verbs(look: Look) -> list[tuple[ListVerb, str]]:
    """(verb, its address) of those that make sense for what is shown."""
    return [(verb, href) for verb in _verbs if (href := verb.href(look))]


def frame(request: HttpRequest, look: Look) -> dict[str, Any]:
    """The context that `pages/list_bar.html` and the head of every face need."""
    record, actor = look.record, look.actor
    column, order = sorted_words(look)
    return {
        "look": look, "record": record, "base": base_url(record), "query": look.query(), "params": look.params(),
        "tabs": tabs(look), "chips": chips(look), "problems": problems(look), "faces": faces(look),
        "others": [o for o in look.views if not o.tab and o is not look.view],
        "waits": waits(look), "sorted_column": column, "sorted_order": order,
        "may_create": actor.can(f"{record.name}.create"), "may_import": actor.can(f"{record.name}.import"),
        "may_export": actor.can(f"{record.name}.export"),
        "may_save": look.view.saved is not None and may_change(look.view.saved, actor),
        "what": record.plural.lower(), "one": record.label.lower(), "list_verbs": list_verbs(look),
    }  # fmt: skip


def tabs(look: Look) -> list[dict[str, Any]]:
    """The views that stand beside each other; the current one always does. Counts only where they are known already."""
    counts = known_counts(look)
    out = []
    for offer in look.views:
        if not offer.tab and offer is not look.view:
            continue
        tab: dict[str, Any] = {"label": offer.name, "href": _view_href(look, offer), "current": offer is look.view}
        if offer.key in counts:
            tab["count"], exact = counts[offer.key]
            tab["more"] = not exact
        out.append(tab)
    return out


def _view_href(look: Look, offer: ViewOffer) -> str:
    return f"{base_url(look.record)}?view={offer.key}"


def chips(look: Look) -> list[Chip]:
    """The filter's top-level parts, each with the address without it and the address of its editor."""
    broken = {id(condition): why for condition, why in look.compiled.broken}  # values need not be hashable
    joins = {"all": None, "any": _("or"), "not": _("not")}
    out = []
    for index, part in enumerate(look.state.tree.parts):
        rest = look.state.tree.without(index)
        remove = "?" + look.query(look.state.changed(tree=rest if rest.parts else Group()))
        edit = f"{base_url(look.record)}filter/?{look.query(at=str(index))}"
        join = joins[look.state.tree.how] if index or look.state.tree.how == "not" else None
        words = _group_words(look, part) if isinstance(part, Group) else _words(look, part, broken)
        out.append(Chip(*words[:3], remove, edit, words[3], words[4], join))
    return out


def _words(look: Look, condition: Condition, broken: dict[int, str]) -> tuple[str, str, str, bool, str]:
    why = broken.get(id(condition), "")
    try:
        label, relation, value = say_condition(look.columns, condition, look.actor)
    except Invalid as problem:
        column = look.columns.get(condition.column)
        values = ", ".join(str(v) for v in condition.values)[:60]
        return (column.label if column else condition.column), condition.op, values, True, why or problem.message
    return label, relation, value[:80], bool(why), why


def _group_words(look: Look, group: Group) -> tuple[str, str, str, bool, str]:
    how = {"all": _("all of"), "any": _("any of"), "not": _("none of")}[group.how]
    inner = [say_tree(look.record, Group("all", (part,)), look.actor) for part in group.parts]
    inside = {id(condition) for condition in group.conditions()}
    whys = [why for condition, why in look.compiled.broken if id(condition) in inside]
    return _("Group"), how, "; ".join(inner)[:160], bool(whys), " ".join(whys)


def problems(look: Look) -> list[str]:
    """Everything about this address that could not be used, in words."""
    dropped = _("This part of the filter does nothing: %s")
    return [*look.problems, *(dropped % why for why in dict.fromkeys(why for _condition, why in look.compiled.broken))]


def faces(look: Look) -> list[dict[str, Any]]:
    """The ways in which these rows can be looked at; none when there is only one."""
    able = [name for name in ("list", "board", "calendar") if has_face(look.record, name)]
    icons = {"list": ("menu", _("List")), "board": ("columns", _("Board")), "calendar": ("calendar", _("Calendar"))}
    if len(able) < 2:
        return []
    return [
        {"icon": icons[name][0], "label": icons[name][1], "href": "?" + look.query(look.state.changed(face=name)),
         "current": look.state.face == name}
        for name in able
    ]  # fmt: skip


def has_face(record: Any, name: str) -> bool:
    """Does this type have that face?"""
    if name == "board":
        return record.board is not None
    return name == "list" or (name == "calendar" and bool(record.calendar))
