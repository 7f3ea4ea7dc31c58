"""What a process is, as plain values: stages in order, how one enters, what one needs to leave, how long it may take."""

from kith.process.definition.shape import Automation, Definition, Need, Rule, Segment, Stage

__all__ = ["Automation", "Definition", "Need", "Rule", "Segment", "Stage"]
