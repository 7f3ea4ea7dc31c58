"""Proposals in words: what to do, what may be expected of it, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.process.evidence.compared import points
from kith.process.evidence.ledger import short_time
from kith.process.review import proposing
from kith.process.review.comparing import DONE, GOOD_UP, LATE, SKIPPED
from kith.ui.filters import number, percent


@dataclass(frozen=True)
class Said:
    """`title` tells no figure and is for everybody; `hopes` (what may be expected) and `grounds` are for those who may see
    every relationship."""

    title: str
    hopes: str = ""
    grounds: str = ""


def say(kind: str, data: dict[str, Any], title: str = "", hopes: str = "") -> Said:
    """A proposal. The words of one made by hand are those it was given."""
    if kind == proposing.SKIP:
        return _skip(data)
    if kind == proposing.LATE:
        return _late(data)
    return _need(data) if kind == proposing.NEED else Said(title, hopes)


def _skip(d: dict[str, Any]) -> Said:
    title = _("Make it harder to pass over %s, for instance by a strict gate before it") % d["stage"]
    if d["strict"]:
        title = _("Find out why %s is passed over although its gate is strict") % d["stage"]
    low, high = round(d["kept_low"]), round(d["kept_high"])
    if high < 1:
        hopes = _("Less than one more customer kept a month, if nobody passed over it.")
    elif low == high:
        hopes = ngettext("About %s more customer kept a month, if nobody passed over it.", "About %s more customers kept a month, if nobody passed over it.", high) % number(high)  # fmt: skip
    else:
        hopes = _("About %(low)s to %(high)s more customers kept a month, if nobody passed over it.") % {"low": number(low), "high": number(high)}  # fmt: skip
    numbers = {"n": number(round(d["a_month"])), "low": round(d["low"] * 100), "high": round(d["high"] * 100), "days": d["followed"], "of": number(d["compared"])}  # fmt: skip
    grounds = _(
        "%(n)s a month pass over it. Comparable ones who did not are still with us after %(days)s days %(low)s to %(high)s points more often (95 %% interval, %(of)s compared)."
    )
    return Said(title, hopes, grounds % numbers)


def _late(d: dict[str, Any]) -> Said:
    title = _("Keep the promise of %s, or promise what can be kept") % d["stage"]
    fewer = round(d["fewer_a_month"])
    hopes = ngettext("About %s fewer late a month, if nine in ten kept it", "About %s fewer late a month, if nine in ten kept it", fewer) % number(fewer)  # fmt: skip
    if d["p90"] and d["promise"] and d["p90"] > d["promise"]:
        saved = {"saved": short_time(d["p90"] - d["promise"]), "now": short_time(d["p90"]), "promise": short_time(d["promise"])}  # fmt: skip
        hopes += _("; the slowest in ten would gain %(saved)s (%(now)s now, %(promise)s promised)") % saved
    share = {"share": percent(d["n"] / d["due"]), "late": number(d["n"]), "due": number(d["due"])}
    grounds = (
        _("%(share)s broke it: %(late)s of %(due)s. Whether being late loses customers is not measured here.") % share
    )
    return Said(title, f"{hopes}.", grounds)


def _need(d: dict[str, Any]) -> Said:
    title = _("Ask for “%(need)s” elsewhere than in %(stage)s, or no longer") % {"need": d["need"], "stage": d["stage"]}
    n = round(d["a_month"])
    hopes = ngettext("About %s exception less a month to give a reason for. What it does to customers is not known.", "About %s exceptions less a month to give a reason for. What they do to customers is not known.", n) % number(n)  # fmt: skip
    grounds = _("Passed over by %(n)s of %(of)s who moved on.") % {"n": number(d["n"]), "of": number(d["of"])}
    if d["reasons"]:
        told = ", ".join(f"“{words}” ({number(many)})" for words, many in d["reasons"])
        grounds += " " + _("Most frequent reasons: %s.") % told
    return Said(title, hopes, grounds)


# --- effects
def metric(what: str) -> str:
    return {LATE: _("late"), SKIPPED: _("passed over"), DONE: _("moved on")}[what]


@dataclass(frozen=True)
class Told:
    """One line of an effect. `difference` holds the interval, or why nothing is said; `tone` only for what is claimed."""

    step: int
    label: str
    before: str
    after: str
    difference: str
    tone: str = ""


def say_effect(line: dict[str, Any]) -> Told:
    label = _("%(stage)s: %(what)s") % {"stage": line["name"], "what": metric(line["what"])}
    before, after = (_of(*line[side]) for side in ("before", "after"))
    if "silent" in line:
        words = {
            "few_skipped": _("Too few since then; at least %s are needed.") % line["least"],
            "few_others": _("Too few before; at least %s are needed.") % line["least"],
        }.get(line["silent"], _("Nearly all went the same way, so nothing can be said."))
        return Told(line["step"], label, before, after, words)
    span = {"points": points(line["difference"]), "low": points(line["low"]), "high": points(line["high"])}
    words = _("%(points)s points (%(low)s to %(high)s)") % span
    if not line["claim"]:
        return Told(line["step"], label, before, after, _("%s, which may be chance") % words)
    better = (line["difference"] > 0) == GOOD_UP[line["what"]]
    worded = _("%s, better") if better else _("%s, worse")
    return Told(line["step"], label, before, after, worded % words, "good" if better else "late")


def _of(n: int, of: int) -> str:
    return _("%(share)s of %(of)s") % {"share": percent(n / of), "of": number(of)} if of else "–"


def headline(lines: list[dict[str, Any]]) -> str:
    """The effect in one sentence, for lists and notices."""
    told = [say_effect(line) for line in lines]
    claimed = [one for one in told if one.tone]
    if claimed:
        return "; ".join(f"{one.label} {one.difference}" for one in claimed) + "."
    if told and any("silent" not in line for line in lines):
        return _("No difference that is more than chance.")
    return _("Too few relationships since then to say anything.")
