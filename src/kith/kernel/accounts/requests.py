"""What a view behind the gate may count on, for annotations."""

from __future__ import annotations

from django.http import HttpRequest

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User


class SignedIn(HttpRequest):
    """A request of somebody who is signed in: `kith.web.middleware.ActorMiddleware` let it pass and set `actor`."""

    user: User
    actor: Actor
