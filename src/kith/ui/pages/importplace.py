"""What every page of an import begins with: its kind, the run itself, their addresses, and the steps on the way."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy

from kith.kernel.intake import queries
from kith.kernel.intake.models import ImportRun
from kith.kernel.intake.targets import Target, targets
from kith.ui.pages.base import actor_of

STAGES = (gettext_lazy("File"), gettext_lazy("Columns"), gettext_lazy("Check"), gettext_lazy("Import"))


def target_of(request: HttpRequest, slug: str) -> Target:
    target = next((t for t in targets() if t.slug == slug), None)
    if target is None:
        raise Http404(f"Nothing called “{slug}” can be imported.")
    target.allow(actor_of(request))
    return target


def run_of(request: HttpRequest, slug: str, pk: int) -> tuple[Target, ImportRun]:
    target = target_of(request, slug)
    run = queries.get_run(actor_of(request), pk)
    if run.target != target.name:
        raise Http404("That import is of another kind.")
    return target, run


def address(target: Target, run: ImportRun | None = None, rest: str = "") -> str:
    base = f"/{target.slug}/import/"
    return f"{base}{run.pk}{'/' + rest if rest else ''}" if run is not None else base


def download(response: Any, name: str) -> HttpResponseBase:
    """The response as a file of that name, which nobody caches."""
    safe = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)
    response["Content-Disposition"] = (
        f'attachment; filename="{safe.encode("ascii", "replace").decode().replace("?", "_")}"'
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[no-any-return]
