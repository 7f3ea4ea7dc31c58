"""The verbs of the first step; each stands with what it is about."""

from kith.awareness.assets.actions import give, use_asset
from kith.awareness.campaigns.actions import add_cost, invite, mark, remove_cost, remove_member
from kith.awareness.profiles.actions import add_criterion, change_criterion, publish, remove_criterion

__all__ = [
    "add_cost",
    "add_criterion",
    "change_criterion",
    "give",
    "invite",
    "mark",
    "publish",
    "remove_cost",
    "remove_criterion",
    "remove_member",
    "use_asset",
]  # fmt: skip
