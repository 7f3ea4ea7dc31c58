"""Where other systems call: POST a JSON object to a workflow's own address; `id` says which row it is about.

The address is the secret. A call is answered at once and runs a moment later; the same `Idempotency-Key` starts once.
"""

from __future__ import annotations

import hmac
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kith.automation import calls
from kith.automation.models import Workflow
from kith.automation.queries import live, paused
from kith.automation.starting import Start, begin, those_meeting
from kith.automation.triggers import OnWebhook
from kith.contacts.callers import refuse
from kith.kernel import jsontext
from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text

MOST = 64 * 1024  # bytes of a call


@csrf_exempt
@login_not_required
@require_POST
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """202 with whether a run began; 404 for an address that is not ours, 409 while it is off or all automation rests."""
    pk, _dash, _rest = token.partition("-")
    workflow = Workflow.objects.filter(pk=int(pk)).first() if pk.isascii() and pk.isdecimal() and len(pk) < 18 else None
    if workflow is None or not hmac.compare_digest(calls.address_token(workflow).encode(), token.encode()):
        return refuse(404, _("There is no such address."))
    one = next((one for one in live() if one.workflow.pk == workflow.pk and isinstance(one.trigger, OnWebhook)), None)
    if one is None or paused():
        return refuse(409, _("This workflow does not listen at the moment."))
    try:
        payload = _payload(request)
        row = _row(payload) if one.definition.record else None
    except Invalid as problem:
        return refuse(422, problem.message)
    if row is not None and row not in those_meeting(one, [row]):
        return JsonResponse({"started": False}, status=202)
    key = clean_text(request.headers.get("Idempotency-Key", ""))[:100] or str(uuid4())
    begun = begin(one, [Start(f"hook:{key}", one.definition.record, row, payload=payload)])
    return JsonResponse({"started": bool(begun)}, status=202)


def _payload(request: HttpRequest) -> dict[str, Any]:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > MOST:
        raise Invalid(_("A call has at most 64 KB."))
    try:
        data = jsontext.clean(jsontext.read(request.body[:MOST] or b"{}"))
    except (ValueError, RecursionError):
        raise Invalid(_("The body is not JSON.")) from None
    if not isinstance(data, dict):
        raise Invalid(_("The body is a JSON object, like {“id”: 17}."))
    return data


def _row(payload: dict[str, Any]) -> int:
    given = payload.get("id")
    if type(given) is not int or not 0 < given < 2**63:
        raise Invalid(_("Say which row this is about: {“id”: 17}."))
    return given
