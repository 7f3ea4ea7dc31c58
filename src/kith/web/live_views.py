"""Live updates where Django answers: a fresh address for a page that slept, and a plain "not here" without a stream."""

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


@require_GET
def not_here(request: HttpRequest) -> HttpResponse:
    """The streams are served before Django is asked (`web/asgi.py`); behind plain WSGI a page goes without, quietly."""
    return HttpResponse(status=204)
