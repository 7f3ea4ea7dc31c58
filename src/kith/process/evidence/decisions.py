"""Below the map: the paths taken, and what is worth a decision, largest effect first."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.lookups.tree import Condition
from kith.kernel.money.queries import home
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition
from kith.process.evidence.compared import Compared, Row
from kith.process.evidence.finding import WENT, Went
from kith.process.evidence.flow import LATE, Cell
from kith.process.evidence.ledger import WARNS
from kith.process.evidence.page import Map
from kith.process.evidence.reading import PathTaken, bounded, paths_taken, who_took
from kith.process.evidence.study import DAYS, KEPT
from kith.process.evidence.variants import goal_of
from kith.process.evidence.walks import SKIP
from kith.ui.filters import money, number, percent

LEAST = 30  # cases under which nothing is worth a decision
MOST = 5
PATIENCE = 15.0  # seconds: paths come after the page, so nobody waits for them
Customers = list[tuple[int | None, int | None]]  # (company, person)
SAMPLE = 2_000  # the latest customers of a path whose deals are looked at


@dataclass(frozen=True)
class Advice:
    step: int
    title: str
    text: str
    href: str
    link: str


@dataclass(frozen=True)
class Path:
    """A path for the table. `steps` are (step, name, skipped); `share` and the rest are words."""

    steps: tuple[tuple[int, str, bool], ...]
    name: str
    share: str
    count: str
    days: str
    worth: str
    kept: str
    href: str


@dataclass(frozen=True)
class Paths:
    rows: tuple[Path, ...]
    goal: str
    hint: str
    years: bool  # has anybody been followed for a year?


def paths(found: Map) -> Paths:
    """Raises Invalid where counting them takes too long."""
    goal, period = goal_of(found.definition), found.asked.period
    rows = None if found.whole else found.source.rows
    about = (found.process, goal, period.start, period.end, rows)
    with bounded(PATIENCE):
        taken, total, different = paths_taken(*about, MOST)
        who = who_took(*about, [one.path for one in taken], SAMPLE) if _sees_worth(found) else {}
    shown = sum(one.count for one in taken)
    hint = (
        _("%(share)s of the %(total)s who came to %(goal)s took one of these, of %(all)s in all")
        % {"goal": found.name(goal), "share": percent(shown / total), "total": number(total), "all": number(different)}
        if taken
        else ""
    )
    return Paths(
        tuple(_path(found, goal, one, total, who.get(one.path, [])) for one in taken),
        found.name(goal),
        hint,
        any(one.followed for one in taken),
    )


def _path(found: Map, goal: str, one: PathTaken, total: int, who: Customers) -> Path:
    period = found.asked.period
    went = Went(Cell("path", ">".join(one.path), goal), period.start, period.end)
    url = found.source.url(Condition("process", "is", (str(found.process),)), Condition(WENT, "is", (went.text(),)))
    steps, name = drawn(found.definition, one.path, _segment(found))
    return Path(
        steps, name, percent(one.count / total), number(one.count),
        "–" if one.days is None else number(round(one.days, 1) if one.days < 10 else round(one.days)), _worth(found, who), percent(one.kept_share) or "–", url,
    )  # fmt: skip


def _sees_worth(found: Map) -> bool:
    return "amount" in registry["deal"].columns(found.actor)


def _worth(found: Map, customers: Customers) -> str:
    """The median of what these customers' won deals are worth, in the home currency; of the deals the reader sees."""
    deals = registry["deal"].rows(found.actor)
    won = deals.filter(status="won", currency=home(), amount__isnull=False).order_by()
    sums: list[Any] = []
    for column, ids in (
        ("company", [c for c, _p in customers if c]),
        ("contact", [p for c, p in customers if p and not c]),
    ):
        found_ = won.filter(**{f"{column}__in": ids}).values_list(column).annotate(worth=Sum("amount"))
        sums += [worth for _customer, worth in found_]
    return money(median(sums), home()) if sums else "–"


def _segment(found: Map) -> str:
    """The segment that all of these are of, "" where they are of several: then a stage that is only for some is nobody's to miss."""
    return found.asked.segment.key if found.asked.segment else ""


