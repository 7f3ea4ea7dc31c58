"""How long `kith process mine` takes for a log of a million events, and how much memory: as CSV, plain and packed.

python -m benchmarks.logs 1000000
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

STEPS = ("Capture", "Qualify", "Engage", "Deal", "Convert", "Onboard", "Support", "Advocate")
EACH = 8  # events a case, in the middle
BEGAN = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def write_log(path: Path, events: int, seed: int = 1) -> None:
    """Deterministic cases that go back, leave steps out and end early; many are open at once, so their events are mixed."""
    chance = random.Random(seed)
    opening = gzip.open if path.suffix == ".gz" else open
    with opening(path, "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(("case", "activity", "time", "colleague"))
        at, running, cases = BEGAN, [], 0
        for _n in range(events):
            at += dt.timedelta(seconds=chance.randrange(1, 60))
            if len(running) < 500 or chance.random() < 1 / EACH:
                cases += 1
                running.append([f"C{cases}", 0])
            place = chance.randrange(len(running))
            case = running[place]
            out.writerow((case[0], STEPS[case[1]], at.isoformat(), f"Colleague {chance.randrange(40)}"))
            case[1] = max(0, case[1] + chance.choices((-1, 0, 1, 2), (1, 1, 10, 1))[0])
            if case[1] >= len(STEPS) or chance.random() < 0.02:
                running[place] = running[-1]
                running.pop()


def run(events: int) -> dict[str, dict[str, float]]:
    """{"CSV" and "CSV, gzip": {"seconds", "cpu" (seconds of processor time), "mb" (most memory)}}."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        for words, name in (("CSV", "log.csv"), ("CSV, gzip", "log.csv.gz")):
            write_log(Path(folder) / name, events)
            found[words] = command("process", "mine", str(Path(folder) / name), "--json")
    return found


def command(*words: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run `kith …`: seconds, processor seconds, and the most memory that it used, in MB."""
    began = time.monotonic()
    started = subprocess.Popen([sys.executable, "-m", "kith", *words], env=environment, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise SystemExit(f"kith {' '.join(words)} ended with {started.returncode}")
    return {
        "seconds": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024,
    }  # fmt: skip


if __name__ == "__main__":
    for kind, told in run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000).items():
        print(f"{kind:10} {told['seconds']:6.1f} s, {told['cpu']:.1f} s of processor time, {told['mb']:.0f} MB")
