"""What pages ask about questions: answers, what became of deals in which they came up, what somebody asked before."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.engagement.models import Answer, Objection, Occurrence
from kith.engagement.tallies import TALLIES
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.alike import MOST_WORDS, alike
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.ui.panels import BEFORE, Panel, register_panel

MOST, ALIKE = 8, 4


def best_of(objections: list[int]) -> dict[int, Answer]:
    """{question: its best answer, else the newest}, in one query."""
    rows = (
        Answer.objects.filter(objection__in=objections)
        .select_related("author")
        .order_by("objection", "-best", "-at", "-pk")
    )
    return {row.objection_id: row for row in rows.distinct("objection")}


def outcomes(actor: Actor, objection: Objection) -> dict[str, int]:
    """{status: how many} of the deals in which it came up, each once, as far as this actor may see them."""
    deals = Occurrence.objects.filter(objection=objection, deal__isnull=False).values("deal")
    rows = (
        registry["deal"]
        .rows(actor, archived=False)
        .filter(pk__in=deals)
        .order_by()
        .values("status")
        .annotate(n=Count("pk"))
    )
    return {"won": 0, "lost": 0, "open": 0} | {row["status"]: row["n"] for row in rows}


def answers(actor: Actor, objection: Objection) -> dict[str, Any]:
    """Answers, the best first, and what came of it."""
    rows = list(
        Answer.objects.filter(objection=objection).select_related("author").order_by("-best", "-at", "-pk")[:30]
    )
    told = outcomes(actor, objection)
    return {"rows": rows, "count": len(rows) or None, "deals": told, "any_deal": any(told.values()),
            "asked": Occurrence.objects.filter(objection=objection).count()}  # fmt: skip


def known_already(actor: Actor, text: str, *, limit: int = ALIKE, most_words: int = MOST_WORDS) -> list[dict[str, Any]]:
    """Questions that are the same in other words, perhaps, each with what we answer and what came of it; four queries.
    most_words: how many words of the text are heeded; a whole mail asks somewhere in it."""
    record = registry["objection"]
    rows, columns = record.rows(actor, archived=False), [record.columns()[key] for key in TALLIES]
    found = [row.pk for row in alike(rows, text, "question", limit=limit, most_words=most_words)]
    best, told = best_of(found), {row.pk: row for row in record.listing(rows.filter(pk__in=found), columns)}
    shown = [told[pk] for pk in found if pk in told]
    return [{"row": row, "best": best.get(row.pk), **{c.key: c.get(row) for c in columns}} for row in shown]


def who_asked(actor: Actor, objection: Objection, most: int) -> tuple[list[Occurrence], int]:
    """(the latest times that it was asked, newest first, how many of them are out of reach): where one of the person, company
    or deal it concerns may not be seen, nothing of it is told."""
    asked = Occurrence.objects.filter(objection=objection).select_related("person", "company", "deal", "author")
    seen = rows = list(asked.order_by("-at", "-pk")[:most])
    for name in ("person", "company", "deal"):
        key = f"{name}_id"
        reached = seen_ids(actor, registry[name], {getattr(row, key) for row in rows} - {None})
        seen = [row for row in seen if getattr(row, key) is None or getattr(row, key) in reached]
    return seen, len(rows) - len(seen)


def occurrences(actor: Actor, objection: Objection) -> dict[str, Any] | None:
    """Who asked it, newest first; names of people out of reach are not told."""
    seen, hidden = who_asked(actor, objection, MOST)
    return {"rows": seen, "hidden": hidden} if seen or hidden else None


def before(actor: Actor, row: Any) -> dict[str, Any] | None:
    """What was asked here, newest first, each question once with the best answer to it. At a company, by anybody there."""
    record = registry.by_model(type(row))
    if record is None or record.name not in ("person", "company", "deal"):
        return None
    asked = Occurrence.objects.filter(**{record.name: row}, objection__archived_at__isnull=True)
    found: dict[int, Occurrence] = {}
    for one in asked.select_related("objection").order_by("-at", "-pk")[:50]:
        found.setdefault(one.objection_id, one)
    seen = seen_ids(actor, registry["objection"], set(found))
    shown = [one for pk, one in found.items() if pk in seen][:MOST]
    if not shown:
        return None
    best = best_of([one.objection_id for one in shown])
    counts = dict(
        Occurrence.objects.filter(objection__in=[one.objection_id for one in shown]).order_by()
        .values_list("objection").annotate(n=Count("pk"))
    )  # fmt: skip
    rows = [{"one": one, "best": best.get(one.objection_id), "times": counts[one.objection_id]} for one in shown]
    return {"rows": rows, "count": len(shown)}


ANSWERS = Panel(
    "answers", _("Answers"), "engagement/panel_answers.html", answers, place="main", order=5,
    verbs=("answer", "choose_answer", "drop_answer"),
)  # fmt: skip
OCCURRENCES = Panel(
    "occurrences", _("Who asked"), "engagement/panel_occurrences.html", occurrences, depends_on=("deal",), order=20
)
for _name in ("person", "company", "deal"):
    register_panel(
        Panel(
            "asked",
            _("They asked before"),
            "engagement/panel_asked.html",
            before,
            depends_on=("objection",),
            order=33,
            verbs=("raise",),
            lazy=True,
            phase=BEFORE,
        ),
        on=_name,
    )
