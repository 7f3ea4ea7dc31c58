"""Putting files away and getting them back.

The bytes go to a temporary file beside their place, are synced, and are then renamed to their hash, so that a crash or
a full disk leaves either the whole file or nothing. The row is written last and holds a lock on the hash until it
commits, so that nobody removes bytes that are just being shared.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.files import names, sniffing
from kith.kernel.files.models import StoredFile

LIMIT = 25 << 20  # bytes of one file
CHUNK = 1 << 18
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def store(
    upload: Any, *, record_type: str, record_id: int, by: Actor, limit: int = LIMIT, kind: str = ""
) -> StoredFile:
    """Keep an uploaded file for a record. kind: its content type, where whoever keeps it knows what it is whatever it holds
    (a mail as it came); it is then neither judged nor refused by its content.

    `upload` is Django's UploadedFile or any binary file object with a name. Raises Invalid (field "file") when it is
    empty, too large, of a kind that is not taken, or when the disk is full; then nothing is left behind.
    """
    name = names.clean(getattr(upload, "name", "") or "")
    _check_size(name, getattr(upload, "size", None), limit)
    with _readable(name), _temporary() as place:
        kind, size, digest = _receive(upload, place, name, limit, kind)
        path = f"{digest[:2]}/{digest[2:4]}/{digest}"
        with transaction.atomic():
            _hold(digest)
            _settle(place, _root() / path)
            return StoredFile.objects.create(
                record_type=record_type,
                record_id=record_id,
                name=name,
                size=size,
                content_type=kind,
                sha256=digest,
                path=path,
                uploaded_by_id=by.user_id,
            )


def open_file(stored: StoredFile) -> BinaryIO:
    """The content of a stored file, to be closed by the caller. NotFound when the disk does not have it any more."""
    try:
        return open(_root() / stored.path, "rb")
    except FileNotFoundError as error:
        raise NotFound(
            _("The content of “{name}” is missing on the server. It can be brought back from a backup.").format(
                name=stored.name
            )
        ) from error


def erase(stored: StoredFile) -> None:
    """Remove a file for good. Its bytes go when the transaction has committed and no other row shares them."""
    digest, path = stored.sha256, stored.path
    stored.delete()
    transaction.on_commit(lambda: _remove_unshared(digest, path))


def _check_size(name: str, size: int | None, limit: int) -> None:
    if size is not None and size > limit:
        raise Invalid(
            _("“{name}” has {size}; the limit for one file is {limit}.").format(
                name=name, size=filesizeformat(size), limit=filesizeformat(limit)
            ),
            "file",
        )


def _receive(upload: Any, place: Any, name: str, limit: int, kind: str = "") -> tuple[str, int, str]:
    """Copy the upload to its temporary place -> (content type, size in bytes, SHA-256)."""
    digest, size = hashlib.sha256(), 0
    upload.seek(0)
    while chunk := upload.read(CHUNK):
        kind = kind or sniffing.check(chunk[: sniffing.HEAD], name)
        size += len(chunk)
        _check_size(name, size, limit)
        digest.update(chunk)
        place.write(chunk)
    if not size:
        raise Invalid(_("“{name}” is empty.").format(name=name), "file")
    place.flush()
    os.fsync(place.fileno())
    return kind, size, digest.hexdigest()


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    """Trouble with the disk as a sentence for the person who uploads."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            message = _("There is no room left on the server's disk, so “{name}” was not kept. Free some space first.")
        else:
            message = _("The server could not write “{name}” to its disk ({why}). Tell an administrator.")
        raise Invalid(message.format(name=name, why=error.strerror), "file") from error


@contextlib.contextmanager
def _temporary() -> Iterator[Any]:
    """A file on the same disk as its later place; gone afterwards unless it was renamed."""
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115 - closed and removed below
    try:
        with place:
            yield place
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place.name)


def _settle(place: Any, path: Path) -> None:
    """Rename the finished temporary file and make the new name last."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.replace(place.name, path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _hold(digest: str) -> None:
    """Until this transaction ends, nobody else adds or removes the bytes of this hash."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


def _remove_unshared(digest: str, path: str) -> None:
    with transaction.atomic():
        _hold(digest)
        if not StoredFile.objects.filter(sha256=digest).exists():
            (_root() / path).unlink(missing_ok=True)


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)
