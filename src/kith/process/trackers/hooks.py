"""Where trackers call: POST /hooks/trackers/<id>/, signed as each kind signs. An issue that nobody waits for is nothing to us."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kith.contacts.callers import refuse, too_much
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.records.action import perform
from kith.process.trackers.actions import move
from kith.process.trackers.keeping import belongs
from kith.process.trackers.models import Issue, Tracker
from kith.process.trackers.providers import Refused, hear


# Another system calls, which holds no session: the signature over the body is what lets it in.
@csrf_exempt
@login_not_required
@require_POST
def heard(request: HttpRequest, pk: int) -> HttpResponse:
    """202 with whether the issue is known; 404 for a tracker that is not ours or not in use, 401 for a wrong signature."""
    if (refused := too_much(request, "trackers.heard")) is not None:
        return refused
    tracker = Tracker.objects.filter(pk=pk, active=True, archived_at=None).first() if pk < 2**63 else None
    if tracker is None:
        return refuse(404, _("There is no such address."))
    try:
        said = hear(tracker, request.headers, request.body)
    except Refused:
        return refuse(401, _("The call is not signed with the secret of this tracker."))
    except Invalid as problem:
        return refuse(422, problem.message)
    if said is None or not belongs(tracker, said.url):
        return JsonResponse({"known": False}, status=202)
    issue = Issue.objects.filter(url=said.url, archived_at=None).first()
    if issue is not None and said.delivery:
        raw = {"status": said.delivery, "title": said.title}
        perform(move, issue, raw, by=system("api", name=tracker.name))
    return JsonResponse({"known": issue is not None}, status=202)
