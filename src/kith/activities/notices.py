"""Telling colleagues: a line in their inbox at once, and by mail at once, once a day, or not at all, as each chose.

`notify` writes in the caller's transaction; mail is a job's. What is told about a row is told by its type and id, so the
inbox shows its name only to those who may see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.activities.models import Notice, NoticeChoice
from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts.mail import is_configured
from kith.kernel.accounts.models import User
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.mail.leaving import INTERNAL, leave
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry

# kind of notice: what it is called, and how it is mailed to those who never said
KINDS: dict[str, tuple[Any, str]] = {
    "workflow": (gettext_lazy("What a workflow tells you"), "asked"),
    "approval": (gettext_lazy("Questions that a workflow waits for"), "once"),
    "process": (gettext_lazy("What changes in the process, and clocks of its steps that run out"), "digest"),
    "mailing": (gettext_lazy("How your mailings fare"), "digest"),
    "review": (gettext_lazy("Process reviews, and what came of what you said"), "digest"),
}
WAYS = {
    "asked": gettext_lazy("when the workflow says so"), "once": gettext_lazy("at once"),
    "digest": gettext_lazy("once a day"), "never": gettext_lazy("never"),
}  # fmt: skip
MOST_SHOWN = 100


@dataclass(frozen=True)
class Telling:
    """One thing to tell: to whom, in which words, once per `key`. It leads to the row it is `about`, or to `path`."""

    users: Sequence[User]
    text: str
    key: str
    about: tuple[str, int] | None = None
    path: str = ""


def notify(
    users: Iterable[User],
    text: str,
    *,
    kind: str,
    key: str,
    by: Actor,
    about: tuple[str, int] | None = None,
    path: str = "",
    mail: bool = False,
) -> int:
    """Tell colleagues something, once per `key`; returns how many are told now. mail: whoever tells asks for a mail."""
    return notify_many([Telling(list(users), text, key, about, path)], kind=kind, by=by, mail=mail)


def notify_many(tellings: Sequence[Telling], *, kind: str, by: Actor, mail: bool = False) -> int:
    """Tell colleagues several things of one kind, in as many statements as one; returns how many lines are new."""
    with transaction.atomic(savepoint=False):
        choice = NoticeChoice.objects.filter(user=OuterRef("pk"), kind=kind).values("mail")[:1]
        told = Notice.objects.filter(user=OuterRef("pk"), key__in=[one.key for one in tellings])
        asked = User.objects.filter(pk__in={user.pk for one in tellings for user in one.users})
        rows = asked.annotate(choice=Subquery(choice), told=ArraySubquery(told.values("key")))
        chosen = {pk: (way, set(keys)) for pk, way, keys in rows.values_list("pk", "choice", "told")}
        new = [
            Notice(
                user=user, kind=kind, text=one.text, record=(one.about or ("", None))[0],
                record_id=(one.about or ("", None))[1], path=one.path, key=one.key,
                mail=_way(KINDS[kind][1] if chosen[user.pk][0] is None else chosen[user.pk][0], mail),
            )
            for one in tellings for user in one.users if user.pk in chosen and one.key not in chosen[user.pk][1]
        ]  # fmt: skip
        Notice.objects.bulk_create(new, ignore_conflicts=True)
        if any(notice.mail == "once" for notice in new):
            enqueue("activities.mail_notices", key="activities.mail_notices")
        if new:
            announce([f"inbox:{notice.user_id}" for notice in new])
    return len(new)


def withdraw(keys: Iterable[str]) -> None:
    """Take back what was told under these keys: the page that it leads to is gone."""
    Notice.objects.filter(key__in=list(keys)).delete()


def _way(choice: str, asked: bool) -> str:
    """ "once", "digest" or "" for a new notice."""
    if not is_configured() or choice == "never":
        return ""
    return ("once" if asked else "") if choice == "asked" else choice


def notices_of(actor: Actor) -> list[dict[str, Any]]:
    """The actor's notices, unread first, each with the name and address of the row it is about where they may see it."""
    rows = list(Notice.objects.filter(user_id=actor.user_id or 0).order_by("read_at", "-at")[:MOST_SHOWN])
    names = _names(actor, rows)
    return [{"notice": row, "about": names.get((row.record, row.record_id))} for row in rows]


def _names(actor: Actor, rows: list[Notice]) -> dict[tuple[str, int | None], tuple[str, str]]:
    """{(record, id): (name, address)} of rows within reach, one query a type."""
    out: dict[tuple[str, int | None], tuple[str, str]] = {}
    for name in {row.record for row in rows if row.record in registry}:
        record = registry[name]
        for row in record.rows(actor).filter(pk__in=[r.record_id for r in rows if r.record == name]):
            out[(name, row.pk)] = (record.name_of(row), record.url(row.pk))
    return out


def read_notices(actor: Actor, pk: int | None = None) -> None:
    """Mark one of the actor's notices, or all, as read."""
    rows = Notice.objects.filter(user_id=actor.user_id or 0, read_at=None)
    (rows if pk is None else rows.filter(pk=pk)).update(read_at=timezone.now())


def choices_of(user: User) -> dict[str, str]:
    """{kind: how they are told by mail}"""
    own = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "mail"))
    return {kind: own.get(kind, default) for kind, (_label, default) in KINDS.items()}


def choose(user: User, kind: str, mail: str) -> None:
    """How this colleague wants to be told of this kind by mail. Raises Invalid."""
    if kind not in KINDS or mail not in WAYS:
        raise Invalid(_("Choose one of the ways that are offered."), kind)
    NoticeChoice.objects.update_or_create(user=user, kind=kind, defaults={"mail": mail})


def mail_notices(way: str) -> int:
    """Send what is to be mailed "once" or as "digest", one mail a colleague; returns how many. A server that refuses
    raises, and what was not sent is sent at the next try."""
    waiting = Notice.objects.filter(mail=way, user__is_active=True)
    users = User.objects.filter(pk__in=waiting.values("user_id"))
    sent = 0
    for user in users:
        with transaction.atomic():
            rows = list(waiting.select_for_update(of=("self",), skip_locked=True).filter(user=user).order_by("at"))
            if rows:
                _mail(user, rows)
                Notice.objects.filter(pk__in=[r.pk for r in rows]).update(mail="")
                sent += 1
    return sent


def _mail(user: User, rows: list[Notice]) -> None:
    with translation.override(user.language or None):
        names = _names(actor_for(user, "mail"), rows)
        parts = []
        for row in rows:
            name, path = names.get((row.record, row.record_id), ("", ""))
            parts.append("\n".join(line for line in (row.text, name, _address(row.path or path)) if line))
        subject = (
            rows[0].text
            if len(rows) == 1
            else _("%(n)s things from %(name)s") % {"n": len(rows), "name": current().name or "Kith"}
        )
        mail = EmailMessage(" ".join(subject.split())[:150], "\n\n".join(parts) + "\n", to=[user.email])
        leave(mail, purpose=INTERNAL, automatic=True)


def _address(path: str) -> str:
    """The whole address of a page, where Kith knows its own name; the path else."""
    hosts = [h for h in settings.ALLOWED_HOSTS if h and "*" not in h and not h.startswith(".")]
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    return f"{scheme}://{hosts[0]}{path}" if path and hosts else path
