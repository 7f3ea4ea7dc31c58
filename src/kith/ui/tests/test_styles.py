"""The rules of the stylesheets and scripts, and what a first visit weighs."""

import gzip
import re
from pathlib import Path

import pytest

from kith.ui import bundles

CSS = sorted((bundles.HERE / "css").rglob("*.css"))
JS = sorted((bundles.HERE / "js").glob("*.js"))
TEMPLATES = sorted((Path(bundles.__file__).parent / "templates").rglob("*.html"))
COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\((?!in )|:\s*(?:black|white|red|blue|green|gray|grey)\b"
)
IMPORTANT = {"base.css", "utilities.css", "print.css"}  # the reset, and what must win over everything


def rules(file):
    return re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)


def ids(files):
    return [file.name for file in files]


@pytest.mark.parametrize("file", CSS, ids=ids(CSS))
def test_colours_stand_only_among_the_tokens(file):
    if file.name != "tokens.css":
        assert not COLOUR.findall(rules(file))


@pytest.mark.parametrize("file", CSS, ids=ids(CSS))
def test_nothing_shouts_important_outside_reset_and_utilities(file):
    if file.name not in IMPORTANT:
        assert "!important" not in rules(file)


@pytest.mark.parametrize("file", CSS, ids=ids(CSS))
def test_selectors_name_no_ids(file):
    without_values = re.sub(r"url\([^)]*\)", "", rules(file))
    assert not re.findall(r"(?m)(?:^|[\s,>+~&(])#[A-Za-z][\w-]*", without_values)


@pytest.mark.parametrize("file", CSS, ids=ids(CSS))
def test_every_stylesheet_belongs_to_a_layer_and_says_what_it_is(file):
    text = file.read_text("utf-8")
    assert text.startswith("/*") or file.name == "base.css" or "@layer" in text
    assert "@layer" in text


def test_every_token_that_is_used_is_defined():
    text = "\n".join(rules(file) for file in CSS)
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert used <= defined, sorted(used - defined)


@pytest.mark.parametrize("file", TEMPLATES, ids=[f"{f.parent.name}/{f.name}" for f in TEMPLATES])
def test_templates_hold_no_inline_styles_or_scripts(file):
    text = re.sub(r"{[{%#].*?[#%}]}", "", file.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("file", JS, ids=ids(JS))
def test_behaviour_is_short_and_begins_with_an_example(file):
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 120
    assert text.startswith("/*") and "<" in text[: text.index("*/")]
    assert "eval(" not in text and "new Function" not in text


def test_symbols_that_templates_and_code_name_exist():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (bundles.HERE / "icons.svg").read_text("utf-8")))
    named = {name for file in TEMPLATES for name in re.findall(r'icon\("([\w-]+)"', file.read_text("utf-8"))}
    named |= {name for file in TEMPLATES for name in re.findall(r'\bicon="([\w-]+)"', file.read_text("utf-8"))}
    assert named <= sprite, sorted(named - sprite)


def test_bundles_are_fresh_and_hold_every_source(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles, "BUILD", tmp_path)
    monkeypatch.setattr(bundles, "STYLES", tmp_path / "kith.css")
    monkeypatch.setattr(bundles, "SCRIPTS", tmp_path / "kith.js")
    bundles.refresh()
    assert (tmp_path / "kith.js").read_text("utf-8").count("customElements.define(") >= 14
    assert ".palette" in (tmp_path / "kith.css").read_text("utf-8")
    before = (tmp_path / "kith.css").stat().st_mtime_ns
    bundles.refresh()
    assert (tmp_path / "kith.css").stat().st_mtime_ns == before


def test_addresses_in_the_bundle_lead_to_files():
    for address in re.findall(r'url\("([^"]+)"\)', bundles.styles()):
        assert (bundles.BUILD / address).resolve().exists(), address


def test_space_before_a_nested_pseudo_class_is_kept():
    assert "& :is(th,td)" in bundles._squeeze("a { & :is(th,td) { color: var(--ink); } }")


def test_first_visit_stays_light():
    ours = [f for f in bundles.style_sources() if bundles.HERE in f.parents]
    css = "".join(bundles._squeeze(bundles._readdress(f)) for f in ours)
    assert len(gzip.compress(css.encode(), 9)) < 15_500
    htmx = bundles.HERE.parent / "vendor" / "htmx.min.js"
    script = gzip.compress(bundles.scripts().encode(), 9)
    assert len(script) + len(gzip.compress(htmx.read_bytes(), 9)) < 25_000
    faces = {f.name: f.stat().st_size for f in (bundles.HERE.parent / "vendor" / "fonts").glob("*.woff2")}
    assert len(faces) == 3 and max(faces.values()) < 20_000, faces
