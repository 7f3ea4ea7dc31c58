"""What comboboxes ask: rows of a record type, colleagues, teams, countries, currencies, languages, zones, tags.

Answers a few `ui.option` rows for `?q=`; everything starts from the rows the reader may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Func, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.kinds import HolidayPlace
from kith.kernel.kinds import Choice, Choices, Country, Currency, Language, TimeZone
from kith.kernel.kinds.link import TEAMS, USERS
from kith.kernel.lookups.finding import matching
from kith.kernel.records.reach import Unseen, unseen_links
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text, fold, words
from kith.ui.pages.base import actor_of
from kith.ui.pages.show import render_value
from kith.ui.render import fragment

MOST = 12  # rows of one answer: what can be read at a glance
TAGGED = 5000  # newest tagged rows looked through for tags
CHOICES: dict[str, Choice] = {
    "country": Country(), "currency": Currency(), "language": Language(), "time-zone": TimeZone(),
    "holiday-place": HolidayPlace(),
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    value: Any
    label: str
    sub: Any = ""


def pick(request: HttpRequest, target: str) -> HttpResponse:
    """`?q=` words; `target` a record type by name, "user", "team", or a list everybody shares ("country")."""
    actor, q = actor_of(request), words_of(request)
    name = target.replace("-", "_")
    if target in CHOICES:
        found = _choices(CHOICES[target], q)
    elif name in ("user", "team"):
        found = _directory(USERS if name == "user" else TEAMS, actor, q)
    elif name in registry:
        found = _rows(registry[name], actor, q)
    else:
        raise Http404(f"There is nothing to pick called “{target}”.")
    return fragment(request, "pages/pick.html", "options", {"options": found, "q": q})


def pick_tag(request: HttpRequest, name: str) -> HttpResponse:
    """Tags in use on a record type, by `?q=` in any part of them."""
    record = registry.get(name)
    if record is None or "tags" not in record.columns(actor_of(request)):
        raise Http404(f"“{name}” has no tags.")
    q = fold(words_of(request))
    newest = record.rows(actor_of(request)).exclude(tags=[]).order_by("-pk").values("pk")[:TAGGED]
    tagged = record.rows(actor_of(request)).filter(pk__in=newest).order_by()
    every = tagged.annotate(tag=Func("tags", function="unnest")).values_list("tag", flat=True).distinct()
    found = [Option(tag, tag) for tag in sorted(every, key=fold) if q in fold(tag)]
    return fragment(request, "pages/pick.html", "options", {"options": found[:MOST], "q": q})


def pick_choice(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """What a column of several of a list may hold, by `?q=`."""
    record = registry.get(name)
    column = record.columns(actor_of(request)).get(key) if record is not None else None
    if column is None or not isinstance(column.kind, Choices):
        raise Http404(f"“{name}” has no list “{key}” to choose from.")
    q = words_of(request)
    return fragment(request, "pages/pick.html", "options", {"options": _choices(column.kind, q), "q": q})


def words_of(request: HttpRequest) -> str:
    return clean_text(request.GET.get("q", "")).strip()[:200]


def _choices(kind: Choice | Choices, q: str) -> list[Option]:
    """Those whose code is `q`, then those beginning with it, then those that hold it."""
    folded = fold(q)
    ranked = [(_rank(folded, fold(str(key)), fold(str(label))), key, label) for key, label in kind.options.items()]
    best = sorted((r for r in ranked if r[0] is not None), key=lambda r: r[0])  # a stable sort: by name within a rank
    return [Option(key, str(label)) for _rank_, key, label in best[:MOST]]


def _rank(q: str, key: str, label: str) -> int | None:
    if not q or key == q:
        return 0
    if label.startswith(q):
        return 1
    return 2 if q in label else None


def _directory(directory: Any, actor: Actor, q: str) -> list[Option]:
    """Colleagues or teams, few enough to be looked through: those with words that begin so, else those that hold it."""
    asked = fold(q).split()
    rows = directory.rows(actor).order_by("name")
    if directory is USERS:
        rows = rows.filter(is_active=True)
    called = [(row, fold(f"{row.name} {_reached(row, q)}")) for row in rows.iterator()]
    begin = (row for row, text in called if all(any(w.startswith(a) for w in words(text)) for a in asked))
    found = list(islice(begin, MOST)) or [row for row, text in called if all(a in text for a in asked)][:MOST]
    return [Option(row.pk, directory.name_of(row), getattr(row, "email", "")) for row in found]


def _reached(row: Any, q: str) -> str:
    """The e-mail address, without the part that everybody of the firm has unless that is asked for."""
    address = str(getattr(row, "email", ""))
    return address if "@" in q else address.partition("@")[0]


def _rows(record: Any, actor: Actor, q: str) -> list[Option]:
    rows: QuerySet[Any] = record.rows(actor, archived=False)
    rows = matching(rows, q) if len(q) > 1 else rows
    columns = record.columns(actor)
    quiet = next((columns[k] for k in record.lists[1:] if k in columns), None)
    shown = list(record.listing(rows, [quiet] if quiet else []).order_by(*_order(record, bool(q)))[:MOST])
    unseen = unseen_links(actor, [quiet] if quiet else [], shown)
    return [Option(row.pk, record.name_of(row), _plain(quiet, row, unseen)) for row in shown]


def _order(record: Any, asked: bool) -> tuple[str, ...]:
    """What was touched last when nothing is asked; by name, shortest way to read, once it is."""
    fields = {f.name for f in record.model._meta.fields}
    if record.settings and "position" in fields:
        return ("position", "pk")
    if asked and "sort_name" in fields:
        return ("sort_name", "pk")
    return ("-updated_at", "-pk") if "updated_at" in fields else ("pk",)


def _plain(column: Any, row: Any, unseen: Unseen) -> str:
    """The quieter words of an option: no links inside something that is itself chosen."""
    return render_value(column, row, brief=True, unseen=unseen).striptags() if column is not None else ""


urlpatterns = [
    path("pick/tags/<str:name>", pick_tag, name="pick_tag"),
    path("pick/choices/<str:name>/<str:key>", pick_choice, name="pick_choice"),
    path("pick/<str:target>", pick, name="pick"),
]
