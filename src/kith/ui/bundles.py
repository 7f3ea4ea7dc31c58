"""One stylesheet and one script out of the many small files people read and change.

Concatenation is all the build there is. The results go to `static/ui/build/` (not in the repository) at start-up
whenever a source is newer, so development, `collectstatic` and the wheel all find ordinary static files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from django.apps import apps

HERE = Path(__file__).parent / "static" / "ui"
BUILD = HERE / "build"
STYLES, SCRIPTS = BUILD / "kith.css", BUILD / "kith.js"
LAYERS = "@layer reset, tokens, base, layout, components, features, utilities;\n"


def style_sources() -> list[Path]:
    """Tokens first, then the components by name, the packages' own `features`, the utilities last."""
    css = HERE / "css"
    first = [css / f"{name}.css" for name in ("tokens", "measures", "font", "base", "layout")]
    last = [css / "utilities.css", css / "print.css"]
    return [*first, *sorted((css / "components").glob("*.css")), *_features("css"), *last]


def script_sources() -> list[Path]:
    """Our behaviours, one custom element a file, then those of the packages."""
    return [*sorted((HERE / "js").glob("*.js")), *_features("js")]


def _features(kind: str) -> list[Path]:
    own = [Path(c.path) / "static" / c.label / kind for c in apps.get_app_configs() if c.name.startswith("kith.")]
    return [file for folder in own if folder.parent != HERE for file in sorted(folder.glob(f"*.{kind}"))]


def styles() -> str:
    """The stylesheet: comments and indentation left out, addresses rewritten for the build folder."""
    return LAYERS + "".join(_squeeze(_readdress(file)) for file in style_sources())


def scripts() -> str:
    """The script: each file in its own block, so that its names stay its own."""
    bodies = (_lean(file.read_text("utf-8")) for file in script_sources())
    return '"use strict";\n' + "".join(f"{{\n{body}}}\n" for body in bodies)


def refresh() -> None:
    """Write the bundles if they are missing or older than a source; a read-only installation keeps what it has."""
    for target, sources, make in ((STYLES, style_sources(), styles), (SCRIPTS, script_sources(), scripts)):
        newest = max((file.stat().st_mtime for file in [*sources, Path(__file__)]), default=0)
        if target.exists() and (target.stat().st_mtime >= newest or not os.access(BUILD, os.W_OK)):
            continue
        BUILD.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{os.getpid()}.tmp")  # several processes may start at once
        draft.write_text(make(), "utf-8")
        draft.replace(target)


def _readdress(file: Path) -> str:
    def relative(match: re.Match) -> str:
        target = (file.parent / match["path"]).resolve()
        return f'url("{os.path.relpath(target, BUILD)}")'

    return re.sub(r'url\("(?P<path>\.[^"]+)"\)', relative, file.read_text("utf-8"))


def _squeeze(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*\n\s*", "\n", css)
    css = re.sub(r"\s*([{};])\s*", r"\1", css)  # never around ":", which would join a descendant to its pseudo-class
    return css.strip().replace(";}", "}") + "\n"


def _lean(js: str) -> str:
    """Without the header comment, comments on or after lines, and indentation; code is never touched."""
    js = re.sub(r"^/\*.*?\*/\s*", "", js, flags=re.DOTALL)
    lines = (re.sub(r"(?<=[;{}]) // .*", "", line.strip()) for line in js.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("// "))
