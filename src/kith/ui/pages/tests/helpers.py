"""What the tests of the record face share: rows through actions, forms as a browser would send them back."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

from kith.kernel.records import actions

HTMX = {"HX-Request": "true"}


def add(record: Any, by: Any, **raw: Any) -> Any:
    """A row made the way every face makes one."""
    return actions.create(record, actions.parse_values(record, raw, by=by, columns=record.columns(by)), by=by)


class _Fields(HTMLParser):
    def __init__(self, which: str) -> None:
        super().__init__()
        self.which, self.inside, self.template = which, False, 0
        self.values: list[tuple[str, str]] = []
        self.select = self.area = ""
        self.first = True

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        a = dict(attrs)
        if tag == "template":
            self.template += 1
        if tag == "form" and self.which in (a.get("action") or ""):
            self.inside = True
        if not self.inside or self.template:
            return
        kind = a.get("type", "text")
        if tag == "input" and a.get("name") and "disabled" not in a:
            if kind in ("checkbox", "radio") and "checked" not in a or kind in ("submit", "file"):
                return
            self.values.append((a["name"], a.get("value") or ("on" if kind == "checkbox" else "")))
        elif tag == "select":
            self.select, self.first = a.get("name", ""), True
        elif tag == "option" and self.select and (self.first or "selected" in a):
            if not self.first:
                self.values.pop()
            self.values.append((self.select, a.get("value") or ""))
            self.first = False
        elif tag == "textarea":
            self.area = a.get("name", "")
            self.values.append((self.area, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.template -= 1
        if tag == "form":
            self.inside = False
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.area and self.values and self.values[-1][0] == self.area:
            name, value = self.values.pop()
            self.values.append((name, (value + data).removeprefix("\n") if not value else value + data))


def form_of(response: Any, action: str = "") -> dict[str, Any]:
    """{name: value} (a list where a name stands several times) as a browser without a script would send the form whose
    action contains `action`."""
    parser = _Fields(action)
    parser.feed(response.content.decode())
    out: dict[str, Any] = {}
    for name, value in parser.values:
        out[name] = (
            [*out[name], value] if isinstance(out.get(name), list) else [out[name], value] if name in out else value
        )
    return out


def text_of(response: Any) -> str:
    """What a person reads, on one line."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
