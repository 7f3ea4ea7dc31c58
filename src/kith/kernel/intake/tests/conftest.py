"""What the import tests share: a file from text, and an import carried out in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


class Bring:
    """bring("person", "First name\\nMarta", by="ines", write=True, **parts of the mapping) -> the run, walked to its end."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, kind, text, *, write=True, **more):
        return self.walk(self.begin(kind, text, **more), write)

    def begin(self, kind, text, *, by="ines", mapping=None, name="people.csv", **parts):
        """The run with its mapping set, not yet walked."""
        from kith.kernel.intake import actions
        from kith.kernel.intake.mapping import load
        from kith.kernel.intake.targets import find_target
        from tests.cast import actor

        path = text if isinstance(text, Path) else self.folder / name
        if not isinstance(text, Path):
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        who = actor(by) if isinstance(by, str) else by
        run = actions.take_file(find_target(kind), path, path.name, by=who)
        if mapping or parts:
            document = {**(mapping or run.mapping), **parts}
            actions.set_mapping(run, load(json.loads(json.dumps(document))), by=who)
        return run

    @staticmethod
    def walk(run, write=True):
        from kith.kernel.intake import actions
        from kith.kernel.intake.engine import begin
        from kith.kernel.intake.models import State

        begin(run, State.RUNNING if write else State.CHECKING)
        return (actions.carry_out if write else actions.check)(run)


@pytest.fixture
def bring(tmp_path):
    return Bring(tmp_path)


def reasons(run):
    """{row number: sentences} of the rejected rows."""
    return dict(run.rows.filter(verdict="reject").values_list("number", "reasons"))
