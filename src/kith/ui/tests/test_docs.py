"""docs/components.md tells the truth: every macro by its signature, every behaviour by its name."""

import re
from pathlib import Path

import pytest

from kith.ui.bundles import HERE
from kith.ui.tests.test_macros import FOLDER, MACROS

GUIDE = (Path(__file__).parents[4] / "docs" / "components.md").read_text("utf-8")
EXAMPLES = re.findall(r"^  `(\{.*)`$", GUIDE, flags=re.MULTILINE)


@pytest.mark.parametrize("name", MACROS)
def test_guide_gives_the_signature_of_every_component(name):
    source = (FOLDER / f"{name}.html").read_text("utf-8")
    signature = re.sub(r"\s+", " ", re.search(r"{% macro " + name + r"\((.*?)\) -%}", source, re.DOTALL)[1])
    assert f"`ui.{name}({signature}" in GUIDE


def test_guide_names_every_behaviour():
    elements = {
        name
        for f in (HERE / "js").glob("*.js")
        for name in re.findall(r'customElements\.define\("([\w-]+)"', f.read_text())
    }
    assert elements and all(f"<{name}" in GUIDE for name in elements)


def test_examples_of_the_guide_are_templates(env):
    assert len(EXAMPLES) >= len(MACROS) - 3
    for example in EXAMPLES:
        env.parse(re.sub(r"\s{2}\(.*$", "", example.replace(" or {{", "{{")))
