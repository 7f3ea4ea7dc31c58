"""The chat as strangers meet it: what its script asks for, and the few things a visitor can do.

No session, no cookie and no sign-in is used, so posts may come from any page on the web; the token of a conversation is
the only key, and it opens that conversation alone. What is said is written down first and answered afterwards.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kith.capture import asking
from kith.capture.chat import actions, knowing, limits, mailing, saying, tokens, turns
from kith.capture.chat.models import Conversation, Line, Side, State
from kith.capture.chat.queries import Shown, anybody_there, lines_of, widgets
from kith.capture.elsewhere import colours
from kith.capture.public import POLICY
from kith.capture.reading import UTM
from kith.contacts.consent.queries import purposes
from kith.contacts.consent.views import network_of
from kith.kernel.errors import Invalid, InvalidMany, KithError
from kith.kernel.languages import accepted, speaking, speaking_to
from kith.kernel.organisation.models import refresh
from kith.kernel.text import clean_text
from kith.ui.render import page

LIMIT = 64 << 10  # bytes of one post
SECRET = re.compile(r"[A-Za-z0-9_-]{16,64}")
Verb = Callable[[HttpRequest, Shown, Conversation, QueryDict], None]
log = logging.getLogger(__name__)


def for_visitors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open to everybody, from any page, with the widget found; nothing of a session is read."""

    @wraps(view)
    def opened(request: HttpRequest, key: str, **more: Any) -> HttpResponse:
        refresh()
        widget = widgets().get(key)
        if widget is None:
            with speaking_to(request):
                response = page(request, "capture/missing.html", {"brand": mailing.organisation()}, status=404)
        else:
            with speaking(language_of(request, widget)):
                response = view(request, widget, **more)
        response["Access-Control-Allow-Origin"] = "*"
        patch_vary_headers(response, ["Accept-Language", "Accept"])
        response.setdefault("Cache-Control", "no-store")
        return response

    return login_not_required(csp_replace(POLICY)(opened))


def language_of(request: HttpRequest, widget: Shown) -> str:
    """The widget's language nearest to what was asked for, else to what the browser accepts."""
    asked = request.GET.get("lang", "")
    if request.method == "POST" and not asked:
        asked = _posted(request).get("lang", "")
    return asking.language_of(widget.chat, clean_text(asked)[:12], accepted(request))


def _posted(request: HttpRequest) -> QueryDict:
    """What was posted; nothing where it cannot be read."""
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, UnicodeError, LookupError, OSError):
        return QueryDict()


@for_visitors
@require_http_methods(["GET", "HEAD"])
def settings(request: HttpRequest, widget: Shown) -> HttpResponse:
    """What the script needs to draw the chat: words in one language, colours, and whether somebody is there."""
    chat, language = widget.chat, language_of(request, widget)
    there = widget.open and anybody_there(widget)
    boxes = [asking.box_of(key, language, False) for key in chat.consents if key in purposes()]
    return JsonResponse({
        "open": widget.open, "there": there, "bot": chat.asks, "lang": language, "mode": chat.mode,
        "title": chat.text(chat.title, language, mailing.organisation()),
        "greeting": chat.text(chat.greeting, language), "away": "" if there or chat.asks else chat.text(chat.away, language),
        "foot": chat.text(chat.foot, language), "css": colours(chat.accent_colour),
        "boxes": [{"key": one.key, "words": one.words, "small": one.small} for one in boxes], "words": words(),
    })  # fmt: skip


def words() -> dict[str, str]:
    """What the script itself says, in the visitor's language."""
    return {
        "open": _("Open the chat"), "close": _("Close the chat"), "write": _("Your message"), "send": _("Send"),
        "human": _("Talk to a person"), "end": _("End the chat"), "ended": _("This conversation is over. Write again, and it goes on."),
        "you": _("You"), "bot": _("Bot"), "typing": _("writes…"), "name": _("Your name"), "email": _("E-mail"),
        "leave": _("Leave my address"), "agree": _("What may we do with your address?"), "optional": _("if you like"),
        "again": _("No connection. What you wrote is kept and sent again."), "new": _("New message"), "line": _("Messages"),
        "left": _("Not sent yet"),
    }  # fmt: skip


