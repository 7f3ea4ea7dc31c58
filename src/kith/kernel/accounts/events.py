"""What happened to an account: the trail an administrator reads when something looks wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class Invited(EventType):
    verb, sentence, icon = "user.invited", _("opened this account with the role “{role}”"), "user-plus"
    role: str


@dataclass(frozen=True)
class RoleChanged(EventType):
    verb, sentence, icon = "user.role_changed", _("changed the role from “{old}” to “{new}”"), "shield"
    old: str
    new: str


@dataclass(frozen=True)
class AddressChanged(EventType):
    verb, sentence, icon = "user.address_changed", _("changed the address from {old} to {new}"), "mail"
    personal = ("old", "new")
    old: str
    new: str


@dataclass(frozen=True)
class Deactivated(EventType):
    verb, sentence, icon = "user.deactivated", _("deactivated this account"), "ban"


@dataclass(frozen=True)
class Reactivated(EventType):
    verb, sentence, icon = "user.reactivated", _("brought this account back"), "undo"


@dataclass(frozen=True)
class LinkMade(EventType):
    verb, sentence, icon = "user.link_made", _("made a link to set a password"), "link"


@dataclass(frozen=True)
class PasswordSet(EventType):
    verb, sentence, icon = "user.password_set", _("set a new password"), "lock"


@dataclass(frozen=True)
class FactorAdded(EventType):
    verb, sentence, icon = "user.factor_added", _("added a second factor: {kind}"), "shield"
    kind: str


@dataclass(frozen=True)
class FactorRemoved(EventType):
    verb, sentence, icon = "user.factor_removed", _("removed a second factor: {kind}"), "shield"
    kind: str


@dataclass(frozen=True)
class TokenMade(EventType):
    verb, sentence, icon = "user.token_made", _("made the API token “{name}”"), "key"
    name: str


@dataclass(frozen=True)
class TokenRevoked(EventType):
    verb, sentence, icon = "user.token_revoked", _("revoked the API token “{name}”"), "key"
    name: str
