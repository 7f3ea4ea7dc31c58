"""Tables of the first step, by what they are about."""

from kith.awareness.models.assets import Asset, AssetKind, AssetUse, Through
from kith.awareness.models.campaigns import (
    ANSWERED,
    Campaign,
    Channel,
    CostLine,
    Member,
    MemberStep,
    Phase,
    State,
    as_word,
)
from kith.awareness.models.profiles import Criterion, Fit, Profile, ProfileVersion, Research, Sort, Subject
from kith.awareness.models.touches import Known, Touch, Visit

__all__ = [
    "ANSWERED",
    "Asset",
    "AssetKind",
    "AssetUse",
    "Campaign",
    "Channel",
    "CostLine",
    "Criterion",
    "Fit",
    "Known",
    "Member",
    "MemberStep",
    "Phase",
    "Profile",
    "ProfileVersion",
    "Research",
    "Sort",
    "State",
    "Subject",
    "Through",
    "Touch",
    "Visit",
    "as_word",
]
