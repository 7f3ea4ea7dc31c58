"""The public list, where one takes rows on or gives them a date in place; and the page of the nightly proof."""

from __future__ import annotations

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from kith.kernel.errors import KithError
from kith.kernel.jobs import enqueue
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import operation
from kith.process.forgotten import proving
from kith.process.forgotten.looking import RECORDS
from kith.process.forgotten.models import Kind
from kith.process.forgotten.queries import MOST, found_rows, groups, proofs
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, is_htmx, page

TOPICS = "activity deal person company journey ticket"  # what changes the list
QUICK = 300_000  # rows up to which a proof is made while one waits
WRONG = {
    proving.UNLISTED: gettext_lazy("neither attended to nor on the list"),
    proving.LISTED: gettext_lazy("on the list, although somebody attends to it"),
    proving.MISTOLD: gettext_lazy("on the list for another reason than it says"),
    proving.STEP: gettext_lazy("its next step was not its earliest open activity"),
}

COUNTED = {
    Kind.LEAD: gettext_lazy("on a journey that has not come to a won deal, or with an open deal"),
    Kind.DEAL: gettext_lazy("open and checked"),
    Kind.CUSTOMER: gettext_lazy("on a journey at or after a won deal, or on none and a customer by a won deal, an order or by hand"),
    Kind.TICKET: gettext_lazy("new, open or waiting"),
}  # fmt: skip


@require_safe
def unattended(request: HttpRequest) -> HttpResponse:
    """`?kind=lead&after=12`; its rows alone where the page itself asks."""
    kind, after = request.GET.get("kind", ""), request.GET.get("after", "")
    if kind and kind not in Kind.values:
        raise Http404("There is no such list.")
    found = groups(actor_of(request), kind, int(after) if after.isdecimal() and len(after) < 18 else 0)
    here = request.get_full_path()
    context = {
        "groups": found, "kind": kind, "here": here, "topics": TOPICS, "most": MOST,
        "empty": not any(group.total for group in found), "writes": actor_of(request).can("activity.create"),
    }  # fmt: skip
    if is_htmx(request):
        return fragment(request, "forgotten/unattended.html", "rows", context)
    return page(request, "forgotten/unattended.html", context)


@require_POST
def take_on(request: HttpRequest, record: str, pk: int) -> HttpResponse:
    """Put a row of the list into the reader's own care."""
    if record not in RECORDS:
        raise Http404("There are no such rows on the list.")
    actor, kind = actor_of(request), registry[record]
    row = kind.get(actor, pk)
    label = _("Took on %s") % kind.name_of(row)
    try:
        with operation(f"{record}.take_on", label, by=actor, record=record) as (op, by):
            edit(kind, row, {"owner": actor.user}, by=by)
    except KithError as problem:
        return answers.go(request, answers.back(request, "/unattended/"), problem.message)
    said = _("%s is in your care now.") % kind.name_of(row)
    if not is_htmx(request):
        return answers.go(request, answers.back(request, "/unattended/"), said, op=op)
    return answers.stay(HttpResponse(status=204), said, op=op, types=answers.topics(kind, row))


@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """The last proof, what it found, and the nights before."""
    actor = actor_of(request)
    nights = proofs(actor)
    last = nights[0] if nights else None
    rows = [{**one, "words": WRONG[one["what"]]} for one in found_rows(actor, last)] if last else []
    context = {
        "nights": nights, "last": last, "rows": rows, "more": (last.violations - len(rows)) if last else 0,
        "kinds": [(kind.value, str(kind.label)) for kind in Kind],
        "definitions": {kind.value: str(words) for kind, words in COUNTED.items()},
    }  # fmt: skip
    return page(request, "forgotten/proof.html", context)


@require_POST
def prove_now(request: HttpRequest) -> HttpResponse:
    """Prove it while one waits; in the background where that would take long."""
    actor = actor_of(request)
    actor.require("settings.manage")
    if _size() > QUICK:
        enqueue("forgotten.prove", key="forgotten.prove", asked_by=actor.name)
        return answers.go(request, "/proof/", _("It is being proved; look again in a minute."))
    made = proving.prove(actor.name)
    said = _("Nobody is forgotten.") if not made.violations else _("%d rows were found that should not be there; they are put right.") % made.violations  # fmt: skip
    return answers.go(request, "/proof/", said)


def _size() -> int:
    """About how many rows a proof reads, as the database remembers it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(reltuples), 0)::bigint FROM pg_class WHERE relname = ANY(%s)",
            [["contacts_person", "contacts_company", "deals_deal", "process_journey"]],
        )
        return int(cursor.fetchone()[0])
