"""The measurements as a table for the terminal and for docs/performance.md."""

from __future__ import annotations

import math
import platform
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.measure import Found, share

PAGE_MOST, SEARCH_MOST, RATIO, PLUS, QUERIES = 50, 40, 4, 12, 12  # aims: ms, ms, times bare SQL, ms on top, statements
HEADS = ("what", "p50", "p95", "8 clients p50", "p95", "bare SQL p50", "p95", "ratio", "CPU", "queries", "kB", "aim")


def misses(found: Found) -> list[str]:
    """Which aims this case misses, in words; medians are compared, so that one pause of the machine is no miss."""
    if found.problem:
        return [found.problem]
    out = []
    page, bare = share(found.page, 0.5), share(found.bare, 0.5)
    most = found.case.most or (SEARCH_MOST if found.case.search else PAGE_MOST)
    if share(found.page, 0.95) > most:
        out.append(f"p95 over {most} ms")
    if found.case.most:
        return out  # an aim of its own is the only one
    if page > RATIO * bare + PLUS:
        out.append(f"over {RATIO} × SQL + {PLUS} ms")
    if found.queries > QUERIES:
        out.append(f"{found.queries} queries")
    return out


def cells(found: Found) -> tuple[str, ...]:
    page, bare = share(found.page, 0.5), share(found.bare, 0.5)
    return (
        found.case.name, ms(page), ms(share(found.page, 0.95)), ms(share(found.crowd, 0.5)), ms(share(found.crowd, 0.95)),
        ms(bare), ms(share(found.bare, 0.95)), "–" if math.isnan(page) else f"{page / bare:.1f}", ms(found.cpu * 1000), str(found.queries or "–"),
        f"{found.kilobytes:.1f}", "; ".join(misses(found)) or "met",
    )  # fmt: skip


def ms(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}"


def line(found: Found) -> str:
    """One row for the terminal."""
    values = cells(found)
    return f"{values[0]:<32}" + "".join(f"{v:>9}" for v in values[1:11]) + f"  {values[11]}"


def head() -> str:
    return (
        f"{HEADS[0]:<32}"
        + "".join(f"{h.replace('8 clients', '8c').replace('bare SQL', 'sql'):>9}" for h in HEADS[1:11])
        + f"  {HEADS[11]}"
    )


def markdown(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "| --- |" + " ---: |" * (len(heads) - 2) + " --- |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def machine() -> str:
    """What this was measured on, in one sentence."""
    model = next((text.split(":")[1].strip() for text in _cpu() if text.startswith("model name")), platform.processor())
    memory = psutil.virtual_memory().total / 2**30
    load = psutil.getloadavg()[0]
    return (
        f"{psutil.cpu_count()} cores of {model or platform.machine()}, {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}{_build()}; load of the machine when it began: {load:.1f}."
    )


def _build() -> str:
    """A Python built without profile-guided optimization is a fifth slower than what distributions ship, some of which do
    not say in the configuration that theirs has it."""
    if sys.base_prefix == "/usr":
        return " of the distribution"
    optimized = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    return "" if optimized else ", a plain build"


def _cpu() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
