"""The questions, read once per stamp, and which of them are asked of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kith.kernel.organisation.models import cached
from kith.qualification.models import Criterion

ProcessOf = Callable[[list[int]], dict[int, str]]
_processes: list[ProcessOf] = []


def tells_process(fn: ProcessOf) -> ProcessOf:
    """Register what says in which process people are: `fn(person ids) -> {id: key of the process}`. A floor above does;
    without one, questions of a single process are asked of nobody."""
    _processes[:] = [fn]
    return fn


def criteria() -> list[Criterion]:
    """Every question in use, in order."""
    found: list[Criterion] = cached("criteria", _criteria, ("criterion",))
    return found


def _criteria() -> list[Criterion]:
    return list(Criterion.objects.filter(archived_at=None).order_by("position", "id"))


def asked_of(people: Iterable[int]) -> dict[int, list[Criterion]]:
    """{person: the questions of their process and of every process}. A question of the process itself takes the place of the
    general one with its key."""
    ids = list(people)
    every = criteria()
    special = any(c.process for c in every)
    where = _processes[0](ids) if special and _processes else {}
    return {pk: _of(every, where.get(pk, "")) for pk in ids}


def _of(every: list[Criterion], process: str) -> list[Criterion]:
    own = {c.key for c in every if process and c.process == process}
    return [c for c in every if (c.process == process if c.process else c.key not in own)]
