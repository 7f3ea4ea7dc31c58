"""What the settings pages and commands ask about people, teams, tokens and open sessions."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.accounts.models import ApiToken, Role, Team, User
from kith.kernel.organisation.models import cached
from kith.kernel.text import fold


def colleagues() -> QuerySet[User]:
    """Everybody who ever had an account: those at work first, by name, with their teams."""
    return User.objects.order_by("-is_active", "name", "pk").prefetch_related("teams")


def administrators() -> QuerySet[User]:
    """Those who can still manage accounts."""
    return User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)


def managers(*, administrators: bool = False) -> QuerySet[User]:
    """Managers at work, who are asked where nobody else is; `administrators`: with those who manage everything."""
    roles = [Role.MANAGER, Role.ADMINISTRATOR] if administrators else [Role.MANAGER]
    return User.objects.filter(role__in=roles, is_active=True)


def teams() -> QuerySet[Team]:
    return Team.objects.select_related("lead").annotate(size=Count("members")).prefetch_related("members")


def live_tokens(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user, revoked_at=None).exclude(expires_at__lte=timezone.now())


@dataclass(frozen=True)
class OpenSession:
    """One signed-in browser: `device` in words ("Firefox on Windows"), `current` for the one that asks."""

    pk: int
    device: str
    phone: bool
    ip: str
    since: datetime
    seen: datetime
    current: bool


def open_sessions(request: HttpRequest) -> list[OpenSession]:
    """The sessions of the person who asks, this one first; those that ended by themselves are swept out."""
    rows = UserSession.objects.purge_and_list(request.user)
    key = request.session.session_key
    found = [
        OpenSession(
            row.pk, device(row.user_agent), "Mobile" in row.user_agent, row.ip,
            row.created_at, row.last_seen_at, row.session_key == key,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda s: (s.current, s.seen), reverse=True)


BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device(user_agent: str) -> str:
    """A browser's own description in the words its owner would use."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or re.sub(r"[^\x20-\x7e]", "", user_agent)[:40] or _("Unknown device")


def colleagues_by_name() -> dict[str, int]:
    """{folded full name: id} of those at work, and {folded first name: id} where only one bears it. Cached."""
    return cached("colleagues_by_name", _names)


def _names() -> dict[str, int]:
    people = list(User.objects.filter(is_active=True).values_list("pk", "name"))
    firsts = Counter(fold(name).split()[0] for _pk, name in people if name.strip())
    short = {fold(name).split()[0]: pk for pk, name in people if name.strip() and firsts[fold(name).split()[0]] == 1}
    return {**short, **{fold(name): pk for pk, name in people if name.strip()}}


def address_of(user_id: int | None) -> str:
    """A colleague's e-mail address; "" for nobody."""
    return User.objects.filter(pk=user_id).values_list("email", flat=True).first() or "" if user_id else ""


def active_user(user_id: int) -> User | None:
    """A colleague who may still sign in."""
    return User.objects.filter(pk=user_id, is_active=True).first()
