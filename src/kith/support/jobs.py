"""Work of this room that happens later: clocks, waking and closing, mails that say that something came."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.jobs import job
from kith.support import acknowledging, chats, closing, merging, routing
from kith.support.clocks import keeping, looking


@job("support.sweep_clocks", every="* * * * *", label=_("Look at the clocks of tickets"))
def sweep_clocks() -> None:
    looking.sweep()


@job("support.look_at_clocks", label=_("Look at clocks whose moment has come"))
def look_at_clocks() -> None:
    looking.be_there()


@job("support.wake_up", every="*/5 * * * *", label=_("Bring back tickets that waited long enough"))
def wake_up() -> None:
    closing.wake_up()


@job("support.deal_out", every="*/5 * * * *", label=_("Deal out tickets that nobody could take when they came"))
def deal_out() -> None:
    routing.deal_out()


@job("support.close_old", every="20 3 * * *", label=_("Close tickets that were solved long enough ago"))
def close_old() -> None:
    closing.close_old()


@job("support.follow_all", label=_("Work the clocks of tickets out again"))
def follow_all() -> None:
    for pks in keeping.running_batches():
        keeping.follow(pks)


@job("support.acknowledge", attempts=5, label=_("Say that a message came"))
def acknowledge(ticket: int) -> None:
    acknowledging.acknowledge(ticket)


@job("support.tell_merged", attempts=5, label=_("Tell whose tickets became one"))
def tell_merged(ticket: int) -> None:
    merging.tell_merged(ticket)


@job("support.follow_chat", attempts=5, label=_("Let a ticket follow its chat"))
def follow_chat(conversation: int) -> None:
    chats.follow_chat(conversation)
