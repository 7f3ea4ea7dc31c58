"""When the ground gives way: a full disk and a database that is away are told apart from mistakes of ours.

Plain pages without database or session, because these are what has failed. Nothing was saved in either case: the
transaction that met the fault is gone.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.defaults import server_error

RETRY_AFTER = 5  # seconds


def fault(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 507 for a full disk, 503 for a database that is away, else the ordinary 500."""
    causes = list(chain(sys.exc_info()[1]))
    if any(disk_is_full(cause) for cause in causes):
        sentence = _("The server's disk is full, so nothing was saved. Ask whoever runs Kith to make room.")
        return said(request, 507, sentence)
    if any(isinstance(cause, OperationalError | InterfaceError) for cause in causes):
        response = said(request, 503, _("The database cannot be reached, so nothing was saved. Try again in a moment."))
        response["Retry-After"] = str(RETRY_AFTER)
        return response
    if request.path.startswith("/api/"):
        return said(request, 500, _("Something went wrong on the server, and it was written to its log."))
    return server_error(request)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def disk_is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, psycopg.errors.DiskFull)


def said(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """The sentence as a problem document for programs, as a bare page for people."""
    if request.path.startswith("/api/") or "json" in request.headers.get("Accept", ""):
        body = {"type": "about:blank", "title": sentence, "status": status, "detail": sentence}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    page = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Kith</title><p>{}</p></html>'
    return HttpResponse(format_html(page, sentence), status=status)
