"""The recipients of a mailing, a page at a time, by what became of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from kith.engagement.mailings import results
from kith.engagement.models import Held, Mailing, Recipient, RecipientState
from kith.kernel.records.registry import registry
from kith.kernel.segments.kinds import names_of
from kith.ui.pages.base import actor_of
from kith.ui.render import page

MOST = 50
TONES = {"sent": "good", "held": "warn", "refused": "late", "doubt": "warn"}
CAME = {
    "replied": gettext_lazy("Answered"), "bounced": gettext_lazy("Came back"), "unsubscribed": gettext_lazy("Unsubscribed"),
    "complained": gettext_lazy("Called it unwanted"), "opened": gettext_lazy("Opened"), "clicked": gettext_lazy("Followed a link"),
}  # fmt: skip


@require_GET
def recipients(request: HttpRequest, pk: int) -> HttpResponse:
    """`?state=held&reason=consent`, or `?came=replied`; on by `?after=` and back by `?before=`, the id of a row."""
    actor = actor_of(request)
    mailing: Mailing = registry["mailing"].get(actor, pk)
    everybody = results.with_reading(results.recipients(actor, mailing))
    given = {key: request.GET.get(key, "") for key in ("state", "reason", "came")}
    rows = _filtered(everybody, given)
    shown, back, on = _page(rows, request)
    query = "&".join(f"{key}={value}" for key, value in given.items() if value)
    names = names_of("person")
    for row in shown:
        row.words, row.tone = _words(row), TONES.get(row.state)
        row.came_by = ", ".join(str(names.get(key, key)) for key in row.segments)
    context = {
        "mailing": mailing, "rows": shown, "tabs": _tabs(actor, mailing, given), "total": f"{rows.count():,}",
        "back": f"?{query}&before={back}" if back else None, "next": f"?{query}&after={on}" if on else None,
    }  # fmt: skip
    return page(request, "engagement/recipients.html", context)


def _filtered(rows: Any, given: dict[str, str]) -> Any:
    if given["state"] in RecipientState.values:
        rows = rows.filter(state=given["state"])
    if given["reason"] in Held.values:
        rows = rows.filter(reason=given["reason"])
    if given["came"] in CAME:
        rows = rows.filter(**{f"{given['came']}_at__isnull": False})
    return rows


def _page(rows: Any, request: HttpRequest) -> tuple[list[Any], int | None, int | None]:
    """(rows, id to go back from, id to go on from)"""
    after, before = (_number(request.GET.get(key, "")) for key in ("after", "before"))
    rows = rows.select_related("person")
    if before:
        shown = list(rows.filter(pk__lt=before).order_by("-pk")[: MOST + 1])[::-1]
        more_back, more_on = len(shown) > MOST, True
        shown = shown[-MOST:]
    else:
        shown = list(rows.filter(pk__gt=after).order_by("pk")[: MOST + 1])
        more_back, more_on = bool(after), len(shown) > MOST
        shown = shown[:MOST]
    if not shown:
        return [], None, None
    return shown, shown[0].pk if more_back else None, shown[-1].pk if more_on else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _words(row: Recipient) -> str:
    came = [str(words) for key, words in CAME.items() if getattr(row, f"{key}_at")]
    plain = Held(row.reason).label if row.reason else RecipientState(row.state).label
    return ", ".join([str(plain), *came])


def _tabs(actor: Any, mailing: Mailing, given: dict[str, str]) -> list[dict[str, Any]]:
    found = results.counts(actor, mailing)
    tabs = [{"label": _("Everybody"), "href": "?", "count": sum(found.values()), "current": not any(given.values())}]
    tabs += [
        {"label": str(label), "href": f"?state={key}", "count": found[key], "current": given["state"] == key}
        for key, label in RecipientState.choices if found.get(key)
    ]  # fmt: skip
    return tabs
