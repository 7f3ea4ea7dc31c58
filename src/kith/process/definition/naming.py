"""Stages by the words that people call them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.text import fold
from kith.process.definition.shape import Definition, Stage

OR = " / "  # between the names of what several processes call differently


def stage_called(definition: Definition, word: str) -> Stage:
    """The stage of this process with that key, that name, or one of several names. Raises Invalid, naming those there are."""
    called = {fold(name) for name in word.split(OR)}
    found = definition.by_key.get(word) or next((s for s in definition.stages if fold(s.name) in called), None)
    if found is None:
        said = {"process": definition.name, "word": word, "known": ", ".join(s.name for s in definition.stages)}
        raise Invalid(_("%(process)s has no stage “%(word)s”; it has: %(known)s.") % said, "stage")
    return found
