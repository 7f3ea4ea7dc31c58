"""The small buttons of rows, as markup. A day has two hundred of them; as a macro they took a third of the page's time."""

from __future__ import annotations

from markupsafe import Markup, escape

from kith.today.sections import Do
from kith.ui.filters import icon


def button(do: Do, came: str) -> Markup:
    """A link that asks over the page, or is followed. came: the query that leads back from a page of its own, "next=/"."""
    href, label = escape(do.href), escape(do.label)
    if do.asks:
        where = f'href="{href}{"&amp;" if "?" in do.href else "?"}{escape(came)}" hx-get="{href}"'
    else:
        where = f'href="{href}"'
    key = f' data-hotkey="{escape(do.key)}"' if do.key else ""
    said = (
        f">{icon(do.icon)}{label}"
        if do.words
        else f' data-kind="plain" data-icon aria-label="{label}" title="{label}">{icon(do.icon)}'
    )
    return Markup(f'<a class="button" {where} data-size="small"{key}{said}</a>')  # noqa: S704 - each part is escaped
