"""What a tracked mail asks for: `/m/l/…` leads on to where a link goes, `/m/o/….gif` is an image of one dot.

Both answer the same whether anything was counted or not, and go on answering when the database cannot be asked.
"""

from __future__ import annotations

import logging
from base64 import b64decode

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kith.contacts.strangers import too_many_here
from kith.engagement.tracking import links
from kith.engagement.tracking.counting import count
from kith.kernel.languages import speaking_to
from kith.ui.render import page

A_MINUTE, WRONG_A_MINUTE = 600, 30  # of one network, which may be a whole company or the image server of a provider
DOT = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
log = logging.getLogger("kith.engagement")


@login_not_required
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """On to where the link leads, which its signature says; a changed one leads nowhere."""
    found = links.read_link(token)
    if found is None:
        return _dead(request)
    _count(request, *found)
    return _private(HttpResponseRedirect(found[1]))


@login_not_required
@require_safe
def image(request: HttpRequest, token: str) -> HttpResponse:
    """The dot, whatever was asked for: a broken image in a mail helps nobody."""
    mail = links.read_image(token)
    if mail is not None:
        _count(request, mail)
    return _private(HttpResponse(DOT, content_type="image/gif"))


def _count(request: HttpRequest, mail: int, url: str = "") -> None:
    if too_many_here(request, "mail-seen", A_MINUTE, 60):
        return
    try:
        count(request, mail, url)
    except DatabaseError:
        log.exception("An open or a click could not be counted.")


def _dead(request: HttpRequest) -> HttpResponse:
    with speaking_to(request):
        if too_many_here(request, "mail-dead", WRONG_A_MINUTE, 60):
            return _private(HttpResponse(_("Too many links that do not work; try again in a minute."), status=429, content_type="text/plain; charset=utf-8"))  # fmt: skip
        words = _("It is incomplete or was changed on the way, so we cannot say where it leads. Open it again from the mail, or write to us.")  # fmt: skip
        return _private(page(request, "consent/dead.html", {"message": words}, status=404))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # where it leads is not told who came
    return response
