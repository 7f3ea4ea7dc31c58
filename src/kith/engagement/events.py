"""What happens with sequences and those who are in one, as facts on the person's story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import Body, EventType


@dataclass(frozen=True)
class SequencePublished(EventType):
    verb, icon, sentence = "sequence.published", "check", _("published version {number}")
    number: int


@dataclass(frozen=True)
class Enrolled(EventType):
    """Its verb is that of every creation, so that undo and readers treat it as one."""

    verb, icon, chip, sentence = "enrolment.created", "play", "mail", _("enrolled them in the sequence “{sequence}”")
    sequence: str


@dataclass(frozen=True)
class SequenceEnded(EventType):
    verb, icon, chip, sentence = "enrolment.ended", "check", "mail", _("brought the sequence “{sequence}” to its end")
    sequence: str


@dataclass(frozen=True)
class SequenceStopped(EventType):
    verb, icon, chip, sentence = "enrolment.stopped", "ban", "mail", _("stopped the sequence “{sequence}”: {why}")
    sequence: str
    outcome: str
    why: str
    on: str = ""  # the event that stopped it, "" by hand


@dataclass(frozen=True)
class SequencePaused(EventType):
    verb, icon, chip, sentence = "enrolment.paused", "pause", "mail", _("paused the sequence “{sequence}”: {why}")
    sequence: str
    why: str


@dataclass(frozen=True)
class SequenceResumed(EventType):
    verb, icon, chip, sentence = "enrolment.resumed", "play", "mail", _("let the sequence “{sequence}” go on")
    sequence: str


@dataclass(frozen=True)
class QuestionRaised(EventType):
    verb, icon, chip, sentence = "objection.raised", "help", "notes", _("was asked: {question}")
    question: str
    words: str = ""
    personal = ("words",)

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        """What they said, where it says more than the question."""
        told = ((e, str(e.payload.get("words", ""))) for e in events)
        return {e.pk: Body(text=words) for e, words in told if words and words != e.payload.get("question")}


@dataclass(frozen=True)
class QuestionAnswered(EventType):
    verb, icon, sentence = "objection.answered", "quote", _("answered it: {text}")
    text: str


@dataclass(frozen=True)
class AnswerChosen(EventType):
    verb, icon, sentence = "objection.answer_chosen", "star", _("chose the best answer: {text}")
    text: str


@dataclass(frozen=True)
class AnswerDropped(EventType):
    verb, icon, sentence = "objection.answer_dropped", "x", _("took an answer out: {text}")
    text: str


@dataclass(frozen=True)
class AssetEnclosed(EventType):
    verb, icon, sentence = "template.asset_enclosed", "clip", _("enclosed “{asset}” with every mail of it")
    asset: str


@dataclass(frozen=True)
class AssetTakenOut(EventType):
    verb, icon, sentence = "template.asset_taken_out", "x", _("took “{asset}” out of its mails")
    asset: str


@dataclass(frozen=True)
class AssetSent(EventType):
    """With a mail that left. `ref`: what an answer to it comes back to ("thread:12")."""

    verb, icon, chip, sentence = "asset.sent", "clip", "mail", _("“{asset}” went with it")
    asset: str
    asset_id: int
    ref: str


@dataclass(frozen=True)
class MailingScheduled(EventType):
    verb, icon, sentence = "mailing.scheduled", "clock", _("scheduled this for {when}")
    name: str
    when: str


@dataclass(frozen=True)
class MailingUnscheduled(EventType):
    verb, icon, sentence = "mailing.unscheduled", "undo", _("made this a draft again")
    name: str


@dataclass(frozen=True)
class MailingBegan(EventType):
    verb, icon, chip, sentence = "mailing.began", "send", "mail", _("began to send this, in wording {number}")
    name: str
    number: int


@dataclass(frozen=True)
class MailingPaused(EventType):
    verb, icon, sentence = "mailing.paused", "pause", _("paused this: {why}")
    name: str
    why: str


@dataclass(frozen=True)
class MailingResumed(EventType):
    verb, icon, sentence = "mailing.resumed", "play", _("let this go on")
    name: str


@dataclass(frozen=True)
class MailingCancelled(EventType):
    verb, icon, sentence = "mailing.cancelled", "ban", _("cancelled this")
    name: str


@dataclass(frozen=True)
class MailingEnded(EventType):
    verb, icon, chip, sentence = (
        "mailing.ended",
        "check",
        "mail",
        _("sent this to {sent} people; {rest} did not get it"),
    )
    name: str
    sent: int
    rest: int


@dataclass(frozen=True)
class _Read(EventType):
    """What the reader of a tracked mail did, told once. `mail` is its row, `mailing` or `sequence` what it belongs to."""

    icon, chip = "eye", "mail"
    mail: int
    name: str
    mailing: int | None = None
    campaign: int | None = None
    sequence: int | None = None


@dataclass(frozen=True)
class MailOpened(_Read):
    verb, sentence = "mail.opened", _("opened the mail “{name}”")


def links_to(url: str) -> Any:
    """The links of tracked mails that lead there."""
    from kith.engagement.models import TrackedLink

    return TrackedLink.objects.filter(url=url)


def most_followed(most: int = 50) -> list[str]:
    """Where links of tracked mails lead, the most followed first; what stood in one mail alone may be somebody's own."""
    from kith.engagement.models import TrackedLink

    counted = TrackedLink.objects.order_by().values("url").annotate(n=Count("pk")).filter(n__gt=1).order_by("-n", "url")
    return list(counted.values_list("url", flat=True)[:most])


@dataclass(frozen=True)
class MailClicked(_Read):
    """`link`: the row that has the address, as long as it may be kept."""

    verb, icon, sentence = "mail.clicked", "link", _("followed a link in the mail “{name}”")
    elsewhere = MappingProxyType({"url": ("link", links_to)})
    link: int = 0

    @classmethod
    def which(cls, actor: Any) -> Sequence[tuple[str, str]]:
        """By the address, whatever mail it stood in: the most followed ones."""
        return [(f"url={url}", url) for url in most_followed()] if actor.can("mailing.see") else []

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        from kith.engagement.models import TrackedLink

        ids = {e.pk: e.payload.get("link") for e in events}
        urls = dict(TrackedLink.objects.filter(pk__in=list(ids.values())).values_list("pk", "url"))
        return {pk: Body(text=urls[link]) for pk, link in ids.items() if link in urls}


@dataclass(frozen=True)
class _OfMailing(EventType):
    """What a mailing is to one person, on their own story. `campaign`: its id, for those who count for campaigns."""

    icon, chip = "mail", "mail"
    mailing: int
    name: str
    campaign: int | None = None


@dataclass(frozen=True)
class MailingReached(_OfMailing):
    """`assets`: ids of those of the library that went along."""

    verb, sentence = "mailing.reached", _("wrote to them in the mailing “{name}”")
    assets: tuple[int, ...] = ()


@dataclass(frozen=True)
class MailingBounced(_OfMailing):
    verb, icon, sentence = "mailing.bounced", "alert", _("could not be reached by the mailing “{name}”: {why}")
    why: str = ""
    hard: bool = True
    personal = ("why",)


@dataclass(frozen=True)
class MailingComplained(_OfMailing):
    verb, icon, sentence = "mailing.complained", "ban", _("called the mailing “{name}” unwanted")


@dataclass(frozen=True)
class MailingAnswered(_OfMailing):
    verb, icon, sentence = "mailing.answered", "mail", _("answered the mailing “{name}”")
