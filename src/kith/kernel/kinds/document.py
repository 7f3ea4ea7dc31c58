"""A document as a value: YAML for people, an object for programs."""

from __future__ import annotations

from typing import Any

import yaml

from kith.kernel.kinds.base import Kind, Operator
from kith.kernel.yamltext import read_yaml


class Document(Kind):
    """Its shape is checked here; what it names is checked when it comes into force, so that one can save on the way.

    A kind of a room says `most` (characters of the YAML), `said` (words for errors: "This workflow"), `checked` and, where
    people read it again, `ordered`.
    """

    widget, sortable, blank = "textarea", False, {}
    accepts = (dict, str)
    most = 100_000
    described = ""  # of the API

    def said(self) -> str:
        """What an error calls it."""
        raise NotImplementedError

    def checked(self, value: Any) -> Any:
        """The document as it is kept. Raises Invalid for what has not its shape."""
        raise NotImplementedError

    def ordered(self, value: dict[str, Any]) -> dict[str, Any]:
        """The document with its keys as people write them: the database does not keep their order."""
        return value

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            return self.clean(read_yaml(raw, most=self.most, texts=True, named=self.said()) if raw.strip() else {})
        return self.clean(raw or {})

    def clean(self, value: Any) -> Any:
        return self.checked(value)

    def edit(self, value: Any) -> str:
        return yaml.safe_dump(self.ordered(value), sort_keys=False, allow_unicode=True, width=100) if value else ""

    def export(self, value: Any) -> Any:
        return self.edit(value) or None

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"], "description": self.described}

    def ops(self) -> tuple[Operator, ...]:
        return ()
