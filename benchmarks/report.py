"""Everything one run found, as sentences for the terminal and as docs/performance.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.measure import Found
from benchmarks.process import ProcessResult, verdict

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
MARKS = "<!-- {}: begin -->", "<!-- {}: end -->"
COUNTED = {
    "people": "contacts_person", "companies": "contacts_company", "deals": "deals_deal", "activities": "activities_activity",
    "events": "timeline_event", "links of events": "timeline_eventlink",
}  # fmt: skip
FIRST_VISIT, AFTER = 60, 15  # kB


@dataclass
class Result:
    people: int
    command: str
    machine: str
    first_start: float = 0.0
    later_start: float = 0.0
    found: list[Found] = field(default_factory=list)
    weights: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    counts: dict[str, tuple[int, float]] = field(default_factory=dict)
    timeline: str = ""

    def learn_from(self, database: Any) -> None:
        """Rows and MB of the large tables; how the database reads one page of a long story."""
        for what, name in COUNTED.items():
            rows, size = database.execute(f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}").fetchone()
            self.counts[what] = rows, size / 1e6
        asked = """EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT at, event_id FROM timeline_eventlink
            WHERE record = 'person' AND record_id = 1 ORDER BY at DESC, event_id DESC LIMIT 31"""
        plan = database.execute(asked).fetchone()[0][0]
        self.timeline = _plan(json.loads(plan)["Plan"] if isinstance(plan, str) else plan["Plan"])


def _plan(plan: dict[str, Any]) -> str:
    """The innermost step: how it reads, how many rows, how many pages of 8 kB."""
    while plan.get("Plans"):
        plan = plan["Plans"][0]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return f"{plan['Node Type']} on {plan.get('Index Name', plan.get('Relation Name'))}: {plan['Actual Rows']:.0f} rows, {pages} pages, {plan.get('Heap Fetches', 0)} heap fetches"


def sentences(result: Result) -> Iterator[str]:
    yield ""
    for what, (rows, size) in result.counts.items():
        yield f"{rows:>12,} {what} ({size:,.0f} MB with indexes)"
    yield f"Start to first page: {result.first_start:.1f} s on an empty folder, {result.later_start:.1f} s on this one."
    for path, (first, after, face) in result.weights.items():
        yield f"{path}: {first:.1f} kB on the first visit and {face:.1f} kB of type, {after:.1f} kB after."
    yield "Memory, proportional share: " + ", ".join(f"{what} {n:.0f} MB" for what, n in result.memory.items()) + "."
    yield f"A page of the longest timeline: {result.timeline}."
    for what, n in result.imported.items():
        yield f"import, {what}: {n}"
    missed = [f for f in result.found if table.misses(f)]
    yield f"{len(result.found) - len(missed)} of {len(result.found)} cases meet every aim."


def write(result: Result) -> None:
    """Put what was measured between the marks of docs/performance.md; the words around them stay."""
    _put("measured", _measured_lines(result))


def write_part(what: str, result: ProcessResult) -> None:
    """The same for one of the others, between marks of its own."""
    _put(what, _part_lines(result))


def _put(what: str, lines: Iterator[str]) -> None:
    begin, end = (mark.format(what) for mark in MARKS)
    old = PAGE.read_text(encoding="utf-8")
    before, _mark, rest = old.partition(begin)
    _measured, _mark, after = rest.partition(end)
    PAGE.write_text(before + begin + "\n" + "\n".join(lines) + "\n" + end + after, encoding="utf-8")


def process_sentences(result: ProcessResult) -> Iterator[str]:
    yield ""
    for what, (rows, size) in result.counts.items():
        yield f"{rows:>12,} {what} ({size:,.0f} MB with indexes)"
    missed = sum(bool(table.misses(f)) for f in result.found) + sum(f.met is False for f in result.figures)
    yield f"{len(result.found) + len(result.figures) - missed} of {len(result.found) + len(result.figures)} aims are met."


def _part_lines(result: ProcessResult) -> Iterator[str]:
    made = f" Making the set took {result.made_in / 60:.0f} minutes, once." if result.made_in else ""
    yield f"`{result.command}` on {result.machine}{made}"
    yield ""
    if result.counts:
        rows = [(w, f"{n:,}", f"{mb:,.0f}", "") for w, (n, mb) in result.counts.items()]
        yield from table.markdown(("rows", "number", "MB with indexes", ""), rows)
        yield ""
    if result.found:
        yield from table.markdown(table.HEADS, [table.cells(f) for f in result.found])
        yield ""
    yield from table.markdown(("what", "measured", "aim"), [(f.what, f.measured, verdict(f)) for f in result.figures])


def _measured_lines(result: Result) -> Iterator[str]:
    yield f"`{result.command}` on {result.machine}"
    yield ""
    yield from table.markdown(
        ("rows", "number", "MB with indexes", ""),
        [(w, f"{n:,}", f"{mb:,.0f}", "") for w, (n, mb) in result.counts.items()],
    )
    yield ""
    yield "Times in milliseconds; “ratio” is the page's median over the median of the bare SQL."
    yield ""
    yield from table.markdown(table.HEADS, [table.cells(f) for f in result.found])
    yield ""
    yield from table.markdown(("also", "measured", "aim"), list(_also(result)))


def _also(result: Result) -> Iterator[tuple[str, str, str]]:
    yield "start to first page, empty folder", f"{result.first_start:.1f} s", ""
    yield "start to first page, this folder", f"{result.later_start:.1f} s", _aim(result.later_start < 3, "under 3 s")
    for path, (first, after, face) in result.weights.items():
        yield (
            f"weight of `{path}`, first visit",
            f"{first + face:.1f} kB, {face:.1f} kB of it type",
            _aim(first + face < FIRST_VISIT, f"under {FIRST_VISIT} kB"),
        )
        yield f"weight of `{path}`, after", f"{after:.1f} kB", _aim(after < AFTER, f"under {AFTER} kB")
    for what, n in result.memory.items():
        yield f"memory of {what}", f"{n:.0f} MB", ""
    yield "a page of the longest timeline", result.timeline, _aim("Index Only" in result.timeline, "index alone")
    rate = int(result.imported.get("rows_per_second", "0").replace(",", ""))
    if rate:
        yield f"import of {result.imported['rows']} people", f"{rate:,} rows/s", _aim(rate >= 8000, "8,000 rows/s")
        yield (
            "`COPY` of the same rows, no rules or events",
            f"{result.imported['copy_rows_per_second']} rows/s",
            f"{result.imported['ratio']} × as long",
        )
        yield "memory that grew during the import", f"{result.imported['growth_mb']} MB", "constant"


def _aim(met: bool, words: str) -> str:
    return ("met: " if met else "missed: ") + words
