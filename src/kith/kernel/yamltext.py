"""YAML that people write and send: plain values only, and every fault is one sentence with its place.

YAML itself would take a name given twice silently, unfold references into much, and nest without end.
"""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.text import clean_text


class _Dumper(yaml.SafeDumper):
    """Long texts stand as they were written, lists are set in under their name, nothing refers to something above."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    plain = all(isinstance(one, str) for one in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=plain)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def write_yaml(value: Any) -> str:
    """A plain value as a text that people read and `read_yaml` reads back, byte for byte the same each time."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)


class _Strict:
    """What both loaders refuse."""

    def compose_node(self: Any, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            words = _("references (*name) are not read; a file may not refer to parts of itself, write them out")
            raise yaml.constructor.ConstructorError(None, None, words, self.peek_event().start_mark)
        return super().compose_node(parent, index)  # type: ignore[misc]  # a mix-in: the loader beside it has it

    def construct_mapping(self: Any, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for name, _value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, _("a name is one word, not a list"), name.start_mark
                )
            if name.value in seen:
                words = _("“%s” stands here twice") % name.value
                raise yaml.constructor.ConstructorError(None, None, words, name.start_mark)
            seen.add(name.value)
        made: dict[Any, Any] = super().construct_mapping(node, deep)  # type: ignore[misc]  # the same
        return made


class _Typed(_Strict, yaml.SafeLoader):
    """Numbers, yes and no, dates as what they are."""


class _Texts(_Strict, yaml.BaseLoader):
    """Every leaf is text."""


def read_yaml(text: str, *, most: int, texts: bool = False, named: str = "") -> Any:
    """The value that a YAML (or JSON) text says, of at most `most` characters. texts: every leaf as text. Raises Invalid
    naming line and column; it begins with `named` ("This workflow") where a form holds more than this text."""
    if len(text) > most:
        raise Invalid(_("This has more than %s characters, which is too long.") % f"{most:,}")
    cleaned = clean_text(text).replace("\r\n", "\n")
    try:
        value = yaml.load(cleaned, Loader=_Texts if texts else _Typed)  # noqa: S506 - both make plain values only
    except RecursionError:
        raise Invalid(_("This is nested too deeply to be read.")) from None
    except yaml.YAMLError as problem:
        raise Invalid(_sentence(problem, named)) from None
    return _clean(value)


def _clean(value: Any) -> Any:
    """Escapes in quotes ("\\0") can bring back what the database cannot hold."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return {_clean(k): _clean(v) for k, v in value.items()} if isinstance(value, dict) else value


def _sentence(problem: yaml.YAMLError, named: str) -> str:
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or str(problem)[:200]
    if mark is None:
        return _("This is no YAML: %s.") % what
    place = {"named": named, "line": mark.line + 1, "column": mark.column + 1, "what": what}
    if named:
        return _("%(named)s cannot be read, line %(line)s, column %(column)s: %(what)s.") % place
    return _("Line %(line)s, column %(column)s: %(what)s.") % place
