"""What a change did to every face, as a diff: `registry.json` is the registry in words.

.venv/bin/pytest tests/conformance/test_registry_snapshot.py --update-snapshots
"""

import difflib
import json
from pathlib import Path

import pytest

from tests.conformance.snapshot import registry_in_words

SNAPSHOT = Path(__file__).parent / "registry.json"
TO_UPDATE = "If this is meant, run this test with --update-snapshots and commit registry.json with the change:"


def test_the_registry_is_what_was_reviewed(request):
    now = json.dumps(registry_in_words(), indent=1, ensure_ascii=False) + "\n"
    if request.config.getoption("--update-snapshots"):
        SNAPSHOT.write_text(now)
    before = SNAPSHOT.read_text()
    if now != before:
        changed = difflib.unified_diff(before.splitlines(), now.splitlines(), "reviewed", "now", lineterm="", n=2)
        pytest.fail("\n".join([TO_UPDATE, *changed]), pytrace=False)
