"""A page that slept longer than its live address lasts asks here for a fresh one."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from kith.web.live import renewed


@require_GET
def renew(request: HttpRequest) -> HttpResponse:
    """The fresh token as plain text, or 403 when the old one was never this person's."""
    fresh = renewed(request.GET.get("token", ""), request.user.pk)
    answer = HttpResponse(fresh or "", status=200 if fresh else 403, content_type="text/plain")
    answer["Cache-Control"] = "no-store"
    return answer
