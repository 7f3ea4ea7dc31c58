"""The kinds of steps, one class each; importing this declares them all.

`base.py` says what a kind is. A new kind is one class in one of these modules and nothing anywhere else.
"""

from kith.automation.steps import acting, asking, calling, flow, telling, waiting
from kith.automation.steps.base import KINDS, Done, Going, Goto, Hold, StepKind

__all__ = [
    "KINDS",
    "Done",
    "Going",
    "Goto",
    "Hold",
    "StepKind",
    "acting",
    "asking",
    "calling",
    "flow",
    "telling",
    "waiting",
]
