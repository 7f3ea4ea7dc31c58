"""A backup is one tar file: what it is (kith.json), the database (database.dump), the files, the secret key.

The key is in it because second factors and links are made with it. Whoever has the file has everything.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from kith import __version__
from kith.cli.progress import progress
from kith.config import Config
from kith.kernel.errors import Invalid

FORMAT = 1
ABOUT, DUMP, FILES, KEY = "kith.json", "database.dump", "files", "secret_key"


def write_archive(target: Path, config: Config) -> int:
    """Write the backup, complete or not at all; returns its size in bytes. Django must be set up."""
    from kith.kernel.database.dumps import dump

    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        draft, database = Path(folder) / "draft", Path(folder) / DUMP
        dump(database)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as tar:
                about = {"format": FORMAT, "kith": __version__, "at": datetime.now(UTC).isoformat(timespec="seconds")}
                add_bytes(tar, ABOUT, json.dumps(about).encode())
                if (key := config.data / KEY).exists():
                    tar.add(key, KEY)
                tar.add(database, DUMP)
                add_files(tar, config.data / FILES)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    return target.stat().st_size


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def add_files(tar: tarfile.TarFile, folder: Path) -> None:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    with progress("Files", len(paths)) as bar:
        for path in paths:
            tar.add(path, f"{FILES}/{path.relative_to(folder)}")
            bar.advance()


def read_about(source: Path) -> dict[str, object]:
    """What a backup says about itself; raises Invalid with a sentence when it is none, or made by a later Kith."""
    try:
        with tarfile.open(source) as tar:
            member = tar.extractfile(ABOUT)
            about = json.load(member) if member else {}
            tar.getmember(DUMP)
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise Invalid(f"{source} is not a backup written by `kith backup`, or it is damaged.") from error
    except OSError as error:
        raise Invalid(f"{source} cannot be read: {error.strerror}.") from error
    if about.get("format") != FORMAT:
        raise Invalid(f"{source} was written by Kith {about.get('kith')}, which is newer than this {__version__}.")
    return about


def read_archive(source: Path, config: Config) -> None:
    """Put everything in the backup in place of what is there. The database first: if that fails, nothing changes."""
    from kith.kernel.database.dumps import take_back

    with tempfile.TemporaryDirectory(prefix="restore.", dir=config.data) as name:
        folder = Path(name)
        with tarfile.open(source) as tar:
            for member in tar:
                unpack(tar, member, folder, source)
        take_back(folder / DUMP)
        replace_folder(config.data / FILES, folder / FILES, spare=folder / "replaced")
        if (folder / KEY).exists():
            (folder / KEY).chmod(0o600)
            (folder / KEY).replace(config.data / KEY)


def unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, source: Path) -> None:
    """One file of the backup, readable by its owner alone. A backup holds nothing but files, each at a place of ours;
    Python's own filter for this is not in every 3.11."""
    place = PurePosixPath(member.name)
    ours = member.name in (ABOUT, DUMP, KEY) or (place.parts[:1] == (FILES,) and len(place.parts) > 1)
    if not member.isreg() or not ours or ".." in place.parts:
        raise Invalid(f"{source} holds “{member.name}”, which no backup of Kith does; nothing was restored.")
    target = folder / place
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None  # a regular file has content
    with content, os.fdopen(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(content, out)


def replace_folder(old: Path, new: Path, spare: Path) -> None:
    new.mkdir(exist_ok=True)
    new.chmod(0o700)
    if old.exists():
        old.replace(spare)
    new.replace(old)
    shutil.rmtree(spare, ignore_errors=True)