# Posts come from any page on the web, by design: they write into one conversation, in the name of nobody. No session or
# cookie is looked at, so there is nothing that a forged request could borrow.
@csrf_exempt
@for_visitors
@require_http_methods(["POST"])
def act(request: HttpRequest, widget: Shown, verb: str) -> HttpResponse:
    """One of the verbs below; answers with what was said since `after`, and how it stands."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = LIMIT + 1
    if length > LIMIT:
        return _refuse(_("This is too large: at most %s kB can be sent.") % (LIMIT >> 10), 413)
    address, post = request.META.get("REMOTE_ADDR", ""), _posted(request)
    if limits.too_many_looks(address) if verb == "lines" else limits.too_many_posts(address):
        return _refuse(_("Too much came from your network in a short time. Please wait a minute."), 429)
    try:
        row = _conversation(request, widget, post, begins=verb == "say")
        if row is None:
            return _refuse(_("This conversation is not known any more. Write again, and a new one begins."), 410)
        if verb == "say":
            knowing.prove(row, post.get("proof", ""))
        VERBS[verb](request, widget, row, post)
    except Busy:
        return _refuse(
            _("Too many chats came from your network in a short time. Please try again in ten minutes."), 429
        )
    except InvalidMany as problem:
        return JsonResponse({"errors": {key: told[0] for key, told in problem.errors.items()}}, status=422)
    except Invalid as problem:
        errors = {problem.field: problem.message} if problem.field in ("email", "name") else {}
        return JsonResponse({"problem": problem.message, "errors": errors}, status=422)
    row.refresh_from_db()
    return JsonResponse(state_of(row, _number(post.get("after"))))


class Busy(Exception):
    """A network begins too many conversations."""


def _conversation(request: HttpRequest, widget: Shown, post: QueryDict, *, begins: bool) -> Conversation | None:
    """The conversation of the token; a new one for a first message. None for a token that opens nothing."""
    if post.get("token"):
        pk = tokens.conversation_of(post["token"])
        return Conversation.objects.filter(pk=pk, widget_id=widget.pk, archived_at=None).first() if pk else None
    secret = post.get("secret", "")
    if not begins or not widget.open or not SECRET.fullmatch(secret):
        return None
    known = Conversation.objects.filter(secret=secret, widget_id=widget.pk).first()
    if known is not None:
        return known
    _refuse_nothing(post)
    if limits.too_many_begun(widget, request.META.get("REMOTE_ADDR", "")):
        raise Busy
    return saying.begin(widget, secret, **came_from(request, widget, post))


def _refuse_nothing(post: QueryDict) -> None:
    """A conversation begins with words. Raises Invalid."""
    if not post.get("text", "").strip():
        raise Invalid(_("Write something first."))


def came_from(request: HttpRequest, widget: Shown, post: QueryDict) -> dict[str, Any]:
    """Where a visitor is, as the page told."""
    return {
        "language": language_of(request, widget), "page": clean_text(post.get("page", ""))[:1000],
        "referrer": clean_text(post.get("ref", ""))[:1000], "network": network_of(request),
        "utm": {key: clean_text(post[key])[:300] for key in UTM if post.get(key)},
        "agent": clean_text(request.headers.get("User-Agent", ""))[:400], "visitor": clean_text(post.get("visitor", ""))[:64],
    }  # fmt: skip


def _say(request: HttpRequest, widget: Shown, row: Conversation, post: QueryDict) -> None:
    key = post.get("key", "")
    if not SECRET.fullmatch(key):
        raise Invalid(_("This message has no key of its own; load the page again."))
    saying.say(row, post.get("text", ""), key)
    try:
        turns.follow(row)
    except KithError as problem:  # the message is safe; what should follow does so by a job
        log.warning("The chat %s waits for its job: %s", row.pk, problem.message)


def _who(request: HttpRequest, widget: Shown, row: Conversation, post: QueryDict) -> None:
    knowing.tell(row, name=post.get("name", ""), email=post.get("email", ""), consents=post.getlist("consent"))
    row.refresh_from_db()
    if row.state == State.WAITING and row.asked_mail:
        mailing.to_mail(row)


def _human(request: HttpRequest, widget: Shown, row: Conversation, post: QueryDict) -> None:
    if row.state == State.BOT:
        turns.to_human(row)


def _typing(request: HttpRequest, widget: Shown, row: Conversation, post: QueryDict) -> None:
    saying.typing(row.pk, [f"conversation:{row.pk}"], "visitor")


def _end(request: HttpRequest, widget: Shown, row: Conversation, post: QueryDict) -> None:
    actions.ended_by_visitor(row)


def _lines(request: HttpRequest, widget: Shown, row: Conversation, post: QueryDict) -> None:
    """Nothing but a look."""


VERBS: dict[str, Verb] = {"say": _say, "who": _who, "human": _human, "typing": _typing, "end": _end, "lines": _lines}


def state_of(row: Conversation, after: int) -> dict[str, Any]:
    """How a conversation stands, as its visitor's browser hears it."""
    lines = lines_of(row.pk, after)
    return {
        "token": tokens.token_of(row.pk), "ticket": tokens.ticket_of(row.pk), "state": row.state, "last": row.said,
        "mail": row.by_mail, "known": bool(row.email), "lines": [_line(line) for line in lines],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    name = line.name.split(" ")[0] if line.side == Side.COLLEAGUE else line.name
    return {"n": line.number, "side": line.side, "name": "" if line.side == Side.VISITOR else name, "text": line.text,
            "at": line.at.isoformat(), "key": line.key or "", "ask": line.ask}  # fmt: skip


def _number(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 7 else 0


def _refuse(words: str, status: int) -> HttpResponse:
    response = JsonResponse({"problem": words}, status=status)
    if status == 429:
        response["Retry-After"] = "60"
    return response
