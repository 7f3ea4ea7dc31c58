"""Activities as a record: lists, calendar, forms and filters for tasks, calls, meetings and notes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.activities import actions, events
from kith.activities.bulk import create_activities
from kith.activities.models import Activity
from kith.kernel.access.scopes import by_owner
from kith.kernel.kinds import Duration
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
    )  # fmt: skip
    fields = {
        "minutes": Facts(kind=Duration(), measure="sum"),
        "done_at": Facts(faces=FACES - {"form"}),  # finishing is a verb
        "incoming": Facts(faces=FACES - {"form"}),  # said by whoever brings the mail
    }
