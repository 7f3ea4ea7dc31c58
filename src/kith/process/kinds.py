"""Choices that come from the processes in use: stages and segments by key, shown by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.kinds import Choice, Choices
from kith.kernel.text import fold
from kith.process.definition.naming import OR, stage_called
from kith.process.definition.shape import Definition, Stage
from kith.process.models import RUNNING, Journey
from kith.process.versions import InForce, definition_of, in_use


def stages() -> dict[str, str]:
    """{key: name} of the stages of every process in use, in their order, those of the standard one first. Where processes
    call a stage differently, all its names: "Qualify / Triage"."""
    return _stages_of(one.definition for one in _every())


def held() -> dict[str, str]:
    """The same of the versions that relationships on their way are held to: some may not go on under the one in force yet."""
    return _stages_of(definitions_of(Journey.objects.filter(RUNNING)))


def definitions_of(rows: Any) -> list[Definition]:
    """What the versions say that these journeys (a list, or a query for any number) are held to."""
    if isinstance(rows, QuerySet):
        versions = set(rows.order_by().values_list("process_id", "held_to").distinct())
    else:
        versions = {(row.process_id, row.held_to) for row in rows}
    return [definition_of(*one) for one in sorted(versions)]


def _stages_of(definitions: Iterable[Definition]) -> dict[str, str]:
    return _joined(_called((s.key, s.name) for one in definitions for s in one.stages))


def segments() -> dict[str, str]:
    """The same of segments."""
    return _joined(_called((s.key, s.name) for one in _every() for s in one.definition.segments))


def _every() -> list[InForce]:
    return sorted(in_use().values(), key=lambda one: not one.process.is_default)


def _called(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for key, name in pairs:
        names = out.setdefault(key, [])
        if name not in names:
            names.append(name)
    return out


def _joined(names: dict[str, list[str]]) -> dict[str, str]:
    return {key: OR.join(some) for key, some in names.items()}


def fitting(value: Any, options: Any) -> list[str]:
    """The keys of those that have this name, alone or among others."""
    word = fold(str(value or ""))
    return [key for key, names in options.items() if word in (fold(name) for name in str(names).split(OR))]


class _Key(Choice):
    """The keys differ from one organisation to another and from one version to the next, so no schema lists them."""

    name, customisable = "process_key", False  # a name of its own: kinds are found by name

    def clean(self, value: Any) -> Any:
        """By key, by all its names together, or by any one of them."""
        return (
            value if value in self.options else next(iter(fitting(value, self.options)), None) or super().clean(value)
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class ProcessKey(_Key):
    """A process in use, by its key or name."""

    name = "process_name"

    def __init__(self) -> None:
        super().__init__(lambda: {one.process.key: one.process.name for one in in_use().values()})


class StageKey(_Key):
    """A stage by its key or name. A key that no process has any more is shown as it is."""

    name = "stage_key"

    def __init__(self) -> None:
        super().__init__(stages)


class StageOfIts(StageKey):
    """A stage of the process that a relationship is in, as the version says that holds for it. Where it is not known whose
    it is, or many are asked at once, a name that fits several stages stays as it was given: each takes its own."""

    name = "stage_of_its"

    def clean(self, value: Any) -> Any:
        if value in ("", None):
            return ""
        for known in (stages, held):
            options = known()
            if keys := [value] if value in options else fitting(value, options):
                return keys[0] if len(keys) == 1 else value
        return super().clean(value)

    def among(self, rows: Any) -> Choice:
        if isinstance(rows, QuerySet) or len(rows) != 1:
            return Choice(_of_many(rows))
        return _StageOfOne(rows[0])


class _StageOfOne(Choice):
    """In the order of its process; where it stands, and what is not meant for its segment, is marked."""

    name, customisable = "stage_of_one", False

    def __init__(self, journey: Any) -> None:
        self.definition = definition_of(journey.process_id, journey.held_to)
        super().__init__({s.key: self._marked(s, journey) for s in self.definition.stages})

    def _marked(self, stage: Stage, journey: Any) -> str:
        if stage.key == journey.stage:
            return _("%s (stands here)") % stage.name
        if stage.is_for(journey.segment):
            return stage.name
        names = {s.key: s.name for s in self.definition.segments}
        whose = ", ".join(names.get(key, key) for key in stage.only)
        return _("%(stage)s (only for %(segments)s)") % {"stage": stage.name, "segments": whose}

    def clean(self, value: Any) -> Any:
        return stage_called(self.definition, str(value)).key if value else ""


def _of_many(rows: Any) -> dict[str, str]:
    """{key: name} of the stages of all their processes: first what each of these has, then what only some have, with whose it is."""
    every = definitions_of(rows)
    names = _stages_of(every)
    partly = {key: name for key, name in names.items() if not all(key in one.by_key for one in every)}
    return {key: name for key, name in names.items() if key not in partly} | {
        key: _partly(key, name, every) for key, name in partly.items()
    }


def _partly(key: str, name: str, every: list[Definition]) -> str:
    """A stage with the processes that have it, where others do not; by a version alone it may be missing, too."""
    having = dict.fromkeys(one.name for one in every if key in one.by_key)
    if len(having) == len({one.name for one in every}):
        return _("%s (not in every version)") % name
    return _("%(stage)s (only in %(process)s)") % {"stage": name, "process": OR.join(having)}


class SegmentKey(_Key):
    name = "segment_key"

    def __init__(self) -> None:
        super().__init__(segments)


class StageKeys(Choices):
    """Several stages."""

    name = "stage_keys"

    def __init__(self) -> None:
        super().__init__(StageKey())
