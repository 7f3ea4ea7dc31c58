"""Hand-overs between teams: what the next team must know, offered, accepted, asked back or taken back, and how long that takes."""

from kith.process.handovers.offering import accept, give_back, hand_over, receiving, take_back, waiting_of

__all__ = ["accept", "give_back", "hand_over", "receiving", "take_back", "waiting_of"]
