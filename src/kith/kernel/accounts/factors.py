"""Writes to the timeline when a second factor comes or goes; the sign-in library tells us by signals."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.db import transaction

from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.actions import note
from kith.kernel.accounts.events import FactorAdded, FactorRemoved
from kith.kernel.accounts.models import User
from kith.kernel.timeline.types import EventType


def connect() -> None:
    authenticator_added.connect(added, dispatch_uid="kith.factor.added")
    authenticator_removed.connect(removed, dispatch_uid="kith.factor.removed")


def added(user: User, authenticator: Authenticator, **_more: Any) -> None:
    write(user, FactorAdded(str(authenticator)))


def removed(user: User, authenticator: Authenticator, **_more: Any) -> None:
    write(user, FactorRemoved(str(authenticator)))


def write(user: User, event: EventType) -> None:
    with transaction.atomic():
        note(user, event, actor_for(user))
