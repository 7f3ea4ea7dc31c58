"""Reviews and feedback as records: lists, timelines, API. Both come from verbs, so that nobody makes them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import NONE, Scope
from kith.kernel.kinds import Choice, Integer, LongText, Number, Text
from kith.kernel.records.columns import Facts
from kith.kernel.records.parts import Part
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry
from kith.process.kinds import StageKey
from kith.process.review import deciding, events, saying, setting
from kith.process.review.models import Feedback, Review, Verdict
from kith.process.review.panels import MEETING
from kith.process.review.queries import figures_part, proposals_part


@dataclass(frozen=True)
class Common(Scope):
    """Everybody reads these rows, unless their role is kept to their own or their team's; those who manage settings change
    them, and with `own_words` whoever `person` names changes theirs."""

    person: str
    own_words: bool = False

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        if verb != "see":
            own = Q(**{f"{self.person}_id": actor.user_id}) if self.own_words and actor.user_id else NONE
            return Q() if actor.can("settings.manage") else own
        level = actor.level(record, verb)
        if level == "all":
            return Q()
        if level == "none" or actor.user_id is None:
            return NONE
        return Q(**{f"{self.person}_id__in": actor.teammate_ids if level == "team" else {actor.user_id}})

    def explain(self, actor: Actor, record: str, row: Any) -> list[str]:
        return [__("Everybody reads how the process is reviewed, and what colleagues say about it.")]


FIGURES = Part(
    "figures", _("Figures by stage"),
    {"stage": Text(), "name": Text(), "entered": Integer(), "done": Integer(), "skipped": Integer(), "due": Integer(),
     "late": Integer(), "ended": Integer(), "median": Number(), "p90": Number()},
    figures_part,
)  # fmt: skip
PROPOSALS = Part(
    "proposals", _("Proposals"),
    {"id": Integer(), "stage": Text(), "title": LongText(), "hopes": LongText(), "grounds": LongText(), "by": Text(),
     "verdict": Choice(dict(Verdict.choices)), "reason": Text()},
    proposals_part,
)  # fmt: skip


class ReviewRecord(Record):
    name, slug, icon, help = "review", "reviews", "map", "process-review"
    model, scope, by_itself = Review, Common("host"), True
    settings, stamped = True, False  # found from the process, not among the main places; it configures nothing
    lists, sort = ("name", "process", "state", "meets_at", "host", "published"), "-meets_at"
    line = ("state", "meets_at", "host")
    form = (
        Section(_("Meeting"), "process state planned_on meets_at host held_at meeting notes"),
        Section(_("What came of it"), "before published follow_on"),
    )
    views = (View("open", _("Being prepared"), "state.is:preparing"),)
    panels = (MEETING,)
    actions = (deciding.recount, deciding.postpone, deciding.propose, deciding.decide, deciding.hold)
    events = (events.Prepared, events.Postponed, events.Proposed, events.Decided, events.Held, events.VersionCame, events.EffectSeen)  # fmt: skip
    parts = (FIGURES, PROPOSALS)
    fields = {
        "name": Facts(personal="no", only_via="review.postpone"),
        "process": Facts(only_via="review.recount"),
        "state": Facts(only_via="review.hold"),
        "planned_on": Facts(only_via="review.postpone"),
        "meets_at": Facts(only_via="review.postpone"),
        "meeting": Facts(only_via="review.postpone"),
        "before": Facts(only_via="review.hold"),
        "published": Facts(only_via="review.hold"),
        "held_at": Facts(only_via="review.hold"),
        "follow_on": Facts(only_via="review.hold"),
    }


class FeedbackRecord(Record):
    name, slug, icon, help = "feedback", "feedback", "chat", "process-review"
    model, scope, by_itself = Feedback, Common("author", own_words=True), True
    settings, stamped = True, False
    lists, sort = ("name", "stage", "kind", "author", "created_at", "review", "answer"), "-created_at"
    line = ("stage", "kind", "author")
    form = (
        Section(_("Said"), "process stage kind body author"),
        Section(_("What came of it"), "review answer"),
    )
    views = (View("mine", _("What I said"), "author.is:me"), View("unread", _("Not read yet"), "review.empty"))
    actions = (saying.answer,)
    events = (events.Read, events.Answered)
    fields = {
        "name": Facts(personal="what a colleague said"),
        "process": Facts(only_via="feedback.answer"),
        "stage": Facts(kind=StageKey()),
        "body": Facts(personal="what a colleague said"),
        "author": Facts(only_via="feedback.answer", personal="who said it"),
        "review": Facts(only_via="feedback.answer"),
        "answer": Facts(only_via="feedback.answer"),
    }


registry.lend_actions(
    "process", setting.set_rhythm, setting.stop_reviews, setting.prepare_review, saying.say_about,
    events=(events.RhythmSet, events.ReviewsStopped),
)  # fmt: skip
