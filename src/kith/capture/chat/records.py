"""Chat widgets and conversations as records: lists, pages, API, history. Conversations come by themselves."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.capture.chat import actions, events
from kith.capture.chat.kinds import ChatDocument
from kith.capture.chat.models import Conversation, Widget
from kith.capture.chat.panels import LINES, PLACED, THREAD
from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import ByOwner, by_owner
from kith.kernel.kinds import Email, Language
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section, View
from kith.kernel.records.registry import registry

HIDDEN = Facts(faces=frozenset())


class Talks(ByOwner):
    """A conversation belongs to whoever has it; those that nobody has yet are everybody's who answers any, and those of a
    person are seen by whoever sees the person."""

    def q(self, actor: Actor, record: str, verb: str) -> Q:
        own = super().q(actor, record, verb)
        if own == Q() or actor.level(record, verb) == "none" or actor.user_id is None:
            return own
        found = own | Q(owner=None)
        return found | Q(person__in=registry["person"].rows(actor).values("pk")) if verb == "see" else found


class WidgetRecord(Record):
    name, slug, icon = "chat_widget", "chat-widgets", "chat"
    model, scope, settings, help = Widget, by_owner(), True, "chat"
    lists, sort = ("name", "key", "open", "wait_minutes", "calendar", "owner", "updated_at"), "name"
    quick, line = ("name",), ("key",)
    form = (
        Section(_("Chat"), "name key open in_portal owner team"),
        Section(_("Rules"), "calendar wait_minutes per_network document"),
    )
    views = (View("open", _("Open"), "open.is:1"),)
    match = ("key",)
    panels = (PLACED,)
    create = actions.create_widget
    fields = {
        "in_portal": Facts(help=_("Who came in there by the link we mailed is known for sure, and asked whether it is about what is open.")),
        "key": Facts(help=_("Its page is /c/ and this. Empty: made from the name.")),
        "document": Facts(kind=ChatDocument(), faces=frozenset({"form", "api", "history", "import", "export"}),
                          help=_("As the builder writes it.")),
        "calendar": Facts(help=_("When somebody answers. Empty: the default calendar.")),
        "wait_minutes": Facts(help=_("Whoever is not answered by then is answered by mail.")),
    }  # fmt: skip


class ConversationRecord(Record):
    name, slug, icon = "conversation", "conversations", "chat"
    model, scope, placed, help = Conversation, Talks(), False, "chat"
    stamped, by_itself = False, True
    lists, sort = ("name", "state", "last_words", "last_at", "person", "owner", "widget", "by_mail"), "-last_at"
    line = ("state", "last_at")
    form = (
        Section(_("Conversation"), "name state by_mail widget person email"),
        Section(_("How it went"), "created_at waiting_since answered_at closed_at last_at owner team"),
        Section(_("Where from"), "page referrer language"),
    )
    views = (
        View("ongoing", _("Going on"), "state.is:bot|waiting|open"),
        View("by-mail", _("By mail"), "by_mail.is:1"),
        View("closed", _("Over"), "state.is:closed"),
    )
    panels, parts = (THREAD,), (LINES,)
    actions = (actions.take, actions.answer, actions.hand, actions.close)
    events = (
        events.ChatBegun, events.HandedOver, events.Routed, events.Taken, events.Handed, events.Answered, events.WhoSaid,
        events.Recognised, events.WentToMail, events.ChatClosed, events.CameBack,
    )  # fmt: skip
    fields = {
        "name": Facts(personal="answering the person"),
        "email": Facts(kind=Email(), personal="answering the person"),
        "language": Facts(kind=Language()),
        "state": Facts(only_via="conversation.take"),
        "person": Facts(only_via="conversation.take"),
        "owner": Facts(only_via="conversation.hand"),
        "team": Facts(only_via="conversation.hand"),
        **dict.fromkeys(
            ("secret", "said", "mailed", "step", "facts", "answers", "asked_mail", "visitor", "utm", "network", "agent"), HIDDEN,
        ),
    }  # fmt: skip
