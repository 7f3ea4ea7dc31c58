"""A process as one readable file (YAML). What is exported, imported and exported again is the same, byte for byte."""

from __future__ import annotations

from typing import Any

import yaml

from kith.kernel.yamltext import read_yaml
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


def to_yaml(definition: Definition) -> str:
    """The file of a process."""
    return yaml.dump(write(definition), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)


def from_yaml(text: str) -> Definition:
    """The process that a file says. Raises Invalid naming the line, or Faults naming stage and field."""
    return read(read_yaml(text, most=MOST))
