"""The settings of scores: rules and bands in one form, tried over people before anything is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, KithError
from kith.kernel.lookups.conditions import say, words_of
from kith.qualification.models import Part, ScoreRule
from kith.qualification.scoring.card import Card, card_now, save, values_of, with_rules
from kith.qualification.scoring.rules import Bands, broken
from kith.qualification.scoring.simulating import Ended, Group, label_of, simulate
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

SPARE = 2  # empty lines for new bands
TYPED = ("points", "most", "half_life")


def scores(request: HttpRequest) -> HttpResponse:
    """`/settings/scores/`: post `do=simulate` to see who would move, `do=apply` to save, `do=begin` for bands to begin with."""
    actor = actor_of(request)
    actor.require("settings.manage")
    card = card_now()
    context: dict[str, Any] = {"problems": [], "groups": []}
    if request.method == "POST":
        try:
            card = read_card(request.POST, card, actor)
            if request.POST.get("do") in ("apply", "begin"):
                save(card, by=actor)
                return answers.go(
                    request, "/settings/scores/", _("Saved. Scores are worked out anew in the background.")
                )
            context["groups"] = [_group(group) for group in simulate(card, actor)]
        except InvalidMany as problem:
            context["problems"] = [words for told in problem.errors.values() for words in told]
        except KithError as problem:
            context["problems"] = [str(problem)]
    context |= {
        "parts": _parts(actor, card, request.POST),
        "lines": [*card.bands, *[("", "")] * SPARE],
        "bands": card.bands,
    }
    return page(request, "qualification/scores.html", context, 422 if context["problems"] else 200)


def read_card(sent: QueryDict, card: Card, actor: Actor) -> Card:
    """The card with what the form says: fields `points-7` … of the rules it names by `rule`, and lines of bands. Raises
    Invalid, InvalidMany."""
    if sent.get("do") == "begin":
        return replace(card, bands=[(30 * n, name) for n, name in enumerate((_("Cold"), _("Warm"), _("Hot")))])
    given = []
    for pk in (int(pk) for pk in sent.getlist("rule") if pk.isdecimal()):
        words = {key: sent.get(f"{key}-{pk}", "") for key in TYPED}
        given.append((pk, {**words, "active": "1" if f"active-{pk}" in sent else ""}))
    return replace(with_rules(card, given, by=actor, json=False), bands=read_bands(sent))


def read_bands(sent: QueryDict) -> Bands:
    """Bands from the fields `name` and `from`, line by line; a line without a name is left out. Raises Invalid."""
    found: Bands = []
    for name, start in zip(sent.getlist("name"), sent.getlist("from"), strict=False):
        if not name.strip():
            continue
        try:
            found.append((int(start), name.strip()[:60]))
        except ValueError:
            raise Invalid(_("“%s” is no whole number of points.") % start[:30]) from None
    if any(abs(start) > 1_000_000 for start, _name in found):
        raise Invalid(_("Bands begin somewhere between -1,000,000 and 1,000,000 points."))
    return sorted(found)


def _parts(actor: Actor, card: Card, sent: QueryDict) -> list[dict[str, Any]]:
    """Rules by part; what was typed stands again where it cannot be taken."""
    return [
        {"part": part, "label": part.label, "rules": [_rule(r, actor, sent) for r in card.rules if r.part == part]}
        for part in Part
    ]


def _rule(rule: ScoreRule, actor: Actor, sent: QueryDict) -> dict[str, Any]:
    words = []
    if rule.verb:
        words.append(_("each time: %s") % words_of(rule.verb))
    if rule.where:
        words.append(say(rule.where, actor))
    said = "; ".join(words) or _("nothing says yet what gives these points")
    values = values_of(rule)
    typed = {key: sent.get(f"{key}-{rule.pk}", "" if values[key] is None else str(values[key])) for key in TYPED}
    return {"rule": rule, "says": said, "broken": broken(rule), "typed": typed}


def _group(group: Group) -> dict[str, Any]:
    """A group as the page shows it: columns of a drawing, bands with shares, moves with names."""
    columns, rows = [], []
    for start, below, now, then in group.classes:
        words = str(start) if below - start == 1 else _("%(from)d to %(to)d") % {"from": start, "to": below - 1}
        columns += [
            {"label": words, "value": now, "quiet": True, "text": _("%d now") % now},
            {"label": "", "value": then, "text": _("%d then") % then},
        ]
        rows.append((words, now, then))
    bands = [
        (name, now, then, _shift(now, then, "won"), _shift(now, then, "not_a_fit")) for name, now, then in group.bands
    ]
    return {"group": group, "label": label_of(group), "columns": columns, "rows": rows, "bands": bands}


def _shift(now: Ended, then: Ended, key: str) -> str:
    """ "18 % → 24 %": how many of a band turned out so, now and then; one figure where it stays."""
    shares = [one.share(getattr(one, key)) for one in (now, then)]
    words = ["–" if share is None else _("%d %%") % share for share in shares]
    return words[0] if words[0] == words[1] else " → ".join(words)
