"""Marking who came: paste the list of the stand, see at once who was found and who is nobody yet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kith.awareness.access import registry_row
from kith.awareness.campaigns.actions import mark
from kith.awareness.models import Campaign, State
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.segments.recognising import recognise
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page


@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """A pasted list: marked as far as it was recognised; the rest is shown, to be added or written differently."""
    actor = actor_of(request)
    campaign: Campaign = registry_row("campaign", actor, pk, "edit")
    values: dict[str, Any] = {"state": State.ATTENDED}
    errors: dict[str, str] = {}
    unmatched: list[str] = []
    done = ""
    if request.method == "POST":
        values = {key: request.POST.get(key, "") for key in ("who", "state", "task", "due")}
        raw = {key: value for key, value in values.items() if value.strip()}
        try:
            outcome = perform(mark, campaign, raw, by=actor)
        except (NeedsInput, InvalidMany) as problem:
            errors = {key: words[0] for key, words in problem.errors.items()}
            errors |= {key: _("This is needed.") for key in getattr(problem, "inputs", ()) if key not in errors}
        except Invalid as problem:
            errors = {problem.field or "who": problem.message}
        else:
            found = recognise(registry["person"], values["who"].splitlines(), actor)
            unmatched = [*found.unknown, *found.unsure]
            n = len(found.rows)
            done = ngettext("%(n)d person is marked.", "%(n)d people are marked.", n) % {"n": n}
            if not unmatched:
                return answers.go(request, f"/campaigns/{pk}", done, op=outcome.operation)
            values["who"] = "\n".join(unmatched)
    context = {
        "campaign": campaign, "values": values, "errors": errors, "unmatched": unmatched, "done": done,
        "states": [(key, str(label)) for key, label in State.choices], "may_add": actor.can("person.create"),
    }  # fmt: skip
    return page(request, "awareness/attendance.html", context, 422 if errors else 200)
