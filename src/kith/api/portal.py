"""What customers may do in their portal, for programs; whoever manages settings reads and changes it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.links import site_address
from kith.portal.setup import KEYS, change_door, door

WORDS = "welcome"


def read_portal(actor: Actor, request: HttpRequest) -> Any:
    actor.require("settings.manage")
    return _shown()


def change_portal(actor: Actor, request: HttpRequest) -> Any:
    """What is left out stays as it is."""
    data = body(request)
    inputs.only(data, (*KEYS, WORDS))
    now = door()
    given: dict[str, Any] = {key: inputs.yes(data, key) if key in data else getattr(now, key) for key in KEYS}
    change_door({**given, WORDS: inputs.text(data, WORDS, now.welcome)}, by=actor)
    return _shown()


def _shown() -> dict[str, Any]:
    now = door()
    return {**{key: getattr(now, key) for key in KEYS}, WORDS: now.welcome, "address": f"{site_address()}/portal/"}


setting = endpoint(get=read_portal, patch=change_portal)
