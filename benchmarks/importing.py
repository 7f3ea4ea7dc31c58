"""How fast people come in from a file, with matching by e-mail and their events, beside COPY of the same rows.

    python -m benchmarks.importing 100000      (an embedded server in a temporary folder)

`run(people)` measures on the database that Django is set up for and leaves its rows there.
"""

from __future__ import annotations

import csv
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FIRST = "Anna Marta Jonas Ines Oliver Łukasz Priya Helena Astrid Rolf Marek Sofia Emil Clara Hugo Nora Jan Eva".split()
TITLES = ("Facilities director", "Buyer", "Head of operations", "Engineer", "Managing director", "Caretaker", "")
CITIES = "Gdańsk Berlin Praha Wien Oslo Lyon Porto Utrecht Malmö Turku Graz Brno".split()
AGAIN = 50  # every fiftieth row repeats an earlier address
HEADERS = ("First name", "Last name", "E-mail", "Phone", "Job title", "City", "Country")


def run(people: int = 100_000, seed: int = 1) -> dict[str, Any]:
    """Import `people` rows and COPY them once more.

    Returns rows, rows_per_second, copy_rows_per_second, ratio, seconds, created, rejected, memory_mb (most that the
    process has used) and growth_mb (how much more than after the first tenth of the rows).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_file(path, people, seed)
        return measure(path)


def write_file(path: Path, people: int, seed: int) -> None:
    """Deterministic people; family names repeat as in life, every address but one in fifty is new."""
    family = [f"{a}{b}" for a in ("Kowal", "Brandt", "Novák", "Linde", "Moreau", "Silva", "Berg", "Okafor", "Nair", "Keller")
              for b in ("", "ski", "mann", "sen", "ová", "er", "in", "ez", "quist", "dahl")]  # fmt: skip
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADERS)
        for n in range(people):
            number = n if n % AGAIN or not n else n - 1 - (n * seed) % min(n, 5_000)
            chance = random.Random(seed * 1_000_003 + number)
            first, last = chance.choice(FIRST), chance.choice(family)
            address = f"{last.encode('ascii', 'ignore').decode().lower()}.{number}@example{number % 997}.com"
            out.writerow(
                (
                    first,
                    last,
                    address,
                    f"+48 58 {number % 10_000_000:07d}",
                    chance.choice(TITLES),
                    chance.choice(CITIES),
                    "PL",
                )
            )


def measure(path: Path) -> dict[str, Any]:
    from kith.kernel.access.actor import system
    from kith.kernel.intake import actions
    from kith.kernel.intake.engine import begin
    from kith.kernel.intake.models import State
    from kith.kernel.intake.targets import find_target

    marks: list[tuple[int, float]] = []
    started = time.perf_counter()
    imported = actions.take_file(find_target("person"), path, path.name, by=system("cli"))
    begin(imported, State.RUNNING)
    done = actions.carry_out(imported, lambda line, _total: marks.append((line, used_mb())))
    seconds = time.perf_counter() - started
    assert done.state == State.DONE, done.problem
    early = marks[len(marks) // 10][1] if marks else 0
    copied = copy_again(done)
    rows = done.counts["rows"]
    return {
        "rows": rows, "rows_per_second": round(rows / seconds), "copy_rows_per_second": round(rows / copied),
        "ratio": round(seconds / copied, 2), "seconds": round(seconds, 2), "created": done.counts.get("create", 0),
        "rejected": done.counts.get("reject", 0), "memory_mb": round(used_mb()), "growth_mb": round(marks[-1][1] - early),
    }  # fmt: skip


def copy_again(done: Any) -> float:
    """Seconds that bare COPY takes for the rows of the import, into a table of the same shape with the same indexes."""
    from django.db import connection

    columns = "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'contacts_person'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
    with connection.cursor() as cursor:
        cursor.execute(columns)
        names = cursor.fetchone()[0]
        cursor.execute("CREATE TABLE bench_person (LIKE contacts_person INCLUDING ALL)")
        source = f"SELECT {names} FROM contacts_person WHERE id IN (SELECT record_id FROM intake_importrow WHERE run_id = {done.pk})"
        with tempfile.TemporaryFile() as file:
            with cursor.copy(f"COPY ({source}) TO STDOUT") as copy:
                file.writelines(bytes(part) for part in copy)
            file.seek(0)
            started = time.perf_counter()
            with cursor.copy(f"COPY bench_person ({names}) FROM STDIN") as copy:
                while part := file.read(1 << 20):
                    copy.write(part)
            seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE bench_person")
    return seconds


def used_mb() -> float:
    """Memory this process uses now, in MB."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main(people: int) -> int:
    import os

    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        os.environ["KITH_DATA"] = folder
        from kith.cli.session import database

        with database():
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            for name, value in run(people).items():
                print(f"{name:22} {value:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
