"""What is done to people and teams: invite, change, deactivate, bring back, group.

Only administrators do these, apart from each person's own profile and tokens. There is always one administrator left:
the check locks the row, so that two people cannot demote each other at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.accounts import events, links, queries, sessions, tokens
from kith.kernel.accounts.models import ApiToken, Role, Team, TokenScope, User
from kith.kernel.errors import Invalid, NotAllowed, NotFound
from kith.kernel.organisation.models import bump
from kith.kernel.timeline.types import EventType
from kith.kernel.timeline.write import Entry, write_events

MANAGE = "settings.people"
THEMES, DENSITIES = ("", "light", "dark"), ("compact", "normal", "roomy")


@transaction.atomic
def invite(*, email: str, name: str, role: str = Role.MEMBER, teams: Iterable[Team] = (), by: Actor) -> User:
    """A new colleague, who sets a password by a link (see `links`). Raises Invalid for a taken or malformed address."""
    by.require(MANAGE)
    email = clean_email(email)
    user = User(email=email, name=clean_name(name), role=clean_role(role), time_zone=clean_time_zone(time_zone_of(by)))
    user.set_unusable_password()
    user.save()
    user.teams.set(teams)
    note(user, events.Invited(str(Role(user.role).label)), by)
    bump()
    return user


@transaction.atomic
def change(user: User, *, name: str, email: str, role: str, teams: Iterable[Team] | None = None, by: Actor) -> User:
    """An administrator's changes to a colleague. Another address or role signs the colleague out everywhere."""
    by.require(MANAGE)
    user = locked(user)
    email, role = clean_email(email, besides=user), clean_role(role)
    if role != Role.ADMINISTRATOR:
        keep_one_administrator(user, _("The last administrator cannot get another role."))
    if role != user.role:
        note(user, events.RoleChanged(str(Role(user.role).label), str(Role(role).label)), by)
    if email != user.email:
        note(user, events.AddressChanged(user.email, email), by)
        user.preferences.pop("placeholder", None)  # set by an import that knew only the name
    moved = (email, role) != (user.email, user.role)
    user.name, user.email, user.role = clean_name(name), email, role
    user.save(update_fields=["name", "email", "role", "preferences"])
    if teams is not None:
        user.teams.set(teams)
    if moved and user.pk != by.user_id:
        sessions.end_all(user)
    bump()
    return user


