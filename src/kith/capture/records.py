"""Forms, submissions and first answers as records: lists, pages, API, history. Submissions come by themselves."""

from __future__ import annotations

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from kith.capture import actions, events
from kith.capture.kinds import FormDocument
from kith.capture.magnets.figures import DOWNLOADED, SEEN, SENT_FORM
from kith.capture.magnets.panels import CONVERSION
from kith.capture.models import AnswerTarget, Form, LeadClock, Magnet, Submission
from kith.capture.panels import ANSWERS, PUBLISHED, SENT
from kith.capture.queries import in_force
from kith.capture.ways import ANSWERED, WAYS
from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import ByOwner, by_owner, configuration, through
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import Bool, Choice, Email, Integer, Language, Phone
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry

HIDDEN = Facts(faces=frozenset())
SHOWN = frozenset({"list", "filter", "api"})


class Arrived(ByOwner):
    """What came in belongs to whom it was routed to, and to whoever looks after the person it is from."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        own = super().q(actor, record, verb)
        if own == Q() or actor.level(record, verb) == "none":
            return own
        return own | Q(person__in=registry["person"].rows(actor, "see" if verb == "see" else "edit").values("pk"))


class FormRecord(Record):
    name, slug, icon = "form", "forms", "note"
    model, scope, settings, help = Form, by_owner(), True, "forms"
    configured = Configured(key=("key",), draft="draft", in_force=in_force, publish="form.publish", after=("purpose",))
    lists, sort = ("name", "key", "open", "number", "target_minutes", "owner", "updated_at"), "name"
    quick, line = ("name", "about_text"), ("about_text",)
    form = (
        Section(_("Form"), "name key about_text owner team"),
        Section(_("Rules"), "target_minutes per_network proof"),
    )
    views = (View("open", _("Open"), "open.is:1"), View("closed", _("Closed"), "open.is:0"))
    match = ("key",)
    panels = (PUBLISHED,)
    create = actions.create_form
    actions = (actions.publish, actions.close, actions.reopen)
    events = (events.FormPublished, events.FormClosed, events.FormOpened)
    fields = {
        "key": Facts(help=_("The page is /f/ and this. Empty: made from the name.")),
        "draft": Facts(kind=FormDocument(), faces=frozenset({"api", "history", "import", "export"}),
                       help=_("As the builder writes it; nothing counts before it is published.")),
        "number": Facts(only_via="form.publish"),
        "open": Facts(only_via="form.close"),
        "proof": Facts(help=_("Nobody is asked anything: the browser calculates for a moment. What comes without is looked at.")),
        "target_minutes": Facts(help=_("Business time from the post to the first word of a colleague. Empty: as set for forms.")),
    }  # fmt: skip


class MagnetRecord(Record):
    name, slug, icon = "magnet", "magnets", "clip"
    model, scope, settings, help = Magnet, by_owner(), True, "magnets"
    lists, sort = ("name", "form", "asset", "seen", "sent", "downloaded", "owner", "updated_at"), "name"
    quick, match, line = ("name", "form", "asset"), ("name",), ("form", "asset")
    form = (
        Section(_("Lead magnet"), "name form asset owner team"),
        Section(_("Link"), "days most confirm"),
    )
    panels = (CONVERSION,)
    fields = {
        "name": Facts(personal="no"),
        "asset": Facts(help=_("A file attached to it, or where its link leads.")),
        "days": Facts(help=_("After that, the link offers a new one.")),
        "confirm": Facts(help=_("Who is asked to confirm something by mail gets it once they did.")),
        "seen": Facts(kind=Integer(), label=_("Form shown"), expr=SEEN, faces=SHOWN),
        "sent": Facts(kind=Integer(), label=_("Sent the form"), expr=SENT_FORM, faces=SHOWN),
        "downloaded": Facts(kind=Integer(), label=_("Downloaded it"), expr=DOWNLOADED, faces=SHOWN),
    }  # fmt: skip


class SubmissionRecord(Record):
    name, slug, icon = "submission", "submissions", "flag"
    model, scope, settings, help = Submission, Arrived(), True, "forms"
    stamped, by_itself = False, True
    lists = ("name", "subject", "state", "email", "reason", "suspect", "why", "person", "owner", "created_at")
    sort, line = "-created_at", ("subject", "state", "why")
    form = (
        Section(_("Submission"), "name subject through form version_number state why suspect note"),
        Section(_("Sender"), "email phone reason language page referrer"),
        Section(_("What became of it"), "person proposed owner team settled_at acknowledged_at problem"),
    )
    views = (
        View("review", _("To look at"), "state.is:review,archived_at.empty", sort="created_at"),
        View("failed", _("Could not be processed"), "state.is:failed"),
        View("spam", _("Looked like spam"), "suspect.filled"),
        View("discarded", _("Discarded"), "state.is:discarded"),
    )
    panels, parts = (SENT,), (ANSWERS,)
    actions = (actions.accept, actions.merge, actions.discard, actions.route, actions.retry)
    events = (events.Held, events.Accepted, events.MergedInto, events.Discarded, events.Routed, events.TriedAgain)
    fields = {
        "through": Facts(kind=Choice(WAYS)),
        "email": Facts(kind=Email(), personal="answering the person"),
        "phone": Facts(kind=Phone(), personal="answering the person"),
        "language": Facts(kind=Language()),
        "state": Facts(only_via="submission.accept"),
        "why": Facts(only_via="submission.accept"),
        "person": Facts(only_via="submission.accept"),
        "proposed": Facts(only_via="submission.merge"),
        "settled_at": Facts(only_via="submission.accept"),
        "note": Facts(only_via="submission.discard"),
        "owner": Facts(only_via="submission.route"),
        "team": Facts(only_via="submission.route"),
        **dict.fromkeys(
            ("raw", "answers", "facts", "consents", "utm", "network", "agent", "known", "ref", "tries", "next_try_at", "alarmed_at"),
            HIDDEN,
        ),
    }  # fmt: skip


class AnswerTargetRecord(Record):
    name, slug, icon = "answer_target", "answer-targets", "clock"
    model, scope, settings, help, title = AnswerTarget, configuration, True, "capture", "source"
    configured = Configured(key=("through", "source"))
    lists, sort = ("source", "through", "minutes", "calendar", "updated_at"), "through"
    quick, match = ("through", "source", "minutes", "calendar"), ("through", "source")
    form = (Section(_("Who comes to us"), "through source"), Section(_("The first answer"), "minutes calendar"))
    fields = {
        "through": Facts(kind=Choice(ANSWERED), help=_("Who is imported, sent by a program or typed in waits only where a time is set here.")),
        "source": Facts(personal="no", help=_("The name of a form, a chat or a referral programme, or the address of a mailbox. Empty: all who come this way.")),
        "minutes": Facts(help=_("Business time until the first word of a colleague. Forms that say their own keep it.")),
        "calendar": Facts(help=_("Empty: the default calendar.")),
    }  # fmt: skip


class LeadClockRecord(Record):
    name, slug, icon = "lead_clock", "lead-clocks", "clock"
    model, scope, settings, help = LeadClock, through("person", "person"), True, "forms"
    stamped, by_itself, title = False, True, "source"
    lists, sort = (
        (
            "person",
            "source",
            "started_at",
            "due_at",
            "reached_at",
            "reached_by",
            "minutes",
            "target_minutes",
            "calendar",
        ),
        "-started_at",
    )
    views = (
        View("running", _("Waiting"), "reached_at.empty", sort="due_at"),
        View("answered", _("Answered"), "reached_at.filled"),
    )
    fields = {
        "event": HIDDEN, "through": Facts(kind=Choice(WAYS)),
        "in_time": Facts(kind=Bool(), label=_("Answered in time"), expr=Q(minutes__lte=F("target_minutes")),
                         help=_("Whether the first word of a colleague came within the time promised.")),
    }  # fmt: skip


_FIRST = LeadClock.objects.filter(person=OuterRef("pk")).order_by("started_at").values("minutes")[:1]
registry.lend("person", "first_answer", Facts(
    kind=Integer(), label=_("First answered after, minutes"), faces=frozenset({"list", "filter", "api"}), expr=Subquery(_FIRST),
    help=_("Business time from when they first came to us until a colleague called, met or wrote."),
))  # fmt: skip
