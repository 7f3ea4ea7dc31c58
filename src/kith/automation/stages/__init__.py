"""Where processes and workflows meet: what a stage does by itself is a workflow that belongs to it.

Importing this declares the trigger "stage" and the step "customer"; `keeping` makes the workflows when a process is
published. The rest of the room knows nothing of stages.
"""

from kith.automation.stages import moments, serving

__all__ = ["moments", "serving"]
