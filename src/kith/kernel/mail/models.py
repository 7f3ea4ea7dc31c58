"""Mailboxes that are read, what arrived in them, and addresses that are not written to."""

from __future__ import annotations

import ipaddress
import ssl
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.mail.headers import normal
from kith.kernel.mail.levels import Level
from kith.kernel.mail.placeholders import check_names, places
from kith.kernel.organisation.models import bump
from kith.kernel.records.models import RecordModel, list_indexes

MOST_FOLDERS, MOST_MONTHS = 50, 600
ACKNOWLEDGED = ("person.name", "organisation.name")  # what stands for something where a mailbox says that mail came


class Security(models.TextChoices):
    TLS = "tls", _("TLS from the first byte (port 993)")
    STARTTLS = "starttls", _("STARTTLS (port 143)")
    NONE = "none", _("None, in one’s own network only")


class Strangers(models.TextChoices):
    QUEUE = "queue", _("Wait until somebody looks at them")
    LEAD = "lead", _("Become a person at once")
    IGNORE = "ignore", _("Are left alone")


class Mailbox(RecordModel):
    """An IMAP mailbox. `holder`: whose own it is; nobody's is shared. `since`: mail before this day stays where it is.
    What stands below `shows` is written by whoever reads the mailbox, never by people."""

    name = models.CharField(_("Name"), max_length=120)
    address = models.CharField(_("Its address"), max_length=254)
    host = models.CharField(_("IMAP server"), max_length=255)
    port = models.IntegerField(_("Port"), default=993)
    security = models.CharField(_("Security"), max_length=10, choices=Security.choices, default=Security.TLS)
    authority = models.TextField(_("Trusted certificate"), default="", blank=True)
    login = models.CharField(_("User name"), max_length=254, default="", blank=True)
    folders = models.TextField(_("Folders to read"), default="INBOX")
    sent_folders = models.TextField(_("Folders with sent mail"), default="", blank=True)
    since = models.DateField(_("Read mail since"), default=timezone.localdate)
    strangers = models.CharField(
        _("People nobody knows"), max_length=10, choices=Strangers.choices, default=Strangers.QUEUE
    )
    acknowledge = models.BooleanField(_("Say at once that it came"), default=False)
    acknowledge_words = models.TextField(_("In these words"), default="", blank=True)
    acknowledge_translations = models.JSONField(_("In other languages"), default=dict, blank=True)
    keep_months = models.PositiveSmallIntegerField(_("Whole messages are kept for months"), null=True, blank=True)
    active = models.BooleanField(_("Read it"), default=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Whose it is")
    )
    # What colleagues without a part in a mail see of it.
    shows = models.CharField(_("Colleagues see"), max_length=10, choices=Level.choices, default="", blank=True)
    problem = models.CharField(_("Problem"), max_length=500, default="", blank=True)
    problem_since = models.DateTimeField(_("Problem since"), null=True, blank=True)
    failures = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(_("Next try"), null=True, blank=True)
    last_run_at = models.DateTimeField(_("Last looked at"), null=True, blank=True)
    last_ok_at = models.DateTimeField(_("Last read without a problem"), null=True, blank=True)
    offered = models.JSONField(default=list, blank=True)  # folders that the server named when it was last asked

    DERIVED: ClassVar[frozenset[str]] = frozenset(
        {"problem", "problem_since", "failures", "next_try_at", "last_run_at", "last_ok_at", "offered"}
    )

    class Meta:
        verbose_name, verbose_name_plural = _("mailbox"), _("mailboxes")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="mailbox_name_once", condition=Q(archived_at__isnull=True),
                violation_error_message=_("Another mailbox has this name; choose a different one."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.address, self.host = self.address.strip().lower(), self.host.strip().lower()
        self.folders, self.sent_folders = _lines(self.folders), _lines(self.sent_folders)
        self.shows = self.level
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.address, self.host]

    def verify(self) -> None:
        errors: dict[str, list[str]] = {}
        if not normal(self.address):
            errors["address"] = [__("Write the address of this mailbox, such as hello@example.com.")]
        if self.security == Security.NONE and not own_network(self.host):
            errors["security"] = [__("Without TLS the password could be read on the way; only a server in your own network may be read so.")]  # fmt: skip
        if not _readable(self.authority):
            errors["authority"] = [
                __("That is no certificate; paste it whole, from BEGIN CERTIFICATE to END CERTIFICATE.")
            ]
        if self.keep_months is not None and not 1 <= self.keep_months <= MOST_MONTHS:
            errors["keep_months"] = [__("Whole messages are kept for 1 to %s months, or for good.") % MOST_MONTHS]
        for field, text in (
            ("acknowledge_words", self.acknowledge_words),
            *(("acknowledge_translations", t) for t in self.acknowledge_translations.values()),
        ):
            try:
                check_names(places(text), ACKNOWLEDGED, field)
            except Invalid as problem:
                errors[field] = [problem.message]
        if len(self.all_folders) > MOST_FOLDERS:
            errors["folders"] = [__("At most %s folders of a mailbox are read.") % MOST_FOLDERS]
        if errors:
            raise InvalidMany(errors)

    @property
    def level(self) -> str:
        """What colleagues see of its mail: a colleague's own is private until they say otherwise."""
        return self.shows or (Level.PRIVATE if self.holder_id else Level.FULL)

    @property
    def folder_names(self) -> list[str]:
        return self.folders.splitlines()

    @property
    def sent_names(self) -> list[str]:
        return self.sent_folders.splitlines()

    @property
    def all_folders(self) -> list[str]:
        return list(dict.fromkeys([*self.folder_names, *self.sent_names]))


