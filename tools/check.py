"""Everything that is checked before a change is accepted: lint first, then the tests, then PostgreSQL 15.

Run by `make test` inside the environment. `--lint` stops after the linters. On Debian as root it installs the two
system packages the tests need; otherwise it says which are missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
POSTGRES = Path("/usr/lib/postgresql/15/bin")
TYPED = ["src/kith/kernel", "src/kith/config.py"]

LINTERS = {
    "Formatting": ["ruff", "format", "--check", "--output-format", "concise", "."],
    "Lint": ["ruff", "check", "--quiet", "--output-format", "concise", "."],
    "Who may import whom": ["lint-imports", "--no-cache"],
    "Migrations": ["python", "-m", "django", "makemigrations", "--check", "--dry-run", "-v", "1"],
    "Types": ["mypy", "--no-error-summary"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lint", action="store_true", help="only the linters")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kith-check-") as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "kith.settings"}
        good = lint({**environment, "KITH_DATA": folder, "KITH_SECRET_KEY": "only for the linters, which sign nothing"})
    if args.lint or not good:
        return 0 if good else 1
    install_system_packages()
    first = pytest("The tests, on the embedded server", ["--share", "newest"])
    second = on_postgresql_15()
    return first or second


def lint(environment: dict[str, str]) -> bool:
    """Run every linter; says what each found. True when all are content."""
    good = True
    for title, command in LINTERS.items():
        typed = sorted(map(str, [*ROOT.glob("src/kith/*/actions.py"), *ROOT.glob("src/kith/*/queries.py")]))
        extra = [*TYPED, *typed] if command[0] == "mypy" else []
        began = time.monotonic()
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:], *extra], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        print(f"{title:<22} {'good' if not done.returncode else 'BAD'}  {time.monotonic() - began:.1f} s", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr, flush=True)
            good = False
    return good


def install_system_packages() -> None:
    """Chromium for the browser tests and PostgreSQL 15 for the second run."""
    missing = [] if shutil.which("chromium") else ["chromium"]
    missing += [] if (POSTGRES / "postgres").exists() else ["postgresql-15"]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"The tests need {' and '.join(missing)}: run `sudo apt-get install {' '.join(missing)}` first.")
    print(f"Installing {' and '.join(missing)}", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "-q", "update"], check=True, **quiet)
    subprocess.run(["apt-get", "-qy", "install", "--no-install-recommends", *missing], check=True, **quiet)


def pytest(title: str, arguments: list[str], **environment: str) -> int:
    print(f"\n{title}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "--tb", "native", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def on_postgresql_15() -> int:
    """The rooms' tests, and the kernel's again, on Debian's server through DATABASE_URL: the oldest that we support."""
    from kith.kernel.database.embedded import FAST, Embedded

    home = Path(tempfile.mkdtemp(prefix="kith-pg15-"))
    home.chmod(0o711)
    try:
        with Embedded(home / "database", FAST, bindir=POSTGRES) as server:
            address = f"postgresql://kith@/postgres?host={server.socket}&port=5432"
            return pytest(
                "The database's tests, on PostgreSQL 15",
                ["--share", "oldest", "src/kith", "tests/conformance"],
                DATABASE_URL=address,
            )
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
