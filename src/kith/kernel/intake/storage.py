"""Where an uploaded file lies until its import is over: outside the web root, under a name nobody can guess or choose."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.models import ImportRun
from kith.kernel.intake.readers import Limits, Table, open_table
from kith.kernel.intake.readers.words import size as in_words

READ_CHOICES = ("encoding", "delimiter", "quote", "sheet", "header_row")
ANY_SIZE = 1 << 44  # bytes; a file that already lies on this machine is not bounded by what an upload may be


def folder() -> Path:
    path = Path(settings.MEDIA_ROOT) / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def take(upload: Any) -> Path:
    """Move an uploaded file here; its bytes are copied only across disks. Raises Invalid for one that is too large."""
    if upload.size > settings.UPLOAD_LIMIT:
        raise Invalid(too_large(upload.name, upload.size), "file")
    target = folder() / secrets.token_urlsafe(18)
    if lying := getattr(upload, "temporary_file_path", None):
        shutil.copyfile(lying(), target) if _elsewhere(lying()) else os.link(lying(), target)
    else:
        with open(target, "wb") as out:
            for chunk in upload.chunks():
                out.write(chunk)
    target.chmod(0o600)
    return target


def _elsewhere(path: str) -> bool:
    return os.stat(path).st_dev != folder().stat().st_dev


def too_large(name: str, size: int) -> str:
    return _("“%(name)s” has %(size)s; the limit is %(limit)s. Split it, leave out columns, or pack it with gzip.") % {
        "name": name, "size": in_words(size), "limit": in_words(settings.UPLOAD_LIMIT)}  # fmt: skip


def is_ours(run: ImportRun) -> bool:
    return bool(run.file) and Path(run.file).parent == folder()


def open_run(run: ImportRun, mapping: Mapping | None = None) -> Table:
    """The run's file as a table, read the way its mapping says. Raises Invalid."""
    if not run.file or not Path(run.file).exists():
        raise Invalid(_("The file of this import is no longer there; choose it again."))
    read = mapping.read if mapping is not None else run.mapping.get("read", {})
    choices = {k: read[k] for k in READ_CHOICES if read.get(k)}
    limits = Limits(bytes=settings.UPLOAD_LIMIT) if is_ours(run) else Limits(bytes=ANY_SIZE, inflated=ANY_SIZE)
    return open_table(run.file, run.file_name, limits=limits, **choices)


def drop(run: ImportRun) -> None:
    """Remove an upload that is no longer needed; a file of the person's own stays where it is."""
    if is_ours(run):
        Path(run.file).unlink(missing_ok=True)
    run.file = ""
