#!/usr/bin/env python3
"""Set up a clone of Kith with nothing but Python: environment, pinned packages, what the browser gets.

Only the standard library, and syntax that an old Python can read, so that it can say that it is too old. Each step
leaves a stamp of what it was made from, and a second run takes a tenth of a second.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "kith-setup.json"
OLDEST = (3, 11)
UV = "uv==0.13.9"

VENDOR = ROOT / "src" / "kith" / "ui" / "static" / "vendor"
FONT = "@fontsource-variable/hanken-grotesk"
COPIES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "licences/htmx.txt",
    "sortablejs/Sortable.min.js": "Sortable.min.js",
    "sortablejs/LICENSE": "licences/sortablejs.txt",
    FONT + "/files/hanken-grotesk-latin-wght-normal.woff2": "fonts/hanken-grotesk-latin-wght-normal.woff2",
    FONT + "/files/hanken-grotesk-latin-ext-wght-normal.woff2": "fonts/hanken-grotesk-latin-ext-wght-normal.woff2",
    FONT + "/LICENSE": "licences/hanken-grotesk.txt",
}


class Failed(Exception):
    """A step could not be done; the message says which and what to do."""


def main():
    parser = argparse.ArgumentParser(description="Make the environment and install everything Kith needs.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    args = parser.parse_args()
    find_python()
    try:
        stamps = read_stamps()
        make_environment()
        install_packages(stamps, args.dev)
        install_front_end(stamps)
        install_kith(stamps)
        compile_modules(stamps)
    except Failed as error:
        print("Set-up stopped: " + str(error), file=sys.stderr)
        return 1
    return 0


def find_python():
    """Go on with a newer Python when this one is too old and another is there."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(15, OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, *sys.argv])  # noqa: S606 - the same program, a newer Python
    here = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"Kith needs Python 3.11 or later; this is {here}. Install one and run this again.")


def make_environment():
    if PYTHON.exists():
        return
    step("Making the environment in .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        run([sys.executable, "-m", "venv", VENV])
    except Failed as error:
        hint = "Python's venv module is missing or broken; on Debian: apt-get install python3-venv."
        raise Failed(f"{hint} ({error})") from error


def install_packages(stamps, dev):
    """Install the pinned, hashed packages with uv, or with pip where uv cannot be had."""
    files = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
    wanted, running = stamp(*files[: 1 + dev]), stamp(files[0])
    if stamps.get("packages") == wanted or (not dev and stamps.get("running") == running):
        return
    step("Installing Python packages" + (" for development" if dev else ""))
    target = files[1] if dev else files[0]
    install("-r", target, "--require-hashes")
    write_stamps(stamps, packages=wanted, running=running)


def install(*what):
    """pip's install, through uv where possible (fifteen times as fast)."""
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", UV], capture_output=True, check=False)
    if uv.exists() and quiet([uv, "pip", "install", "-q", "--python", PYTHON, *what]):
        return
    run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *what])


def install_front_end(stamps):
    """Install the npm packages and copy their minified files to where Django finds static files."""
    tools = ROOT / "tools"
    wanted = stamp(ROOT / "package-lock.json", Path(__file__), tools / "fonts.py", tools / "requirements-fonts.txt")
    if stamps.get("front end") == wanted and all((VENDOR / name).exists() for name in COPIES.values()):
        return
    step("Installing what the browser gets")
    npm = shutil.which("npm") if shutil.which("node") else None
    path = os.environ.get("PATH", "")
    if not npm:
        install("-r", ROOT / "tools" / "requirements-node.txt", "--require-hashes")
        npm, path = str(VENV / "bin" / "npm"), str(VENV / "bin") + os.pathsep + path
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], PATH=path)
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, name in COPIES.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, target)
    install("-r", tools / "requirements-fonts.txt", "--require-hashes")
    run([PYTHON, tools / "fonts.py", *VENDOR.glob("fonts/*.woff2")])
    write_stamps(stamps, **{"front end": wanted})


def install_kith(stamps):
    wanted = stamp(ROOT / "pyproject.toml")
    if stamps.get("kith") == wanted and (VENV / "bin" / "kith").exists():
        return
    step("Installing the command `kith`")
    install("--no-deps", "-e", ROOT)
    write_stamps(stamps, kith=wanted)


def compile_modules(stamps):
    """Compile everything once; uv does not, and where Python may not write either, every start would compile Django."""
    wanted = stamps.get("packages", "") + stamps.get("kith", "")
    if stamps.get("compiled") == wanted:
        return
    step("Compiling modules, so that every start is quick")
    folders = list((VENV / "lib").glob("python3*/site-packages")) or [VENV / "Lib" / "site-packages"]
    # A package may bring templates of modules that are no Python; they stay as they are.
    command = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", *map(str, folders), str(ROOT / "src")]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    write_stamps(stamps, compiled=wanted)


def stamp(*files):
    """A hash of the files and of this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_stamps():
    try:
        return json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}


def write_stamps(stamps, **new):
    stamps.update(new)
    STAMPS.write_text(json.dumps(stamps, indent=1))


def step(title):
    print(f"{time.strftime('%H:%M:%S')}  {title}", flush=True)


def run(command, **environment):
    """Run a program; raises Failed with the end of what it said."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=str(ROOT),
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines()[-12:]
        raise Failed("\n".join([f"{Path(str(command[0])).name} failed:", *said]))


def quiet(command):
    try:
        run(command)
    except Failed as error:
        reason = str(error).splitlines()[-1]
        print(f"uv could not do it, trying pip. ({reason})", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
