"""Activities as a record: lists, calendar, forms and filters for tasks, calls, meetings and notes; and mail that arrived."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.activities import actions, events, mailverbs
from kith.activities.bulk import create_activities
from kith.activities.models import Activity
from kith.kernel.access.scopes import by_owner
from kith.kernel.kinds import Duration
from kith.kernel.mail import actions as mail_actions
from kith.kernel.mail import events as mail_events
from kith.kernel.mail.models import Arrived
from kith.kernel.mail.scopes import of_arrivals
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.records.record import Record, Section, View


class ActivityRecord(Record):
    name, slug, icon = "activity", "activities", "calendar"
    model, help = Activity, "activities"
    title, named_by = "subject", ("subject", "body", "kind")
    scope = by_owner()
    lists = ("subject", "kind", "due_at", "person", "company", "deal", "priority", "owner")
    sort = "due_at"
    calendar = "due_at"
    quick = ("subject", "kind", "due_at", "person")
    form = (
        Section(_("What"), "kind subject body due_at minutes location priority"),
        Section(_("About"), "person company deal"),
        Section(_("More"), "owner team repeat remind_at outcome"),
    )
    views = (
        View("mine", _("Mine, open"), "owner.is:me,done_at.empty"),
        View("late", _("Late"), "owner.is:me,done_at.empty,due_at.in:past"),
        View("today", _("Today"), "owner.is:me,done_at.empty,due_at.in:today"),
        View("week", _("This week"), "owner.is:me,due_at.in:this_week", face="calendar"),
        View("done", _("Done"), "owner.is:me,done_at.filled", sort="-done_at"),
    )
    create, edit, create_many, settle = actions.create, actions.edit, create_activities, actions.settle
    actions = (actions.finish, actions.reopen, actions.postpone)
    events = (
        events.TaskPlanned, events.ActivityDone, events.ActivityReopened, events.Postponed, events.NoteWritten,
        events.CallLogged, events.MeetingLogged, events.MailWritten, events.MailSent, events.MailFailed, events.MailReceived,
        events.MailAutoReplied, events.MailBounced, events.MailComplained, events.MailShared,
        events.ContactShared,
    )  # fmt: skip
    fields = {
        "minutes": Facts(kind=Duration(), measure="sum"),
        "done_at": Facts(faces=FACES - {"form"}),  # finishing is a verb
        "incoming": Facts(faces=FACES - {"form"}),  # said by whoever brings the mail
    }


HIDDEN = Facts(faces=frozenset())


class ArrivedRecord(Record):
    name, slug, icon = "arrived", "arrived-mail", "inbox"
    model, scope, settings, help = Arrived, of_arrivals, True, "mail"
    title, by_itself, stamped = "subject", True, False
    lists, sort = ("subject", "sender", "at", "state", "problem", "mailbox"), "-at"
    line = ("sender", "state", "problem")
    form = (Section(_("How it came"), "sender subject at size mailbox folder cleared_at"),)
    views = (
        View("failed", _("Could not be filed"), "state.is:failed"), View("held", _("Waits for somebody"), "state.is:held"),
        View("ignored", _("Left alone"), "state.is:ignored"),
    )  # fmt: skip
    actions = (mailverbs.file_with, mail_actions.retry, mail_actions.leave_alone)
    events = (mail_events.Retried, mail_events.LeftAlone, mail_events.RawCleared)
    fields = {
        "uidvalidity": HIDDEN, "uid": HIDDEN, "digest": HIDDEN, "automatic": HIDDEN, "file": HIDDEN, "twin": HIDDEN,
        "message_id": Facts(faces=FACES - {"form"}),
    }  # fmt: skip
