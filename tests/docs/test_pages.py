"""What the documents name exists: commands and their options, environment variables, files, links, attributes."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from kith.cli import commands, parser
from kith.kernel.records.record import Record
from tests.docs.recipe import blocks

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *(p for p in ROOT.glob("src/kith/**/README.md") if "vendor" not in p.parts)]
)  # fmt: skip
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
VARIABLE = re.compile(r"\b(KITH_[A-Z_]+|DATABASE_URL)\b")
PLACE = re.compile(r"(?:src|docs|tests|tools|benchmarks|\.ci)/[\w./-]+")
PLACEHOLDERS = {"COMMAND"}


@pytest.fixture(params=NAMES)
def text(request) -> str:
    return (ROOT / request.param).read_text()


def outside_fences(text: str) -> str:
    return FENCE.sub("", text)


def shell_lines(text: str) -> list[str]:
    """Commands of a page's shell blocks, without comments and environment in front."""
    lines = [
        line.split("  #")[0].strip()
        for language, code in FENCE.findall(text)
        if language == "sh"
        for line in code.splitlines()
    ]
    return [line for line in lines if line]


def words_of(line: str) -> list[str] | None:
    """The arguments of a `kith` command line, or None when it is another program's."""
    words = shlex.split(line)
    while words and re.match(r"^[A-Z_]+=", words[0]):
        words = words[1:]
    return words[1:] if words and Path(words[0]).name == "kith" else None


def options_of(name: str) -> set[str]:
    """Every option of a command and of the commands below it."""
    found: set[str] = set()
    top = next(a for a in parser(commands())._actions if isinstance(a, argparse._SubParsersAction))
    waiting = [top.choices[name]]
    while waiting:
        for action in waiting.pop()._actions:
            found |= set(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()
    return found


def test_every_command_line_in_a_shell_block_can_be_read(text):
    for line in shell_lines(text):
        words = words_of(line)
        if words is None or "--help" in words or "--version" in words:
            continue
        try:
            parser(commands()).parse_args(words)
        except SystemExit as refused:
            pytest.fail(f"kith refuses: {line} ({refused})", pytrace=False)


def test_every_kith_command_and_option_that_is_named_exists(text):
    for span in SPAN.findall(outside_fences(text)):
        words = span.split()
        if words[0] not in ("kith", ".venv/bin/kith") or len(words) < 2 or words[1] in PLACEHOLDERS:
            continue
        if words[1].startswith("-"):
            assert words[1] in ("--help", "--version"), span
            continue
        assert words[1] in commands(), f"there is no command: {span}"
        assert {w for w in words[2:] if w.startswith("--")} <= options_of(words[1]), f"no such option: {span}"


def test_every_make_target_that_is_named_exists(text):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    said = [*SPAN.findall(outside_fences(text)), *shell_lines(text)]
    assert {line.split()[1] for line in said if re.match(r"make [a-z-]+$", line)} <= targets


def test_every_variable_that_is_named_is_read_somewhere(text):
    code = [*(ROOT / "src" / "kith").glob("*.py"), *(ROOT / "src/kith/cli").glob("*.py"), *ROOT.glob("tools/*.py"),
            *ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("src/kith/kernel/database/*.py")]  # fmt: skip
    read = set().union(*(VARIABLE.findall(file.read_text()) for file in code))
    assert set(VARIABLE.findall(text)) <= read


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name):
    text = (ROOT / name).read_text()
    made = made_by_recipes() if "docs/" in name else set()
    for span in SPAN.findall(outside_fences(text)):
        if PLACE.fullmatch(span) and span not in made and not span.startswith("docs/performance"):
            assert (ROOT / span).exists(), f"{name} names {span}"
    for link in LINK.findall(outside_fences(text)):
        assert (ROOT / name).parent.joinpath(link).exists(), f"{name} links to {link}"


def made_by_recipes() -> set[str]:
    """Files that only a reader of the recipes will have."""
    pages = [page.read_text() for page in (ROOT / "docs" / "recipes").glob("*.md")]
    new = {block.file for page in pages for block in blocks(page) if block.how == "new"}
    return new | {span for page in pages for span in SPAN.findall(page) if span.startswith("src/kith/visits/")}


@pytest.mark.parametrize("name", commands())
def test_the_example_in_a_commands_help_can_be_read(name):
    example = commands()[name].EXAMPLE
    for line in example.splitlines():
        words = words_of(line)
        assert words and words[0] == name
        assert name == parser(commands()).parse_args(words).module.NAME


def test_operating_names_every_variable_and_the_readme_every_command_or_the_way_to_them():
    config = (ROOT / "src/kith/config.py").read_text()
    documented = (ROOT / "docs/operating.md").read_text()
    assert set(VARIABLE.findall(config)) <= set(VARIABLE.findall(documented))
    assert "kith --help" in (ROOT / "README.md").read_text()


def test_the_architecture_names_everything_a_record_type_may_declare():
    attributes = {name for name in Record.__annotations__ if not name.startswith("_")}
    attributes |= {
        "create",
        "edit",
        "create_many",
        "identify",
        "at_creation",
    }  # looked up by name, see records/actions.py
    text = (ROOT / "docs/architecture.md").read_text()
    assert {name for name in attributes if f"`{name}`" not in text and f"`{name}(" not in text} == set()


def test_every_package_says_what_it_is_on_one_screen():
    rooms = [p.parent for p in (ROOT / "src/kith").glob("*/__init__.py")] + [
        p.parent for p in (ROOT / "src/kith/kernel").glob("*/__init__.py")
    ]
    for room in rooms:
        code = [file for file in room.glob("*.py") if file.name not in ("__init__.py", "apps.py")]
        if room.name in ("tests", "kernel") or not code:
            continue
        readme = room / "README.md"
        assert readme.exists(), f"{room.relative_to(ROOT)} has no README.md"
        assert len(readme.read_text().splitlines()) <= 45, f"{readme} is longer than a screen"


def test_the_glossary_stays_short_enough_to_be_read():
    rows = [line for line in (ROOT / "docs/glossary.md").read_text().splitlines() if line.startswith("| ")][1:]
    assert len(rows) <= 40
