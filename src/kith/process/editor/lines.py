"""How a stage's automations fare, told by whoever runs them: beside each, whether it is on and how its runs went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kith.process.definition.shape import Definition, Stage
from kith.process.models import Process


@dataclass(frozen=True)
class Ran:
    """One automation as it runs in the version in force. `runs` and `failed` of the last 30 days; `href`: where they are listed;
    `switch`: where it is switched off and on."""

    on: bool
    runs: int
    failed: int
    href: str
    switch: str


Teller = Callable[[Process, Definition, Stage], "dict[int, Ran]"]
TELLERS: list[Teller] = []


def lines_of(process: Process, definition: Definition, stage: Stage) -> dict[int, Ran]:
    """{place of the automation: how it fares}; those that nothing runs yet, as they are only drafted, are left out."""
    told: dict[int, Ran] = {}
    if stage.automations and process.in_force is not None:
        for teller in TELLERS:
            told |= teller(process, definition, stage)
    return told
