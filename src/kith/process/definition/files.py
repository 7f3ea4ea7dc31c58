"""A process as one readable file (YAML). What is exported, imported and exported again is the same, byte for byte."""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.process.definition.document import read, write
from kith.process.definition.shape import Definition

MOST = 1_000_000  # characters; a process of forty stages with long playbooks has a tenth


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


class _Loader(yaml.SafeLoader):
    """Refuses a name given twice, which YAML would take silently, and references that unfold into much."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.constructor.ConstructorError(None, None, _("references (*name) are not read"), event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for name, _value in node.value:
            if name.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, _("“%s” stands here twice") % name.value, name.start_mark
                )
            seen.add(name.value)
        return super().construct_mapping(node, deep)


def to_yaml(definition: Definition) -> str:
    """The file of a process."""
    return yaml.dump(write(definition), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)


def from_yaml(text: str) -> Definition:
    """The process that a file says. Raises Invalid naming the line, or Faults naming stage and field."""
    if len(text) > MOST:
        raise Invalid(_("This file has more than a million characters; a process is far shorter."))
    try:
        # A subclass of the safe loader: it makes plain values only.
        document = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as problem:
        raise Invalid(_sentence(problem)) from None
    return read(document)


def _sentence(problem: yaml.YAMLError) -> str:
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or str(problem)
    if mark is None:
        return _("This is no YAML: %s.") % what
    place = {"line": mark.line + 1, "column": mark.column + 1, "what": what}
    return _("Line %(line)s, column %(column)s: %(what)s.") % place
