"""A process as one readable file (YAML). What is exported, imported and exported again is the same, byte for byte."""

from __future__ import annotations

from kith.kernel.yamltext import read_yaml, write_yaml
from kith.process.definition.document import read, write
from kith.process.definition.shape import Definition

MOST = 1_000_000  # characters; a process of forty stages with long playbooks has a tenth


def to_yaml(definition: Definition) -> str:
    """The file of a process."""
    return write_yaml(write(definition))


def from_yaml(text: str) -> Definition:
    """The process that a file says. Raises Invalid naming the line, or Faults naming stage and field."""
    return read(read_yaml(text, most=MOST))
