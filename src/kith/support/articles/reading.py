"""Articles as they are read: light marks become markup, raw HTML and pictures from elsewhere never do."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table"]).disable(["image", "html_block", "html_inline"])  # fmt: skip


def rendered(body: str) -> Markup:
    """The text of an article as safe markup; its headings stand under the title."""
    tokens = _reader().parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    return Markup(_reader().renderer.render(tokens, _reader().options, {}))  # noqa: S704 - rendered without raw HTML


def summary(body: str, most: int = 160) -> str:
    """The first words of an article without their marks."""
    blocks = ("".join(c.content if c.type == "text" else " " for c in token.children or [] if c.type in ("text", "softbreak"))
              for token in _reader().parse(body))  # fmt: skip
    words = " ".join(" ".join(blocks).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
