"""What a page answers after something was done: a toast that can undo, which records changed, where to go next.

The same words reach a person with a script (a header that htmx reads) and without one (a message on the next page).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from kith.kernel.timeline.models import Operation
from kith.ui.render import fragment, is_htmx, page, toast, trigger

UNDO = "undo:"  # marks the address of the undo button in a message's extra tags


def undo_url(op: Operation | None) -> str | None:
    """Where an operation is taken back; None when there is nothing to take back."""
    return f"/operations/{op.pk}/undo" if op is not None and op.pk else None


def topics(record: Any, row: Any) -> list[str]:
    """What open pages should refetch after a change of this row: its type, itself, and those it concerns."""
    about = row.about() if hasattr(row, "about") else []
    return [record.name, f"{record.name}:{row.pk}", *(f"{name}:{pk}" for name, pk in about)]


def ask(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A question made with `ui.ask` in a block named ask: a page, or a dialog over the page that asked for it."""
    if is_htmx(request):
        return fragment(request, template, "ask", {**context, "dialog": True}, status)
    return page(request, template, {**context, "dialog": False}, status)


def back(request: HttpRequest, otherwise: str) -> str:
    """Where a form said that it was asked from, if that is a page of ours."""
    said = request.POST.get("next", "")
    return said if url_has_allowed_host_and_scheme(said, allowed_hosts={request.get_host()}) else otherwise


def go(request: HttpRequest, url: str, message: str = "", *, op: Operation | None = None) -> HttpResponse:
    """On to another page, which says what was done."""
    if message:
        messages.success(request, message, extra_tags=f"{UNDO}{undo_url(op)}" if undo_url(op) else "")
    if not is_htmx(request):
        return HttpResponseRedirect(url, status=303)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def stay(
    response: HttpResponse, message: str, *, op: Operation | None = None, types: Iterable[str] = ()
) -> HttpResponse:
    """The page stays: a toast says what was done, and parts that show these topics refetch themselves."""
    if message:
        toast(response, message, undo=undo_url(op))
    changed = list(types)
    return trigger(response, "record-changed", {"types": changed}) if changed else response