def drawn(
    definition: Definition, path: tuple[str, ...], segment: str = ""
) -> tuple[tuple[tuple[int, str, bool], ...], str]:
    """The steps of a path, those left out hatched between the others, and its name in words. What is not meant for the segment,
    and what a named way forward leaves out, was not left out."""
    order, by_key = definition.order, definition.by_key
    steps: list[tuple[int, str, bool]] = []
    missed, back, furthest = [], [], order[definition.first.key] - 1
    for n, key in enumerate(path):
        at = order.get(key)
        if at is None:
            continue
        came = path[n - 1] if n and path[n - 1] in order else ""
        for stage in (by_key[k] for k in definition.skipped(came, key, segment)):
            if order[stage.key] > furthest and stage.key not in path:
                steps.append((stage.step, stage.name, True))
                missed.append(stage.name)
        if n and at < order.get(path[n - 1], -1):
            back.append((by_key[path[n - 1]].name, by_key[key].name))
        steps.append((by_key[key].step, by_key[key].name, False))
        furthest = max(furthest, at)
    if missed and back:
        return tuple(steps), _("Without %(missed)s, and back from %(of)s to %(to)s") % {"missed": ", ".join(missed), "of": back[0][0], "to": back[0][1]}  # fmt: skip
    if missed:
        return tuple(steps), _("Without %s") % ", ".join(missed)
    if back:
        words = {"of": back[0][0], "to": back[0][1], "n": len(back)}
        return tuple(steps), ngettext("From %(of)s back to %(to)s, once", "From %(of)s back to %(to)s, and %(n)s returns in all", len(back)) % words  # fmt: skip
    return tuple(steps), _("As designed")


def _verdict(row: Row) -> str:
    if row.tone == "good":
        return _("Those who skipped %s did better.")
    return {KEPT: _("Skipping %s costs customers."), DAYS: _("Skipping %s costs time.")}.get(
        row.outcome, _("Skipping %s costs value.")
    )


def advice(found: Map, compared: list[Compared]) -> list[Advice]:
    """Costs that may be claimed, promises broken often, the skip most took: largest share of relationships first."""
    out: list[tuple[float, Advice]] = []
    for one in compared:
        row = one.claimed
        if row is not None:
            size = 2 + one.skipped.count / max(1, one.skipped.count + one.others.count)
            text = _("%(label)s: %(others)s where it was done, %(skipped)s where it was skipped.") % {
                "label": row.label, "others": row.others, "skipped": row.skipped}  # fmt: skip
            link = _("See the %s") % number(one.skipped.count) if one.skipped.href else ""
            out.append((size, Advice(one.step, _verdict(row) % one.name, text, one.skipped.href, link)))
    for stage in found.definition.stages:
        f = found.flow.stages.get(stage.key)
        if f and f.due >= LEAST and (f.broken or 0) >= WARNS:
            title = _("%(stage)s breaks its promise in %(share)s of cases.") % {
                "stage": stage.name,
                "share": percent(f.broken),
            }
            out.append((f.broken or 0, Advice(stage.step, title, _("%(late)s of %(due)s were late.") % {"late": number(f.late), "due": number(f.due)},
                                              found.rows(Cell(LATE, stage.key)), _("See the %s") % number(f.late))))  # fmt: skip
    for arc in found.flow.arcs:
        came = found.flow.stages[arc.of].came if arc.kind == SKIP and arc.of in found.flow.stages else 0
        if came >= LEAST and arc.count >= LEAST and arc.count / came >= 0.1:
            names = [found.name(key) for key in found.definition.skipped(arc.of, arc.to, _segment(found))] if arc.to in found.definition.order and arc.of in found.definition.order else []  # fmt: skip
            if names:
                title = _("%(share)s go from %(of)s straight to %(to)s.") % {"share": percent(arc.count / came), "of": found.name(arc.of), "to": found.name(arc.to)}  # fmt: skip
                out.append((arc.count / came, Advice(found.definition.by_key[arc.of].step, title, _("They skip %s.") % ", ".join(names), found.rows(arc.cell), _("See the %s") % number(arc.count))))  # fmt: skip
    out.sort(key=lambda one: -one[0])
    return [one for _size, one in out[:6]]
