"""Make the type face as small as we use it: weights 400 to 700, kerning, no hints. Run by set-up, on the copied files.

    .venv/bin/python tools/fonts.py FILE.woff2 …

The letters of Latin Extended-A, which European names need, become a file of their own beside the rest of their set. Every
character stays, and so do the advance widths of the figures, which line up in columns without a feature.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WEIGHTS = (400, 400, 700)  # lightest, usual, boldest; what the style sheets ask for
FEATURES = ["kern", "locl", "ccmp", "tnum"]
EUROPEAN = range(0x100, 0x180)  # Latin Extended-A
SPLIT, PART = "latin-ext-", "latin-ext-a-"
NAMES = [1, 2, 13, 14]  # family, style, licence and its address


def main(files: list[str]) -> int:
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    for name in files:
        path = Path(name)
        whole = path.read_bytes()
        if SPLIT in path.name:
            path.with_name(path.name.replace(SPLIT, PART)).write_bytes(lean(whole, lambda c: c in EUROPEAN, []))
            path.write_bytes(lean(whole, lambda c: c not in EUROPEAN, []))
        else:
            path.write_bytes(lean(whole))
    return 0


def lean(woff2: bytes, keep: Callable[[int], bool] = lambda _c: True, features: list[str] = FEATURES) -> bytes:
    """The face with fewer weights, features and perhaps characters, as woff2."""
    narrow = io.BytesIO()
    font = instancer.instantiateVariableFont(TTFont(io.BytesIO(woff2)), {"wght": WEIGHTS})
    font.flavor = None
    font.save(narrow)  # glyphs are named anew by the instancer, so the subsetter needs the font as read again
    font = TTFont(io.BytesIO(narrow.getvalue()))
    options = subset.Options(layout_features=features, hinting=False, name_IDs=NAMES, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for c in font.getBestCmap() if keep(c)])
    subsetter.subset(font)
    out = io.BytesIO()
    font.flavor = "woff2"
    font.save(out)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
