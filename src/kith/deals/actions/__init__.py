"""What can be done with deals. One file per noun; everything is importable from here."""

from kith.deals.actions.closing import lose, reopen, win
from kith.deals.actions.committee import add_member, change_member, remove_member
from kith.deals.actions.defaults import install_defaults
from kith.deals.actions.editing import create, edit
from kith.deals.actions.lines import add_line, change_line, remove_line
from kith.deals.actions.moving import change_pipeline, move_to_stage, reassign
from kith.deals.actions.stages import (
    learn_usual_days,
    remove_pipeline,
    remove_stage,
    set_rule,
    settle_stages,
    weigh_again,
)

__all__ = [
    "add_line", "add_member", "change_line", "change_member", "change_pipeline", "create", "edit", "install_defaults",
    "learn_usual_days", "lose", "move_to_stage", "reassign", "remove_line", "remove_member", "remove_pipeline", "remove_stage", "reopen",
    "set_rule", "settle_stages", "weigh_again", "win",
]  # fmt: skip
