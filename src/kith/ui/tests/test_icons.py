"""Every icon that a page names is in the sheet of icons; a missing one would be an empty square that nobody sees."""

import re
from pathlib import Path

import kith

ROOT = Path(kith.__file__).parent
SHEET = ROOT / "ui" / "static" / "ui" / "icons.svg"
NAMED = re.compile(r"""\bicon(?:=|\(|": ?)["']([a-z-]+)["']""")


def test_every_icon_that_is_named_is_there():
    there = set(re.findall(r'<symbol[^>]* id="([a-z-]+)"|id="([a-z-]+)"', SHEET.read_text()))
    there = {name for pair in there for name in pair if name}
    files = [*ROOT.rglob("*.html"), *ROOT.rglob("*.py")]
    named = {name: file for file in files if "tests" not in file.parts for name in NAMED.findall(file.read_text())}
    assert len(named) > 40
    assert {name: str(file) for name, file in named.items() if name not in there} == {}
