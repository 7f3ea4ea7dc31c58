"""Where gateways call: POST /hooks/channels/<id>/, one message each, signed as Kith signs its own calls."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kith.contacts.callers import line, read_object, refuse, too_much
from kith.kernel import outgoing
from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text
from kith.support.channels.hearing import Heard, hear
from kith.support.channels.models import Channel
from kith.support.channels.sending import secret_of
from kith.support.saying import tidy

MOST_FILES = 1000


# Another system calls, which holds no session: the signature over the body is what lets it in.
@csrf_exempt
@login_not_required
@require_POST
def heard(request: HttpRequest, pk: int) -> HttpResponse:
    """202 with the number of the ticket; 404 for a channel that is not ours or not in use, 401 for a wrong signature, 422 for a
    message that lacks something."""
    if (refused := too_much(request, "channels.heard")) is not None:
        return refused
    channel = Channel.objects.filter(pk=pk, active=True, archived_at=None).first() if pk < 2**63 else None
    if channel is None:
        return refuse(404, _("There is no such address."))
    if not outgoing.is_signed(request.headers.get("Kith-Signature", ""), secret_of(channel), request.body):
        return refuse(401, _("The call is not signed with the secret of this channel."))
    try:
        ticket = hear(channel, read(read_object(request.body)))
    except Invalid as problem:
        return refuse(422, problem.message)
    return JsonResponse({"ticket": ticket.pk}, status=202)


def read(told: dict[str, Any]) -> Heard:
    """The message that a call tells. Raises Invalid naming what is missing."""
    ref, sender = line(told, "id", 500), line(told, "from", 200)
    for key, found in (("id", ref), ("from", sender)):
        if not found:
            raise Invalid(_("“%s” is missing; it is a text.") % key, key)
    text = told.get("text") or ""
    if not isinstance(text, str):
        raise Invalid(_("“%s” is missing; it is a text.") % "text", "text")
    text = "\n\n".join(part for part in (clean_text(text).strip(), left_out(told.get("attachments"))) if part)
    return Heard(ref, sender, line(told, "name", 200), tidy(text, "text"))


def left_out(attachments: Any) -> str:
    """What stands in the talk for files, which stay with the service; "" for none."""
    n = len(attachments) if isinstance(attachments, list) else attachments
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        return ""
    n = min(n, MOST_FILES)
    return ngettext("[%d file came with it and stayed with the service]", "[%d files came with it and stayed with the service]", n) % n  # fmt: skip
