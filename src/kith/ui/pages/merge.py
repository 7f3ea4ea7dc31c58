"""Merging side by side: every value that differs is chosen, everything that agrees or is a list comes along."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kith.kernel.errors import KithError, NotFound
from kith.kernel.kinds import Many, Tags
from kith.kernel.records.merge import MOST, differing, merge, mergeable
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.likeness import apart
from kith.ui.pages.show import render_value
from kith.ui.render import page


def merge_page(request: HttpRequest, slug: str) -> HttpResponse:
    """GET `?ids=1,2`: the rows beside each other. POST: merge into `keep` with one choice per differing column."""
    record, actor = record_of(slug), actor_of(request)
    actor.require(f"{record.name}.archive")
    if not mergeable(record):
        raise NotFound(_("Of %s no two are the same; they are not merged.") % record.plural.lower())
    given = request.POST if request.method == "POST" else request.GET
    pks = [int(p) for p in given.get("ids", "").split(",")[: MOST + 1] if p.isdecimal()]
    rows = list(record.rows(actor, "archive", archived=False).filter(pk__in=pks).order_by("created_at", "pk"))
    error = "" if len(rows) > 1 else _("Choose at least two rows that you may change.")
    if len(pks) > MOST:
        rows, error = [], _("Choose at most %d rows to merge at once.") % MOST
    if request.method == "POST" and not error:
        try:
            return _merge(request, record, rows)
        except KithError as problem:
            error = problem.message
    return page(request, "pages/merge.html", _context(record, actor, rows, error), status=422 if error else 200)


def _merge(request: HttpRequest, record: Any, rows: list[Any]) -> HttpResponse:
    actor = actor_of(request)
    by_pk = {r.pk: r for r in rows}
    keep = by_pk.get(_number(request.POST.get("keep", "")), rows[0])
    chosen = {k.removeprefix("of:"): _number(v) for k, v in request.POST.items() if k.startswith("of:")}
    choices = {k: pk for k, pk in chosen.items() if pk in by_pk and k in record.columns(actor)}
    kept, op = merge(record, keep, [r for r in rows if r.pk != keep.pk], choices=choices, by=actor)
    return answers.go(request, record.url(kept.pk), _("Merged. It can be undone at any time under History."), op=op)


def _number(text: Any) -> int:
    return int(text) if str(text).isdecimal() else 0


def _context(record: Any, actor: Any, rows: list[Any], error: str) -> dict[str, Any]:
    shown = record.columns(actor)
    columns = [c for c in differing(record, rows) if c.key in shown] if rows else []
    lines = [
        {
            "key": c.key,
            "label": c.label,
            "united": isinstance(c.kind, Many | Tags),
            "values": [
                {"pk": r.pk, "shown": render_value(c, r), "blank": c.kind.same(c.get(r), c.kind.blank)} for r in rows
            ],
            "chosen": next((r.pk for r in rows if not c.kind.same(c.get(r), c.kind.blank)), rows[0].pk),
        }
        for c in columns
    ]
    heads = [{"pk": r.pk, "name": record.name_of(r), "url": record.url(r.pk), "created": r.created_at} for r in rows]
    told = apart(record, actor) if len(rows) == 2 else None
    return {"record": record, "rows": heads, "lines": lines, "error": error, "ids": ",".join(str(r.pk) for r in rows),
            "apart": told}  # fmt: skip


urlpatterns = [path("<slug:slug>/merge", merge_page, name="merge")]
