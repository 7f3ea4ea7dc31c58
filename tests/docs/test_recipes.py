"""The recipes of docs/recipes are carried out, word by word, on a copy of the source, and every face is looked at."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.recipe import blocks, carry_out

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ("add-a-field", "add-a-record-type", "add-an-action", "add-a-panel")
START = "start"
COMMANDS = (".venv/bin/python -m django makemigrations", ".venv/bin/kith migrate")

pytestmark = pytest.mark.xdist_group("recipes")


def page(name: str) -> str:
    """A recipe, or the change that the one-hour start makes."""
    place = ROOT / "docs" / ("start.md" if name == START else f"recipes/{name}.md")
    return place.read_text()


class House:
    """A copy of the source with all recipes carried out, and what looking at it found."""

    def __init__(self, tree: Path):
        self.tree = tree
        skip = shutil.ignore_patterns("__pycache__", "tests", "vendor", "*.woff2")
        shutil.copytree(ROOT / "src", tree / "src", ignore=skip)
        shutil.copy(ROOT / "pyproject.toml", tree)
        self.before = self.migrations()
        self.touched = {name: carry_out(page(name), tree) for name in (*PAGES, START)}
        self.found: dict[str, str] = {}

    def migrations(self) -> set[str]:
        return {str(f.relative_to(self.tree)) for f in self.tree.glob("src/kith/**/migrations/0*.py")}

    def look(self, database: str) -> None:
        """Make and run the migrations and look at every face, in a process of its own."""
        environment = {**os.environ, "PYTHONPATH": f"{self.tree / 'src'}{os.pathsep}{ROOT}", "DATABASE_URL": database,
                       "KITH_DATA": str(self.tree / "data"), "DJANGO_SETTINGS_MODULE": "kith.settings"}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "tests.docs.probe"], cwd=self.tree, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.found = json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def house(tmp_path_factory, django_db_setup, django_db_blocker) -> House:
    from kith.kernel.database.testing import another_database, database_address

    built = House(tmp_path_factory.mktemp("recipes"))
    with django_db_blocker.unblock(), another_database("recipes") as name:
        built.look(database_address(name))
    return built


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PAGES, START])
def test_a_recipe_gives_what_it_promises_on_every_face(house, name):
    if wrong := house.found[name]:
        pytest.fail(wrong, pytrace=False)


@pytest.mark.django_db
def test_adding_a_plain_field_touches_one_file_and_a_migration(house):
    assert house.touched["add-a-field"] == {"src/kith/contacts/models.py"}
    made = {name for name in house.migrations() - house.before if "/contacts/" in name}
    assert len(made) == 1
    written = (house.tree / made.pop()).read_text()
    assert written.count("migrations.AddField(") == 1
    assert written.count("migrations.") == 2, "the migration does more than add the field"  # Migration and AddField


@pytest.mark.django_db
def test_an_action_and_a_panel_need_no_migration(house):
    assert {name.split("/")[2] for name in house.migrations() - house.before} == {"contacts", "visits"}


def test_what_the_recipes_write_passes_the_linter(house):
    written = sorted({f for files in house.touched.values() for f in files if f.endswith(".py")})
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        files = written if command[0] == "check" else [f for f in written if "/visits/" in f]
        done = subprocess.run(
            [str(Path(sys.executable).parent / "ruff"), *command, *files],
            cwd=house.tree,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_a_recipe_is_applied_or_reads_as_code(name):
    for block in blocks(page(name)):
        if block.language == "sh":
            assert all(line.startswith(COMMANDS) for line in block.code.splitlines()), block.code
        elif block.language == "python":
            ast.parse(block.code)
        else:
            assert block.file, f"no file is named for:\n{block.code}"
