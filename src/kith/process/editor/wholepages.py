"""Pages about a process as a whole: its name and calendar, adding a step, publishing, earlier versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.kernel.calendars.queries import calendar_names
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.process.definition.differ import differences
from kith.process.definition.document import Faults
from kith.process.definition.shape import Definition
from kith.process.editor import changes, words
from kith.process.editor.desk import Desk, fields, moved_words, open_desk
from kith.process.editor.drafting import edit_draft
from kith.process.editor.whom import say_whom
from kith.process.playbook import parts
from kith.process.publishing import becomes_standard, say_begins
from kith.ui.forms import tidy
from kith.ui.pages import answers
from kith.ui.render import page

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
def process_page(request: HttpRequest, key: str) -> HttpResponse:
    """What a process says of itself, its segments, and the steps there are."""
    desk = open_desk(request, key)
    here, errors = desk.definition, {}
    if request.method == "POST":
        sent = {name: tidy(request.POST.get(name)).strip() for name in ("name", "about", "calendar", "opens")}
        here = replace(here, **sent)
        if not sent["name"]:
            errors["name"] = _("A process needs a name.")
        if len(sent["name"]) > 120:
            errors["name"] = _("This is longer than 120 characters.")
        if not errors:
            op = edit_draft(desk.process, _("Draft of %s") % here.name, lambda now: replace(now, **sent), by=desk.actor)
            return answers.go(request, desk.base, _("Saved in the draft."), op=op)
    context = {
        **desk.context(), "shown": here, "errors": fields(errors), "calendars": [(n, n) for n in _calendars(here)],
        "opens": [(s.key, s.name) for s in here.stages], "whom": say_whom(desk.process, here, desk.actor),
        "segments": [(s, words.say_rule(s.rule, desk.actor)) for s in here.segments],
    }  # fmt: skip
    return page(request, "process/process.html", context, 422 if errors else 200)


def _calendars(definition: Definition) -> list[str]:
    """Calendars there are, and the one named even if it is gone."""
    return sorted({*calendar_names(), *([definition.calendar] if definition.calendar else [])})


@require_http_methods(METHODS)
def add_stage(request: HttpRequest, key: str) -> HttpResponse:
    """A new step: its name, and after which it comes."""
    desk = open_desk(request, key)
    stages = desk.definition.stages
    given = request.POST if request.method == "POST" else request.GET
    after = given.get("after", stages[-1].key)
    context: dict[str, Any] = {
        **desk.context(), "name": tidy(given.get("name")).strip(), "after": after if after in desk.definition.by_key else "",
        "places": [(s.key, _("After %s") % s.name) for s in stages], "errors": fields(), "to": f"{desk.base}-/add/",
    }  # fmt: skip
    if request.method != "POST":
        return answers.ask(request, "process/add.html", context)
    made = ""

    def apply(now: Definition) -> Definition:
        nonlocal made
        grown, made = changes.add_stage(
            now, context["name"], context["after"] if context["after"] in now.by_key else ""
        )
        return grown

    try:
        op = edit_draft(desk.process, _("New step %s") % context["name"], apply, by=desk.actor)
    except Invalid as problem:
        context["errors"] = fields({"name": problem.message})
        return answers.ask(request, "process/add.html", context, 422)
    return answers.go(request, f"{desk.base}{made}/", _("%s stands in the draft.") % context["name"], op=op)


# --- publishing
@require_http_methods(METHODS)
def publish_page(request: HttpRequest, key: str) -> HttpResponse:
    """What publishing will do, in sentences and numbers; then it is done."""
    desk = open_desk(request, key)
    if desk.draft is None:
        return answers.go(request, desk.base, _("There is no draft to publish; change something first."))
    gone = _gone(desk)
    context: dict[str, Any] = {
        **desk.context(), "gone": gone, "told": desk.preview, "numbers": moved_words(desk.preview) if desk.preview else [],
        "places": [(s.key, s.name) for s in desk.definition.stages], "to": f"{desk.base}-/publish/", "errors": fields(), "problems": desk.wrong,
        "note": tidy(request.POST.get("note")).strip(), "default": _ticked(request, desk),
        "begins": say_begins(desk.process, desk.definition),
        "moves": {g["key"]: request.POST.get(f"move-{g['key']}", "") for g in gone},
        "whom": say_whom(desk.process, desk.definition, desk.actor) if desk.definition.whom else "",
        "review": request.POST.get("review", "") if request.method == "POST" else str(desk.review.pk) if desk.review else "",
    }  # fmt: skip
    if request.method != "POST":
        return answers.ask(request, "process/publish.html", context)
    raw = {
        "note": context["note"], "default": "on" if context["default"] else "",
        "moves": ",".join(f"{old}={new}" for old, new in context["moves"].items() if new), "review": context["review"],
    }  # fmt: skip
    try:
        outcome = perform(ACTIONS["process.publish"], desk.process, raw, by=desk.actor)
    except Faults as problem:
        context["problems"] = problem.sentences
    except NeedsInput as problem:
        context["errors"] |= {g["key"]: _("Say where these go.") for g in gone if not context["moves"][g["key"]]}
        context["errors"] |= {name: " ".join(said) for name, said in problem.errors.items() if name == "note"}
        context["problems"] = [] if context["errors"] else [problem.message]
    except Invalid as problem:
        context["problems"] = [problem.message]
    else:
        number = Desk(desk.actor, outcome.result).versions[0].number
        said = _("Version %(n)s of %(name)s is in force") % {"n": number, "name": outcome.result.name}
        return answers.go(request, desk.base, said, op=outcome.operation)
    return answers.ask(request, "process/publish.html", context, 422)


def _ticked(request: HttpRequest, desk: Desk) -> bool:
    """Whether new customers are to begin here: as was said, at first as it is already."""
    if desk.definition.whom:
        return True
    if request.method == "POST":
        return bool(request.POST.get("default"))
    return becomes_standard(desk.process, desk.definition, None)


def _gone(desk: Desk) -> list[dict[str, Any]]:
    """Stages with journeys in them that the draft does not have."""
    if desk.preview is None or desk.old is None:
        return []
    return [{"key": key, "name": desk.old.by_key[key].name if key in desk.old.by_key else key, "n": n} for key, n in desk.preview.gone.items()]  # fmt: skip


@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Throw the draft away."""
    desk = open_desk(request, key)
    outcome = perform(ACTIONS["process.discard"], desk.process, {}, by=desk.actor)
    return answers.go(request, desk.base, _("The draft is gone; this is what is in force."), op=outcome.operation)


