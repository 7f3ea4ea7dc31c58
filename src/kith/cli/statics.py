"""Style sheets, scripts and pictures: hashed, compressed and collected into the data folder when they have changed.

Looking whether they have takes milliseconds and no Django, so `kith serve` looks at every start.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from kith.cli.session import configuration, set_up_django

EMPTY_MANIFEST = '{"paths": {}, "version": "1.1", "hash": ""}'


def prepare_statics() -> None:
    """Collect the static files unless what lies in the data folder was made from the present ones."""
    config = configuration()
    stamp, made_from = source_stamp(config.package_dir), config.static_root / "made_from"
    if made_from.exists() and made_from.read_text() == stamp:
        return
    with open(config.data / "static.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made_from.exists() and made_from.read_text() == stamp:  # another process was quicker
            return
        collect(config.static_root)
        made_from.write_text(stamp)


def collect(root: Path) -> None:
    """Run Django's collectstatic. The manifest must be there before the settings are read: it chooses the storage."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    (root / "staticfiles.json").write_text(EMPTY_MANIFEST)
    configuration.cache_clear()
    set_up_django()
    from django.core.management import call_command

    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    except Exception as error:
        shutil.rmtree(root, ignore_errors=True)
        print(f"The style sheets cannot be collected: {error}", file=sys.stderr)
        raise


def source_stamp(package: Path) -> str:
    """A hash over names, sizes and times of all static files of Kith, and the versions of packages that bring others.

    The bundles in `build` are made from the rest when Django starts, so their own times say nothing.
    """
    digest = hashlib.sha256()
    for name in ("kith", "django", "django-allauth", "whitenoise"):
        digest.update(f"{name}={version(name)};".encode())
    for folder in sorted(package.rglob("static")):
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and "build" not in path.parts):
            state = file.stat()
            digest.update(f"{file.relative_to(package)}:{state.st_size}:{state.st_mtime_ns};".encode())
    return digest.hexdigest()
