"""Addresses of a row's story: pages of entries as parts, and the composer that adds to it.

/people/12/timeline?part=now|more&chip=calls&before=…      parts of the story
/people/12/compose/call                                     GET: the composer for one kind; POST: write it down
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.kernel.errors import KithError
from kith.ui.pages import answers
from kith.ui.pages.composing import Writing, writing
from kith.ui.pages.row import Opened, open_row
from kith.ui.pages.saying import write_down
from kith.ui.pages.story import story
from kith.ui.render import fragment, is_htmx

PARTS = {"now": ("pages/timeline.html", "now"), "more": ("pages/timeline_earlier.html", "earlier")}
WHOLE = ("pages/timeline.html", "story")


@require_GET
def part(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The story or a part of it; somebody without a script is sent to the page that shows the same."""
    opened = open_row(request, slug, pk)
    if not is_htmx(request):
        query = request.GET.copy()
        query.pop("part", None)
        return HttpResponseRedirect(f"{opened.url}?{query.urlencode()}#story")
    template, block = PARTS.get(request.GET.get("part", ""), WHOLE)
    return fragment(request, template, block, story(request, opened))


@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest, slug: str, pk: int, kind: str) -> HttpResponse:
    opened = open_row(request, slug, pk)
    if request.method == "GET":
        if not is_htmx(request):
            return HttpResponseRedirect(f"{opened.url}?kind={kind}#composer")
        return fragment(request, "pages/composer.html", "composer", {"writing": writing(request, opened, kind)})
    now = writing(request, opened, kind, sent=request.POST)
    if now is None or now.kind != kind:
        raise Http404(_("Nothing of the kind “%s” can be written here.") % kind)
    try:
        said, op = write_down(request, opened, now)
    except KithError as problem:
        return _composer_again(request, opened, now, now.refused(problem))
    topics = [*answers.topics(opened.record, opened.row), "activity"]
    if not is_htmx(request):
        return answers.go(request, f"{opened.url}#story", said, op=op)
    fresh = fragment(request, "pages/composer.html", "composer", {"writing": writing(request, opened, kind)})
    return answers.stay(fresh, said, op=op, types=topics)


def _composer_again(request: HttpRequest, opened: Opened, now: Writing, status: int) -> HttpResponse:
    if is_htmx(request):
        return fragment(request, "pages/composer.html", "composer", {"writing": now}, status)
    from kith.ui.pages.record import record_page

    return record_page(request, opened.record.slug, opened.row.pk, now=now, status=status)


urlpatterns = [
    path("<slug:slug>/<int:pk>/timeline", part, name="timeline"),
    path("<slug:slug>/<int:pk>/compose/<slug:kind>", compose, name="compose"),
]