def _lines(text: str) -> str:
    return "\n".join(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def settle_addresses(pairs: list[tuple[Mailbox | None, Mailbox]], by: Any) -> None:
    """Which addresses are ours, and what is seen of their mail, is kept by every process; a mailbox that differs in that has
    it read again."""
    if any(old is None or _known(old) != _known(row) for old, row in pairs):
        bump()


def _known(row: Mailbox) -> tuple[str, int | None, str]:
    return row.address, row.holder_id, row.shows


def _readable(authority: str) -> bool:
    """Can the certificate be trusted as it was pasted? None at all is fine."""
    if not authority.strip():
        return True
    if not authority.isascii():
        return False
    try:
        ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError):
        return False
    return True


def own_network(host: str) -> bool:
    if host == "localhost" or "." not in host:
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.endswith((".local", ".lan", ".internal", ".home.arpa"))


class Credential(models.Model):
    """How a mailbox is signed in to; `sealed` is JSON under the installation's key, shown to nobody. kind: "password" or
    "oauth" (a refresh token); `token` is the access token that was last given for it."""

    mailbox = models.OneToOneField(Mailbox, models.CASCADE, related_name="credential")
    kind = models.CharField(max_length=10)
    sealed = models.TextField()
    token = models.TextField(default="", blank=True)
    token_until = models.DateTimeField(null=True, blank=True)
    set_at = models.DateTimeField(default=timezone.now)


class Folder(models.Model):
    """How far a folder was read. A server that gives another `uidvalidity` numbers its messages anew."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="places")
    name = models.CharField(max_length=255)
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    newest_there = models.DateTimeField(null=True, blank=True)
    newest_here = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "name"], name="mail_folder_once")]


class DayCount(models.Model):
    """Messages of a folder on one day of the server: how many it has and how many of them are here. `missing`: [[uid, why]]
    of those that are not; `gone`: how many are here and no longer there."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="days")
    day = models.DateField()
    there = models.IntegerField(default=0)
    here = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    missing = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "day"], name="mail_day_once")]


class ArrivedState(models.TextChoices):
    WAITING = "waiting", _("About to be read")
    FILED = "filed", _("Filed")
    HELD = "held", _("Waits for somebody")
    IGNORED = "ignored", _("Left alone")
    FAILED = "failed", _("Could not be filed")


