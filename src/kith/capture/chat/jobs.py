"""Background work of chats: what time does, and the copy for whoever wrote."""

from __future__ import annotations

from kith.capture.chat import mailing, turns
from kith.kernel.jobs import job


@job("chat.watch", every="* * * * *", label="Let chats that nobody answers go on by mail")
def watch() -> None:
    turns.watch()


@job("chat.copy", attempts=6, queue="mail", label="Send somebody what was said in the chat")
def copy(*, conversation: int) -> None:
    mailing.send_copy(conversation)
