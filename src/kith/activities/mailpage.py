"""The page of one mail: as much of what it says as is for whoever sees a person, company or deal it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kith.activities.bodies import answer_address
from kith.activities.mail import refs_of
from kith.activities.models import Message, MessageState
from kith.activities.privacy import lessened, level_of
from kith.kernel.access.actor import Actor
from kith.kernel.mail.arriving import cleared
from kith.kernel.mail.levels import Level
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page

# What other rooms put beside a mail that the reader sees in full: (actor, message) -> where it is fetched, "" for nothing.
_beside: list[Callable[[Actor, Message], str]] = []


def register_beside(address: Callable[[Actor, Message], str]) -> None:
    """Put a part beside mails; see `_beside`. Called at start-up."""
    _beside.append(address)


@require_GET
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """404 for mail about rows that the reader does not see, and for mail that is private to others."""
    actor = actor_of(request)
    message = Message.objects.select_related("thread").filter(pk=pk).first()
    about = _about(actor, message) if message is not None else None
    level = level_of(actor, [message])[message.pk] if message is not None else Level.PRIVATE
    if message is None or about is None or level == Level.PRIVATE:
        raise Http404(_("There is no mail %s that you may read.") % pk)
    record, row = about
    whole = level == Level.FULL
    answers = whole and message.state == MessageState.RECEIVED and actor.can("activity.create")
    kept = registry["arrived"].rows(actor).filter(pk=message.arrived or 0).first() if whole else None
    context = {
        "message": lessened(message, level), "whole": whole, "files": list(message.files.all()) if whole else [], "answer": answer_address(record.name, row.pk, message) if answers else "",
        "beside": [address for find in _beside if (address := find(actor, message))] if whole else [],
        "original": f"/files/{kept.file_id}" if kept is not None and kept.file_id else "",
        "cleared": cleared(kept) if kept is not None and kept.cleared_at else "",
        "crumbs": ((record.plural, f"/{record.slug}/"), (record.name_of(row), record.url(row.pk)), (_("Mail"), None)),
    }  # fmt: skip
    return page(request, "activities/mail.html", context)


def whole_mail(actor: Actor, pk: int) -> tuple[Message, Any, Any]:
    """A mail that the actor reads in full, and the record and row it is about. Raises Http404 for any other."""
    message = Message.objects.select_related("thread").filter(pk=pk).first()
    about = _about(actor, message) if message is not None else None
    if message is None or about is None or level_of(actor, [message])[message.pk] != Level.FULL:
        raise Http404(_("There is no mail %s that you may read.") % pk)
    return message, *about


def came_in(message: Message) -> bool:
    """Is it somebody's mail to us, and not ours or a machine's?"""
    return message.state == MessageState.RECEIVED


def _about(actor: Actor, message: Message) -> tuple[Any, Any] | None:
    """The first row the message is about that the reader sees."""
    for name, pk in refs_of(message.thread):
        row = registry[name].rows(actor).filter(pk=pk).first()
        if row is not None:
            return registry[name], row
    return None