class Arrived(RecordModel):
    """A message that reached us. Its bytes are kept whole before anybody looks into them (`file`, by `digest`); one that was
    too large to fetch has none, and one that was kept long enough (`expiring`) has none any more. `twin`: the same message came before. `record`, `record_id`: on whose story it stands."""

    state = models.CharField(_("State"), max_length=10, choices=ArrivedState.choices, default=ArrivedState.WAITING)
    subject = models.CharField(_("Subject"), max_length=500, default="", blank=True)
    sender = models.CharField(_("From"), max_length=320, default="", blank=True)
    problem = models.CharField(_("Why"), max_length=500, default="", blank=True)
    mailbox = models.ForeignKey(
        Mailbox, models.SET_NULL, null=True, blank=True, related_name="arrivals", verbose_name=_("Mailbox")
    )
    folder = models.CharField(_("Folder"), max_length=255, default="", blank=True)
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    uid = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(_("Arrived"), default=timezone.now)
    size = models.BigIntegerField(_("Size in bytes"), default=0)
    digest = models.CharField(max_length=64, default="", blank=True)
    message_id = models.CharField(max_length=300, default="", blank=True)
    automatic = models.CharField(max_length=20, default="", blank=True)
    file = models.ForeignKey("files.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")
    cleared_at = models.DateTimeField(_("Whole message cleared"), null=True, blank=True)
    twin = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    record = models.CharField(_("On the story of"), max_length=40, default="", blank=True)
    record_id = models.BigIntegerField(_("Row"), null=True, blank=True)

    DERIVED: ClassVar[frozenset[str]] = frozenset({
        "state", "subject", "sender", "problem", "mailbox", "folder", "uidvalidity", "uid", "at", "size", "digest", "message_id",
        "automatic", "file", "cleared_at", "twin", "record", "record_id",
    })  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("arrived mail"), _("arrived mail")
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "folder", "uidvalidity", "uid"],
                name="arrived_uid_once",
                condition=Q(uid__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["digest"], name="arrived_digest_once", condition=Q(twin__isnull=True) & ~Q(digest="")
            ),
        ]
        indexes = [
            *list_indexes("arrived", "at", "updated_at"),
            models.Index(fields=["state", "-at"], name="arrived_state"),
            models.Index(fields=["sender", "-at"], name="arrived_automatic", condition=~Q(automatic="")),
            models.Index(fields=["message_id"], name="arrived_message_id"),
        ]

    def __str__(self) -> str:
        return self.subject or __("(no subject)")

    def search_parts(self) -> list[str | None]:
        return [self.subject, self.sender]


class Reason(models.TextChoices):
    BOUNCED = "bounced", _("Its server says that it does not exist")
    COMPLAINED = "complained", _("Called our mail unwanted")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    BY_HAND = "by_hand", _("By hand")


class Suppressed(RecordModel):
    """An address that is not written to, and why. Lifting it archives the row, so that both stay known."""

    address = models.CharField(_("Address"), max_length=320)
    reason = models.CharField(_("Reason"), max_length=15, choices=Reason.choices, default=Reason.BY_HAND)
    source = models.CharField(_("What it came from"), max_length=500, default="", blank=True)
    lifted_because = models.CharField(_("Lifted because"), max_length=500, default="", blank=True)

    DERIVED: ClassVar[frozenset[str]] = frozenset({"lifted_because"})

    class Meta:
        verbose_name, verbose_name_plural = _("suppressed address"), _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["address", "reason"], name="suppressed_once", condition=Q(archived_at__isnull=True),
                violation_error_message=_("This address is already suppressed for this reason."),
            )
        ]  # fmt: skip
        indexes = [*list_indexes("suppressed", "created_at")]

    def __str__(self) -> str:
        return self.address

    def derive(self) -> None:
        self.address = normal(self.address) or self.address.strip().lower()
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.address, *self.address.split("@")]

    def verify(self) -> None:
        if not normal(self.address):
            raise Invalid(
                __("“%s” is not an e-mail address; it should look like name@example.com.") % self.address, "address"
            )
