"""Settings, process: which processes there are, how to begin one, and a process as a file, in and out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import operation
from kith.process.definition.document import Faults
from kith.process.definition.files import MOST, from_yaml, to_yaml
from kith.process.definition.shape import Definition
from kith.process.editor.desk import ROOT, Desk, open_desk
from kith.process.editor.whom import doors
from kith.process.publishing import bring
from kith.process.starters import own_starter, own_starters
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page


def _manager(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actor.require("settings.manage")
    return actor


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every process with its steps, and what one can begin with."""
    actor = _manager(request)
    rows = registry["process"].rows(actor, archived=False).order_by("-is_default", "name")
    desks = [Desk(actor, row) for row in rows]
    here = {desk.process.key for desk in desks}
    found = doors(actor)
    offered = [{"one": one, "there": one.key in here} for one in own_starters()]
    context = {"desks": desks, "offered": offered, "first": not desks, "doors": found, "chosen": len(found) > 1}
    return page(request, "process/overview.html", context)


@require_POST
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """Bring a starter in as a draft."""
    made = own_starter(name)
    op = _brought(made, _manager(request))
    return answers.go(request, f"{ROOT}{made.key}/", _("%s stands here as a draft. Change what you like, then publish it.") % made.name, op=op)  # fmt: skip


def _brought(definition: Definition, by: Actor) -> Operation:
    with operation("process.import", _("Process %s") % definition.name, by=by, record="process") as (op, actor):
        bring(definition, by=actor)
    return op


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """A file as the draft of the process whose key it names. All that is wrong with it is said at once."""
    actor = _manager(request)
    if request.method != "POST":
        return page(request, "process/import.html", {"problems": []})
    try:
        made = from_yaml(_text(request))
        op = _brought(made, actor)
    except Faults as problem:
        return page(request, "process/import.html", {"problems": problem.sentences}, 422)
    except Invalid as problem:
        return page(request, "process/import.html", {"problems": [problem.message]}, 422)
    return answers.go(request, f"{ROOT}{made.key}/", _("%s stands here as a draft.") % made.name, op=op)


def _text(request: HttpRequest) -> str:
    sent: Any = request.FILES.get("file")
    if sent is None:
        raise Invalid(_("Choose a file first: a process as YAML, as it is exported here."))
    if sent.size > MOST * 4:
        raise Invalid(_("This file is larger than any process; choose one that was exported here."))
    try:
        return str(sent.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid(_("This file is no text in UTF-8; choose a process as YAML.")) from None


@require_GET
def export_file(request: HttpRequest, key: str) -> HttpResponse:
    """What is being worked on as a file; `?version=3` for one that was published."""
    desk = open_desk(request, key)
    number = request.GET.get("version", "")
    definition = desk.definition
    if number.isdecimal():
        definition = desk.version(int(number))
    response = HttpResponse(to_yaml(definition), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{desk.process.key}.yaml"'
    return response
