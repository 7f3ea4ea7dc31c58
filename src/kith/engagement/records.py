"""Templates, sequences and enrolments as records: lists, pages, forms, API, history."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.engagement import actions, asking, enclosing, events, parts, results, wording
from kith.engagement.asked import ANSWERS, OCCURRENCES
from kith.engagement.kinds import SequenceDraft, Translations
from kith.engagement.mailings.records import MailingRecord
from kith.engagement.models import Enrolment, Objection, Sequence, Template, Theme
from kith.engagement.panels import ENCLOSED, LANGUAGES, LOOK, RESULTS, STEPS, WAY, WORDINGS
from kith.engagement.queries import in_force
from kith.engagement.tallies import OF_THEMES, TALLIES
from kith.engagement.tracking import columns  # noqa: F401  lent to people
from kith.engagement.tracking.allowing import TRACK_HELP, settle_tracking
from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import ByOwner, by_owner, configuration, through
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Language
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View

__all__ = ["EnrolmentRecord", "MailingRecord", "ObjectionRecord", "SequenceRecord", "TemplateRecord", "ThemeRecord"]
HIDDEN = Facts(faces=frozenset())


class OfPerson(ByOwner):
    """One's own, or by role, and only those of people one may see: its name tells theirs."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        return super().q(actor, record, verb) & through("person", "person").q(actor, record, verb)


class TemplateRecord(Record):
    name, slug, icon, placed = "template", "templates", "mail", False
    model, scope, help = Template, by_owner(), "templates"
    configured = Configured(after=("purpose",))
    lists, sort = ("name", "kind", "subject", "purpose", "owner", "updated_at"), "name"
    quick = ("name", "kind", "subject", "body")
    form = (
        Section(_("Template"), "name kind language subject body purpose"),
        Section(_("Looked after by"), "owner team"),
    )
    views = (
        View("mails", _("Mails"), "kind.is:mail"), View("snippets", _("Snippets"), "kind.is:snippet"),
    )  # fmt: skip
    match, line = ("name",), ("kind", "subject")
    panels = (LOOK, ENCLOSED, LANGUAGES, WORDINGS)
    actions = (wording.translate, wording.drop_language, enclosing.enclose, enclosing.take_out)
    events = (events.AssetEnclosed, events.AssetTakenOut)
    settle = staticmethod(wording.keep_versions)
    fields = {
        "name": Facts(personal="no"),
        "language": Facts(kind=Language(), help=_("The language of this text; others are added beside it.")),
        "body": Facts(help=_('Paragraphs, lists, **strong**, [links](https://…), {{ person.given_name | "there" }}.')),
        "purpose": Facts(help=_("The key of what people agreed to; empty for what one person writes to another.")),
        "translations": Facts(kind=Translations(), faces=frozenset({"api", "history"})),
    }


class SequenceRecord(Record):
    name, slug, icon = "sequence", "sequences", "loop"
    drawer = "marketing"
    model, scope, help = Sequence, by_owner(), "sequences"
    configured = Configured(
        draft="draft", in_force=in_force, publish="sequence.publish", after=("template", "segment", "purpose")
    )
    lists, sort = ("name", "number", "description", "owner", "updated_at"), "name"
    quick, line = ("name", "description"), ("description",)
    form = (Section(_("Sequence"), "name description track"), Section(_("Looked after by"), "owner team"))
    match = ("name",)
    parts = (results.STEPS, results.ENDS)
    panels = (STEPS, RESULTS)
    actions = (actions.publish,)
    settle = staticmethod(settle_tracking)
    events = (events.SequencePublished,)
    fields = {
        "name": Facts(personal="no"),
        "draft": Facts(kind=SequenceDraft(), faces=frozenset({"api", "history", "import", "export"}),
                       help=_("YAML; the guide explains it. Nothing counts before it is published.")),
        "track": Facts(help=TRACK_HELP),
        "number": Facts(only_via="sequence.publish"),
    }  # fmt: skip


class EnrolmentRecord(Record):
    name, slug, icon = "enrolment", "enrolments", "play"
    model, scope, help = Enrolment, OfPerson(), "sequences"
    by_itself, placed = True, False
    lists, sort = ("name", "person", "sequence", "state", "outcome", "due_at", "owner", "created_at"), "-created_at"
    form = (Section(_("Enrolment"), "sequence person owner team state why"),)
    line = ("state", "why")
    views = (
        View("going", _("Under way"), "state.is:active"), View("resting", _("Paused"), "state.is:paused"),
        View("replied", _("They replied"), "outcome.is:replied"), View("reached", _("Reached the goal"), "outcome.is:goal"),
    )  # fmt: skip
    panels = (WAY,)
    actions = (actions.pause, actions.resume, actions.stop)
    events = (
        events.Enrolled,
        events.SequenceEnded,
        events.SequenceStopped,
        events.SequencePaused,
        events.SequenceResumed,
    )
    fields = {
        "name": Facts(personal="no", faces=FACES - {"form", "import"}),
        "sequence": Facts(sort="sequence__name"),
        "person": Facts(sort="person__sort_name"),
        **dict.fromkeys(("state", "outcome", "why", "due_at", "ended_at"), Facts(only_via="enrolment.stop")),
        "at_step": HIDDEN, "message": HIDDEN, "tries": HIDDEN,
    }  # fmt: skip


class ThemeRecord(Record):
    name, slug, icon, help = "question_theme", "question-themes", "tag", "questions"
    model, scope, settings = Theme, configuration, True
    configured = Configured()
    lists, sort = ("name", "asked", "won", "lost", "position"), "position"
    form = (Section(_("Theme"), "name position"),)
    match = ("name",)
    fields = {"name": Facts(personal="no"), **OF_THEMES}


class ObjectionRecord(Record):
    name, slug, icon, help = "objection", "objections", "help", "questions"
    model, scope, title, placed = Objection, by_owner(), "question", False
    lists, sort, quick = (
        ("question", "theme", "asked", "won", "lost", "owner", "updated_at"),
        "question",
        ("question", "theme"),
    )
    form = (Section(_("Question"), "question theme owner team"),)
    fields = {"theme": Facts(sort="theme__position"), **TALLIES}
    views = (View("unthemed", _("Of no theme yet"), "theme.empty"),)
    match, panels, line = ("question",), (ANSWERS, OCCURRENCES), ("owner",)
    parts = (parts.ANSWERS, parts.OUTCOMES, parts.OCCURRENCES)
    actions = (asking.answer, asking.choose_answer, asking.drop_answer)
    events = (events.QuestionRaised, events.QuestionAnswered, events.AnswerChosen, events.AnswerDropped)