@transaction.atomic
def deactivate(user: User, *, by: Actor) -> User:
    """Stop `user` at once: every session and token ends, every link dies. Their name stays on what they did."""
    by.require(MANAGE)
    user = locked(user)
    keep_one_administrator(user, _("The last administrator cannot be deactivated."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    note(user, events.Deactivated(), by)
    bump()
    return user


@transaction.atomic
def reactivate(user: User, *, by: Actor) -> User:
    """Let a deactivated colleague sign in again, with their old password; tokens stay revoked."""
    by.require(MANAGE)
    user = locked(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    note(user, events.Reactivated(), by)
    bump()
    return user


@transaction.atomic
def make_link(user: User, *, base: str = "", by: Actor) -> str:
    """A link with which `user` sets a password: a secret, to be sent or shown once. `base` as in `links`."""
    by.require(MANAGE)
    note(user, events.LinkMade(), by)
    return links.set_password_link(user, base)


@transaction.atomic
def generate_password(user: User, *, by: Actor) -> str:
    """A random password for `user`, returned once, for a command line where no link can be opened."""
    by.require(MANAGE)
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    note(user, events.PasswordSet(), by)
    return password


@transaction.atomic
def remove_second_factor(user: User, *, by: Actor) -> int:
    """For somebody who lost phone and recovery codes: how many factors were taken away. Signs them out everywhere."""
    from allauth.mfa.models import Authenticator

    by.require(MANAGE)
    count = Authenticator.objects.filter(user=user).delete()[0]
    sessions.end_all(user)
    note(user, events.FactorRemoved(_("all of them")), by)
    return count


@transaction.atomic
def save_team(team: Team | None, *, name: str, members: Iterable[User], lead: User | None, by: Actor) -> Team:
    """Make a team or change one. The lead is a member of it too."""
    by.require(MANAGE)
    name = clean_name(name, 120)
    others = Team.objects.exclude(pk=team.pk) if team else Team.objects.all()
    if others.filter(name__iexact=name).exists():
        raise Invalid(_("There is already a team called “%(name)s”.") % {"name": name}, "name")
    team = team or Team()
    team.name, team.lead = name, lead
    team.save()
    team.members.set({*members, *([lead] if lead else [])})
    bump()
    return team


def save_profile(user: User, *, name: str, time_zone: str, language: str, preferences: dict, by: Actor) -> User:
    """A person's own settings; `preferences` holds theme, density and shortcuts."""
    if by.user_id != user.pk:
        raise NotAllowed(_("Only %(name)s can change these settings.") % {"name": user})
    user.name, user.time_zone = clean_name(name), clean_time_zone(time_zone)
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("Choose one of the languages offered."), "language")
    user.language = language
    if preferences.get("theme", "") not in THEMES or preferences.get("density", "normal") not in DENSITIES:
        raise Invalid(_("Choose one of the looks offered."), "theme")
    user.preferences = {**user.preferences, **preferences}
    user.save(update_fields=["name", "time_zone", "language", "preferences"])
    bump()
    return user


@transaction.atomic
def make_token(
    user: User, *, name: str, scope: str = TokenScope.FULL, expires_at: datetime | None = None, by: Actor
) -> str:
    """The plain text of a new token of `user`. Raises Invalid for a missing name, NotAllowed for somebody else's."""
    if by.user_id != user.pk:
        by.require(MANAGE)
    if not user.is_active:
        raise Invalid(_("%(email)s is deactivated, so a token would not work.") % {"email": user.email})
    token, plain = tokens.issue(user, clean_name(name, 120), scope=scope, expires_at=expires_at)
    note(user, events.TokenMade(token.name), by)
    return plain


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Actor) -> None:
    """End a token at once; asking twice is not an event. Raises NotFound for somebody else's, unless an administrator asks."""
    if by.user_id != token.user_id and not by.can(MANAGE):
        raise NotFound(_("There is no such token."))
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        note(token.user, events.TokenRevoked(token.name), by)


def note(user: User, event: EventType, by: Actor) -> None:
    """Write what happened to `user` to the timeline, in the caller's transaction."""
    write_events([Entry("user", user.pk, event)], by)


def locked(user: User) -> User:
    """The row as it is now, held until the transaction ends, together with all administrators.

    One statement in one order: two administrators who demote each other at once queue up instead of deadlocking.
    """
    rows = User.objects.select_for_update().filter(Q(pk=user.pk) | Q(role=Role.ADMINISTRATOR, is_active=True))
    return next(row for row in rows.order_by("pk") if row.pk == user.pk)


def keep_one_administrator(user: User, sentence: str) -> None:
    """Raise NotAllowed if nobody but `user` could manage accounts; the rows are held by `locked`."""
    if user.is_active and user.role == Role.ADMINISTRATOR and not others_manage(user):
        raise NotAllowed(_("%(what)s Make somebody else administrator first.") % {"what": sentence})


def others_manage(user: User) -> bool:
    return queries.administrators().exclude(pk=user.pk).exists()


def clean_email(email: str, besides: User | None = None) -> str:
    email = email.strip().lower()
    if not email:
        raise Invalid(_("Write an e-mail address: it is what they sign in with."), "email")
    try:
        validate_email(email)
    except ValidationError as error:
        message = _("“%(email)s” is not an e-mail address such as name@example.org.") % {"email": email}
        raise Invalid(message, "email") from error
    others = User.objects.exclude(pk=besides.pk) if besides else User.objects.all()
    if others.filter(email=email).exists():
        raise Invalid(_("%(email)s already belongs to a colleague.") % {"email": email}, "email")
    return email


def clean_name(name: str, most: int = 200) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise Invalid(_("Give a name."), "name")
    if len(name) > most:
        sentence = _("The name has %(count)s characters; %(most)s are the most.")
        raise Invalid(sentence % {"count": len(name), "most": most}, "name")
    return name


def clean_role(role: str) -> str:
    if role not in Role.values:
        raise Invalid(_("The roles are: %(roles)s.") % {"roles": ", ".join(Role.values)}, "role")
    return role


def clean_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise Invalid(_("“%(name)s” is not a time zone such as Europe/Berlin.") % {"name": name}, "time_zone")
    return name


def time_zone_of(by: Actor) -> str:
    """A newcomer starts in the time zone of whoever invites them, else in the organisation's."""
    from kith.kernel.organisation.models import current

    return by.user.time_zone if by.user else current().time_zone
