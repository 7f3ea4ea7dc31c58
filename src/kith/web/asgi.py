"""One port, one kind of process: live updates as raw ASGI, everything else through our bridge to synchronous Django.

Django's own ASGI handler costs twice as much per request and ties a database connection to every open stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from kith.web.wsgi import application as django

from django.conf import settings  # isort: skip  # after django.setup() in kith.web.wsgi
from kith.web.bridge import WsgiBridge  # isort: skip
from kith.web.live import PATHS as LIVE  # isort: skip
from kith.web.live import LiveUpdates  # isort: skip

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

THREADS = 4  # per process; each keeps one database connection


class Dispatcher:
    """Sends each connection to the application that serves its path. `live` follows the server's life."""

    def __init__(self, pages: App, live: LiveUpdates):
        self.pages, self.live = pages, live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"] in LIVE:
            await self.live(scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.live.stop_on_signal(asyncio.get_running_loop())
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.live.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


SMALLER = {"/f/": 10 << 20, "/c/": 64 << 10}  # bytes that strangers may send to a form, and to a chat

application = Dispatcher(WsgiBridge(django, THREADS, settings.UPLOAD_LIMIT, SMALLER), LiveUpdates())
