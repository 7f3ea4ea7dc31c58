"""Tables of retention: health, renewals, leaving, plays against leaving, tiers."""

from kith.retention.models.bought import Together
from kith.retention.models.churn import Churn, ChurnKind, ChurnModel, ChurnReason
from kith.retention.models.health import (
    AT_RISK,
    LIKELIEST,
    TODAY,
    Band,
    Care,
    Dirty,
    HealthMoved,
    HealthPart,
    HealthVersion,
    Source,
    Usage,
)
from kith.retention.models.plays import Outcome, Peer, Play, PlayRun
from kith.retention.models.renewal import GOING, Renewal, RenewalState, Value
from kith.retention.models.tier import Tier

__all__ = [
    "AT_RISK", "GOING", "LIKELIEST", "TODAY", "Band", "Care", "Churn", "ChurnKind", "ChurnModel", "ChurnReason", "Dirty", "HealthMoved", "HealthPart",
    "HealthVersion", "Outcome", "Peer", "Play", "PlayRun", "Renewal", "RenewalState", "Source", "Tier", "Together", "Usage", "Value",
]  # fmt: skip
