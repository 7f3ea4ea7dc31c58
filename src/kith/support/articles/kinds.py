"""An article in further languages, as one value: {"de": {"title": "…", "body": "…"}}."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __

from kith.kernel.errors import Invalid
from kith.kernel.kinds.document import Document
from kith.kernel.kinds.translations import CODE
from kith.kernel.text import clean_text

LONGEST_TITLE, LONGEST = 200, 50_000


class Texts(Document):
    name, described = "article_texts", "title and body by language code"

    def said(self) -> str:
        return __("These texts")

    def show(self, value: Any) -> str:
        return ", ".join(f"{code}: {text['title']}" for code, text in value.items()) if value else ""

    def checked(self, value: Any) -> dict[str, dict[str, str]]:
        if not isinstance(value, dict):
            raise Invalid(__("Texts are given by language, for example de: {title: …, body: …}"))
        out = {}
        for code, text in value.items():
            if not CODE.fullmatch(str(code).lower()):
                raise Invalid(__("“%s” is no language code; it is written as de or pt-br.") % str(code)[:20])
            if not isinstance(text, dict) or not {"title", "body"} >= set(text) or not text.get("title"):
                raise Invalid(__("A text has a title and a body; %s lacks one or has more.") % code)
            title, body = (clean_text(str(text.get(key) or "")) for key in ("title", "body"))
            if len(title) > LONGEST_TITLE or len(body) > LONGEST:
                raise Invalid(__("The text in %s is too long.") % code)
            out[str(code).lower()] = {"title": title, "body": body}
        return dict(sorted(out.items()))
