"""What people do for a relationship (tasks, calls, meetings, notes) and what they write to each other (messages).

One table for activities: a next step is simply the earliest open one with a date. A message belongs to a thread,
found by mail headers.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.mail.levels import Level
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import brief


class ActivityKind(models.TextChoices):
    TASK = "task", _("Task")
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    NOTE = "note", _("Note")


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class Activity(RecordModel, Owned):
    """`due_at`: when a task is due, or when a call or meeting is (or was). `done_at`: when it was done."""

    kind = models.CharField(_("Kind"), max_length=10, choices=ActivityKind.choices, default=ActivityKind.TASK)
    subject = models.CharField(_("Subject"), max_length=300, default="", blank=True)
    body = models.TextField(_("Text"), default="", blank=True)
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    minutes = models.IntegerField(_("Length"), null=True, blank=True)
    done_at = models.DateTimeField(_("Done"), null=True, blank=True)
    priority = models.CharField(_("Priority"), max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    repeat = models.CharField(_("Repeats"), max_length=200, default="", blank=True)  # an RFC 5545 RRULE
    remind_at = models.DateTimeField(_("Reminder"), null=True, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=300, default="", blank=True)
    incoming = models.BooleanField(_("They called"), default=False)
    location = models.CharField(_("Place"), max_length=300, default="", blank=True)
    person = models.ForeignKey(
        "contacts.Person", models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name=_("Person")
    )
    company = models.ForeignKey(
        "contacts.Company", models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name=_("Company")
    )
    deal = models.ForeignKey(
        "deals.Deal", models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name=_("Deal")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("activity"), _("activities")
        indexes = [
            *list_indexes("activity", "due_at", "updated_at", "created_at", "done_at", "owner"),
            *(
                models.Index(
                    fields=[link, "due_at"], name=f"activity_next_{link}",
                    condition=models.Q(done_at__isnull=True, due_at__isnull=False, archived_at__isnull=True),
                )
                for link in ("person", "company", "deal", "owner")
            ),
            # Talks that have begun and are not over, among all that was due earlier today.
            models.Index(fields=["owner", "due_at", "id"], include=["minutes"], name="activity_talk_of",
                         condition=models.Q(done_at__isnull=True, archived_at__isnull=True, kind__in=["call", "meeting"])),
            # What one colleague did today, among what everybody did.
            models.Index(fields=["owner", "done_at"], name="activity_done_of",
                         condition=models.Q(done_at__isnull=False, archived_at__isnull=True)),
            GinIndex(fields=["custom"], name="activity_custom", opclasses=["jsonb_path_ops"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.subject or brief(self.body) or str(self.get_kind_display())

    def search_parts(self) -> list[str | None]:
        return [self.subject, self.body, self.outcome, self.location]

    def verify(self) -> None:
        if not (self.subject or self.body):
            raise Invalid(__("Say in a few words what this is about."), "subject")

    def about(self) -> list[tuple[str, int]]:
        links = (("person", self.person_id), ("company", self.company_id), ("deal", self.deal_id))
        return [(name, pk) for name, pk in links if pk]


class Attendee(models.Model):
    """Someone taking part in a call or meeting: a person from outside or a colleague."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="attendees")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, blank=True, related_name="attended")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")


class Thread(models.Model):
    """Messages that answer each other."""

    subject = models.CharField(max_length=500, default="", blank=True)
    person = models.ForeignKey("contacts.Person", models.SET_NULL, null=True, blank=True, related_name="threads")
    company = models.ForeignKey("contacts.Company", models.SET_NULL, null=True, blank=True, related_name="threads")
    deal = models.ForeignKey("deals.Deal", models.SET_NULL, null=True, blank=True, related_name="threads")
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["person", "-last_at"], name="thread_person")]


class ThreadShown(models.Model):
    """What somebody who takes part in a conversation lets colleagues see of it, whatever its mailbox says. A row of its own,
    so that taking it back does not depend on what was written meanwhile."""

    thread = models.OneToOneField(Thread, models.CASCADE, related_name="shown")
    shows = models.CharField(max_length=10, choices=Level.choices)


class ContactShown(models.Model):
    """What a colleague lets others see of the mail of their own mailboxes with a person, or with a company."""

    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="contacts_shown")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, blank=True, related_name="mail_shown")
    company = models.ForeignKey("contacts.Company", models.CASCADE, null=True, blank=True, related_name="mail_shown")
    shows = models.CharField(max_length=10, choices=Level.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "person"], name="person_shown_once"),
            models.UniqueConstraint(fields=["holder", "company"], name="company_shown_once"),
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) ^ models.Q(company__isnull=True), name="shown_of_one"
            ),
        ]


class MessageState(models.TextChoices):
    OUTBOX = "outbox", _("Not sent: no mailbox is set up")
    QUEUED = "queued", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")
    RECEIVED = "received", _("Received")
    AUTOMATIC = "automatic", _("Written by a machine")  # neither a reply nor a touch
    BOUNCED = "bounced", _("Came back")


class Message(models.Model):
    """One e-mail. Written here before it is handed to a server, so that nothing sent is ever missing from the story.

    Of one that came in, `text` is all of it and `fresh` what is new in it; `arrived` is where its bytes are kept.
    """

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    state = models.CharField(max_length=10, choices=MessageState.choices)
    at = models.DateTimeField(default=timezone.now)
    sender = models.CharField(max_length=320)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=500, default="", blank=True)
    text = models.TextField(default="", blank=True)
    fresh = models.TextField(default="", blank=True)
    html = models.TextField(default="", blank=True)
    reply_to = models.JSONField(default=list, blank=True)
    arrived = models.BigIntegerField(null=True, blank=True)
    message_id = models.CharField(max_length=300, unique=True)
    in_reply_to = models.CharField(max_length=300, default="", blank=True)
    references = models.JSONField(default=list, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    problem = models.CharField(max_length=500, default="", blank=True)
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["state", "at"], name="message_state"),
            models.Index(fields=["in_reply_to"], condition=~models.Q(in_reply_to=""), name="message_answers"),
        ]


class MessageFile(models.Model):
    """A file that came with a message: kept as a file of the row whose story it stands on, or not kept, and why."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="files")
    file = models.ForeignKey("files.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=255)
    problem = models.CharField(max_length=500, default="", blank=True)


class Mention(models.Model):
    """Something a colleague is to be told of: a note that names them (@name), a reminder they set."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    why = models.CharField(
        max_length=10, default="mention", choices=[("mention", _("names you")), ("reminder", _("reminder"))]
    )
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["activity", "user", "why"], name="mentioned_once")]
        indexes = [models.Index(fields=["user", "-at"], name="mention_inbox")]


class Notice(models.Model):
    """Something Kith tells a colleague that is about no activity: by a workflow, a question to approve. `key`: what told
    it, so that it is told once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20)
    text = models.TextField()
    record = models.CharField(max_length=40, default="", blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    path = models.CharField(max_length=300, default="", blank=True)  # a page that says more, where no row does
    key = models.CharField(max_length=160)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(
        max_length=10, default="", blank=True
    )  # "once" or "digest" while a mail is still to be sent

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_inbox"),
            models.Index(fields=["mail", "user"], name="notice_to_mail", condition=~models.Q(mail="")),
        ]


class NoticeChoice(models.Model):
    """How one colleague wants to be told of one kind of notice by mail; without a row, as the kind says."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    mail = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]
