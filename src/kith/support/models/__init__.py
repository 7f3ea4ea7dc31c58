"""What this room keeps."""

from kith.support.models.desk import Agent, Door, Given, Reply, Rules, Through, Turn
from kith.support.models.levels import CUSTOMERS, Clock, Policy
from kith.support.models.tickets import (
    UNSOLVED,
    Entry,
    EntryFile,
    Looking,
    Side,
    Source,
    Ticket,
    TicketChannel,
    TicketKind,
    TicketPriority,
    TicketState,
)

__all__ = [
    "CUSTOMERS", "UNSOLVED", "Agent", "Clock", "Door", "Entry", "EntryFile", "Given", "Looking", "Policy", "Reply", "Rules", "Side", "Source",
    "Through", "Ticket", "TicketChannel", "TicketKind", "TicketPriority", "TicketState", "Turn",
]  # fmt: skip
