"""Parts of record pages: a template as it will look, the steps and results of a sequence, where somebody stands in one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement import composing, gathered  # noqa: F401  the composer for mail learns of templates; segments have a part
from kith.engagement.asking import raise_question
from kith.engagement.checking import faults_of
from kith.engagement.definition import read
from kith.engagement.models import (
    GOING,
    Dress,
    Enclosure,
    Enrolment,
    Sequence,
    SequenceVersion,
    Step,
    Template,
    TemplateVersion,
)
from kith.engagement.queries import definition_of, next_moment
from kith.engagement.results import results_of
from kith.engagement.saying import ICONS, say_goal, say_step
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Language
from kith.kernel.records.registry import registry
from kith.kernel.steps import every_step, program, standing
from kith.ui.panels import BEFORE, Panel, register_composer, register_panel

VERSIONS, SHOWN = 10, 50
register_composer(
    "question", _("Question"), "help", raise_question, submit=_("Note it"), placeholder=_("What they asked, in their words"), order=60,
    applies=lambda record, row: record.name in ("person", "company", "deal"), below="engagement/composer_question.html",
)  # fmt: skip


def look(actor: Actor, template: Template) -> dict[str, Any]:
    """The template as one person gets it, in a frame of its own."""
    return {"template": template, "mail": template.kind == "mail"}


def languages(actor: Actor, template: Template) -> dict[str, Any]:
    rows = [(text["language"], Language().show(text["language"]), text["subject"]) for text in template.translations]
    return {"rows": rows, "template": template, "count": len(rows) or None}


def wordings(actor: Actor, template: Template) -> dict[str, Any]:
    """Every version, newest first, with how many mails left in it."""
    rows = list(TemplateVersion.objects.filter(template=template).order_by("-number")[:VERSIONS])
    sent = Dress.objects.filter(version__in=rows)
    counts: dict[int, int] = {}
    for pk in sent.values_list("version_id", flat=True):
        counts[pk or 0] = counts.get(pk or 0, 0) + 1
    return {"rows": [(row, counts.get(row.pk, 0)) for row in rows]}


def steps(actor: Actor, sequence: Sequence) -> dict[str, Any]:
    """The draft in words, what keeps it from being published, and whether it differs from what counts."""
    version = SequenceVersion.objects.filter(sequence=sequence, number=sequence.number or 0).first()
    definition = read(sequence.draft)
    told = [
        {"number": number, "words": say_step(step, actor), "icon": ICONS[step["do"]], "depth": number.count(".")}
        for number, step in every_step(definition.steps)
    ]  # fmt: skip
    return {
        "sequence": sequence, "steps": told, "window": definition.window, "count": len(told) or None,
        "goal": say_goal(definition.goal, actor),
        "faults": faults_of(sequence.draft, actor) if sequence.draft else [],
        "changed": version is not None and version.document != sequence.draft,
        "hint": __("version %s counts") % version.number if version else __("not published yet"),
    }  # fmt: skip


def results(actor: Actor, sequence: Sequence) -> dict[str, Any] | None:
    if not sequence.number:
        return None
    return of_version(actor, sequence)


def of_version(actor: Actor, sequence: Sequence, number: int | None = None) -> dict[str, Any]:
    """What the results of one version, else of the one in use, show; with the versions that there are."""
    told = results_of(actor, sequence, number)
    reading = sequence.track or any(step.agreed for step in told["steps"])
    numbers = SequenceVersion.objects.filter(sequence=sequence).order_by("-number").values_list("number", flat=True)
    return {"sequence": sequence, "reading": reading, "versions": list(numbers[:SHOWN]), **told}


def way(actor: Actor, row: Enrolment) -> dict[str, Any]:
    """Where somebody stands: each step of their version, done, next, or ahead."""
    definition = definition_of(row.sequence_id, row.version_number)
    line = program(definition.steps)
    here = standing(line, row.at_step)
    done = {step.position: step for step in Step.objects.filter(enrolment=row)}
    told = [
        {"number": each.number, "words": say_step(each.step, actor), "icon": ICONS[each.step["do"]], "done": done.get(place),
         "next": place == here and row.state in GOING}
        for place, each in enumerate(line) if each.step is not None
    ]  # fmt: skip
    goal = say_goal(definition.goal, actor)
    return {"row": row, "steps": told, "goal": goal, "next_at": next_moment(row), "going": row.state in GOING}


def of_person(actor: Actor, person: Any) -> dict[str, Any] | None:
    """The sequence that goes on with this person, and those that are over."""
    found = registry["enrolment"].rows(actor, archived=False).filter(person_id=person.pk)
    rows = list(found.select_related("sequence", "owner").order_by("-pk")[:5])
    if not rows:
        return None
    told = []
    for row in rows:
        try:
            line = program(definition_of(row.sequence_id, row.version_number).steps) if row.state in GOING else []
        except Invalid:
            line = []
        here = standing(line, row.at_step)
        step = line[here].step if here < len(line) else None
        told.append(
            {"row": row, "next": say_step(step, actor), "next_at": next_moment(row), "going": row.state in GOING}
        )
    return {"rows": told, "count": len(rows)}


def enclosed(actor: Actor, template: Template) -> dict[str, Any] | None:
    """Assets of the library that go with every mail of it, as far as the reader sees them."""
    if template.kind != "mail":
        return None
    mine = Enclosure.objects.filter(template=template)
    seen = registry["asset"].rows(actor).filter(pk__in=mine.values("asset")).order_by("name", "pk")
    rows = [(a.pk, a.name, f"/assets/{a.pk}", a.get_sort_display(), a.archived_at is not None) for a in seen]
    return {"rows": rows, "unseen": mine.count() - len(rows), "count": len(rows) or None}


ENCLOSED = Panel(
    "enclosed", _("Goes along"), "engagement/panel_enclosed.html", enclosed, place="main", order=8, depends_on=("asset",),
    verbs=("enclose", "take_out"),
)  # fmt: skip
LOOK = Panel("look", _("As they get it"), "engagement/panel_look.html", look, place="main", order=5)
LANGUAGES = Panel(
    "languages", _("In other languages"), "engagement/panel_languages.html", languages, place="main", order=10,
    verbs=("translate", "drop_language"),
)  # fmt: skip
WORDINGS = Panel("wordings", _("Versions"), "engagement/panel_wordings.html", wordings, order=30)
STEPS = Panel("sequence-steps", _("Steps"), "engagement/panel_steps.html", steps, place="main", order=5)
RESULTS = Panel(
    "sequence-results", _("What became of it"), "engagement/panel_results.html", results, depends_on=("enrolment",), place="main",
    order=10, lazy=True, covers=("enrolment",),
)  # fmt: skip
WAY = Panel("way", _("Step by step"), "engagement/panel_way.html", way, place="main", order=5)
register_panel(
    Panel(
        "sequence", _("Sequence"), "engagement/panel_person.html", of_person, depends_on=("enrolment",), order=35,
        covers=("enrolment",), lazy=True, phase=BEFORE),
    on="person",
)  # fmt: skip
