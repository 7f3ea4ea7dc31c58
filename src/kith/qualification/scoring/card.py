"""A scorecard as a plain value: every rule and every band as they stand, or as somebody wants them. Trying writes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import operation
from kith.qualification.models import Band, ScoreRule
from kith.qualification.scoring.rules import Bands, bands

KEYS = ("name", "part", "points", "where", "verb", "most", "half_life", "active")


@dataclass(frozen=True)
class Card:
    """`rules`: rows that are not saved, those out of use among them; `bands`: [(from how many points, name)]."""

    rules: tuple[ScoreRule, ...]
    bands: Bands


def card_now() -> Card:
    """The scorecard as it stands."""
    rows = ScoreRule.objects.filter(archived_at=None).order_by("part", "position", "id")
    return Card(tuple(rows), bands())


def with_rules(card: Card, given: Iterable[tuple[int | None, Mapping[str, Any]]], *, by: Actor, json: bool) -> Card:
    """The card with other values for some rules, and with rules that are not there yet (id None). given: words of a form, or
    (json) values of a program, by key of column. Raises Invalid and InvalidMany."""
    record = registry["score_rule"]
    rows = {rule.pk: rule for rule in card.rules}
    for place, (pk, raw) in enumerate(given, 1):
        if pk is not None and pk not in rows:
            raise Invalid(_("There is no score rule %s.") % pk, "rules")
        rule = copy.copy(rows[pk]) if pk is not None else ScoreRule(pk=-place, name=_("New rule"))
        columns = {key: column for key, column in record.writable(by).items() if key in KEYS}
        for key, value in actions.parse_values(record, dict(raw), by=by, columns=columns, json=json).items():
            columns[key].put(rule, value)
        rule.verify()
        rows[rule.pk] = rule
    return replace(card, rules=tuple(rows.values()))


def of_program(data: dict[str, Any], *, by: Actor) -> Card:
    """The card as it stands with what a program wants: {"rules": [{"id": 3, "points": 20}, {"name": "New", …}], "bands":
    [{"name": "Hot", "from": 60}]}; either may be left out. Raises Invalid, InvalidMany."""
    if unknown := sorted(set(data) - {"rules", "bands"}):
        raise Invalid(_("A scorecard has rules and bands, no “%s”.") % unknown[0], unknown[0])
    card = card_now()
    rules = [_rule_of(one) for one in _objects(data.get("rules", []), "rules")]
    card = with_rules(card, rules, by=by, json=True)
    if "bands" not in data:
        return card
    return replace(card, bands=sorted(_band_of(one) for one in _objects(data["bands"], "bands")))


def _objects(given: Any, key: str) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Invalid(_("“%s” is a list of objects.") % key, key)
    return given


def _rule_of(given: dict[str, Any]) -> tuple[int | None, dict[str, Any]]:
    pk = given.get("id")
    if pk is not None and (isinstance(pk, bool) or not isinstance(pk, int)):
        raise Invalid(_("The id of a rule is a whole number."), "rules")
    return pk, {key: value for key, value in given.items() if key != "id"}


def _band_of(given: dict[str, Any]) -> tuple[int, str]:
    name, start = given.get("name"), given.get("from")
    if not isinstance(name, str) or not isinstance(start, int) or isinstance(start, bool):
        raise Invalid(_("A band has a name, and from which whole number of points it begins."), "bands")
    return start, name.strip()[:60]


def values_of(rule: ScoreRule) -> dict[str, Any]:
    return {key: getattr(rule, key) for key in KEYS}


def gives(rule: ScoreRule) -> bool:
    return rule.active and bool(rule.where or rule.verb)


def differing(card: Card) -> list[ScoreRule]:
    """The rules of the card that are not as they stand now, new ones among them."""
    now = {rule.pk: values_of(rule) for rule in card_now().rules}
    return [rule for rule in card.rules if now.get(rule.pk) != values_of(rule)]


def save(card: Card, *, by: Actor) -> None:
    """Put the rules and bands of a card in force, as one operation. Raises Invalid, NotAllowed."""
    by.require("settings.manage")
    check(card.bands)
    record, rows = registry["score_rule"], {rule.pk: rule for rule in card_now().rules}
    with operation("score_rule.edit", _("Changed the scorecard"), by=by, record="score_rule") as (_op, actor):
        for rule in differing(card):
            values = values_of(rule)
            if rule.pk in rows:
                now = values_of(rows[rule.pk])
                wanted = {key: value for key, value in values.items() if value != now[key]}
                actions.edit(record, rows[rule.pk], wanted, by=actor)
            else:
                actions.create(record, values, by=actor)
        _save_bands(card.bands, actor)


def check(wanted: Bands) -> None:
    """Raises Invalid where two bands could not be told apart."""
    if len({name.casefold() for _start, name in wanted}) < len(wanted) or not all(name for _start, name in wanted):
        raise Invalid(_("Every band has a name of its own."), "bands")
    if len({start for start, _name in wanted}) < len(wanted):
        raise Invalid(_("Every band begins at another figure."), "bands")


def save_bands(wanted: Bands, *, by: Actor) -> None:
    """Put these bands in the place of those there are, as one operation. Raises Invalid, NotAllowed."""
    by.require("settings.manage")
    check(wanted)
    with operation("score_band.edit", _("Set the score bands"), by=by, record="score_band") as (_op, actor):
        _save_bands(wanted, actor)


def _save_bands(wanted: Bands, by: Actor) -> None:
    record = registry["score_band"]
    kept = {row.name: row for row in Band.objects.filter(archived_at=None)}
    names = {name for _start, name in wanted}
    for name, row in kept.items():
        if name not in names:
            actions.archive(record, row, by=by)
    for start, name in _in_an_order_that_never_clashes(wanted, kept):
        if name in kept:
            actions.edit(record, kept[name], {"starts_at": start}, by=by)
        else:
            actions.create(record, {"name": name, "starts_at": start}, by=by)


def _in_an_order_that_never_clashes(wanted: Bands, kept: dict[str, Band]) -> Bands:
    """Bands that move up go from the top, those that move down from the bottom: no two begin at one figure in between."""
    up = [(start, name) for start, name in wanted if name in kept and start > kept[name].starts_at]
    down = [(start, name) for start, name in wanted if name in kept and start < kept[name].starts_at]
    new = [(start, name) for start, name in wanted if name not in kept]
    return [*sorted(up, reverse=True), *sorted(down), *sorted(new)]
