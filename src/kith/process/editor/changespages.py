"""What changed with a version, for everybody whom it concerns: read it, say that you did, look at the guide."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.kernel.errors import NotFound
from kith.process.editor.announcing import changed_with, mark_read
from kith.process.models import Version
from kith.process.versions import in_use, published
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page


@require_http_methods(["GET", "HEAD", "POST"])
def changes_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The changes of one version; POST says that one has read them."""
    actor = actor_of(request)
    process, version = _version(key, number)
    if request.method == "POST":
        mark_read(process, version, actor)
        return answers.go(request, request.path, _("Thank you for reading."))
    return page(request, "process/changes.html", {"told": changed_with(process, version, actor)})


def _version(key: str, number: int) -> tuple[object, Version]:
    running = next((one.process for one in in_use().values() if one.process.key == key), None)
    found = next((v for v in published(running) if v.number == number), None) if running is not None else None
    if running is None or found is None:
        raise NotFound(
            _("There is no version %(n)s of “%(key)s”; perhaps it was taken back.") % {"n": number, "key": key}
        )
    return running, found