# --- versions
@require_GET
def version_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version to read, against the one in force."""
    desk = open_desk(request, key)
    definition = desk.version(number)
    version = next(v for v in desk.versions if v.number == number)
    against = desk.old if desk.old is not None and desk.process.in_force != number else None
    context = {
        **desk.context(), "read": definition, "version": version, "stages_told": read_stages(definition, desk.actor),
        "changed": differences(against, definition) if against else [],
        "same": against is not None and against == definition, "whom": words.say_rule(definition.whom, desk.actor),
    }  # fmt: skip
    return page(request, "process/version.html", context)


@require_POST
def use_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What that version said becomes the draft."""
    desk = open_desk(request, key)
    definition = desk.version(number)
    op = edit_draft(desk.process, _("Draft of %s") % definition.name, lambda _now: definition, by=desk.actor)
    said = (
        _("Version %s is the draft now.")
        if number != desk.process.in_force
        else _("The draft says what is in force: version %s.")
    )
    return answers.go(request, desk.base, said % number, op=op)


def read_stages(definition: Definition, actor: Any) -> list[dict[str, Any]]:
    """Every stage as people read it: needs and spans in words, the playbook in parts."""
    return [
        {
            "stage": s, "needs": [(n, words.say_need(n, actor)) for n in s.needs], "parts": parts(s.playbook),
            "events": [words.say_event(v) for v in s.enters_on], "within": _within(definition, s), "team": _team(definition, s),
            "silence": words.say_span(s.silence), "only": [x.name for x in definition.segments if x.key in s.only],
        }
        for s in definition.stages
    ]  # fmt: skip


def _team(definition: Definition, stage: Any) -> str:
    """ "Sales (Retail: Inside sales)" """
    own = ", ".join(f"{s.name}: {stage.team_for[s.key]}" for s in definition.segments if s.key in stage.team_for)
    return f"{stage.team} ({own})" if stage.team and own else stage.team or own


def _within(definition: Definition, stage: Any) -> str:
    """ "14 days (Retail: 10 days)" """
    own = ", ".join(
        f"{s.name}: {words.say_span(stage.within_for[s.key])}" for s in definition.segments if s.key in stage.within_for
    )
    plain = words.say_span(stage.within)
    return f"{plain} ({own})" if plain and own else plain or own
