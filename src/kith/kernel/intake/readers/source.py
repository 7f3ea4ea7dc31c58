"""The bytes of an upload, wherever they lie: a path, an open file, plain or gzip.

Every reader asks for a new stream whenever it starts over, so each stream keeps its own place in the file. Unpacking
is counted as it happens, because the size that a gzip file states about itself may be a lie.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import os
import tempfile
import threading
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from kith.kernel.errors import Invalid

from .limits import Limits
from .words import _, size

CHUNK = 1 << 18
MARK = "kith.mark"  # bytes that do not decode become one lone surrogate: cheap to find later, impossible in real text


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(MARK, _mark)


class Source:
    """The file behind a table. `size` is in bytes as uploaded; `packed` tells whether it is gzip."""

    def __init__(self, target: Any, name: str, limits: Limits, *, enforce_size: bool = True):
        self._limits = limits
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._file: Any = None
        self._unpacked: BinaryIO | None = None
        self.notes: list[str] = []
        if isinstance(target, (str, os.PathLike)):
            self._path = Path(target)
        else:
            self._file = target
        self.name = name or self._own_name()
        self.size = self._measure()
        if enforce_size and self.size > limits.bytes:
            raise Invalid(too_big(self.name, self.size, limits))
        with self._plain() as stream:
            self.packed = stream.read(2) == b"\x1f\x8b"

    def stream(self) -> io.BufferedReader:
        """A new stream over the unpacked bytes, from the start. Close it."""
        plain = self._plain()
        raw: io.RawIOBase = _Inflated(plain, self.name, self._limits) if self.packed else plain
        return io.BufferedReader(raw, CHUNK)

    def text(self, encoding: str) -> io.TextIOWrapper:
        """A new stream of characters with line ends as they are; undecodable bytes show as lone surrogates."""
        return io.TextIOWrapper(self.stream(), encoding=encoding, errors=MARK, newline="")

    def head(self, count: int) -> bytes:
        with self.stream() as stream:
            return stream.read(count)

    def seekable(self) -> BinaryIO:
        """A stream in which one may jump about (workbooks need it): gzip is unpacked to a temporary file once."""
        if not self.packed:
            return io.BufferedReader(self._plain(), CHUNK)
        if self._unpacked is None:
            self._unpacked = spool(self.stream(), self._limits.inflated, self.name)
        return io.BufferedReader(_Window(self._unpacked, self._lock), CHUNK)

    def _plain(self) -> io.RawIOBase:
        if self._path is None:
            return _Window(self._file, self._lock)
        try:
            return open(self._path, "rb", buffering=0)
        except OSError as error:
            raise Invalid(
                _("“{name}” cannot be opened: {why}.").format(name=self.name, why=error.strerror or error)
            ) from error

    def _own_name(self) -> str:
        name = self._path if self._path is not None else getattr(self._file, "name", "")
        return os.path.basename(str(name)) if isinstance(name, (str, os.PathLike)) and str(name) else _("the file")

    def _measure(self) -> int:
        if self._path is not None:
            with self._plain() as stream:
                return os.fstat(stream.fileno()).st_size
        seekable = getattr(self._file, "seekable", lambda: hasattr(self._file, "seek"))()
        if not seekable:
            self._file = spool(self._file, self._limits.bytes, self.name)
        return self._file.seek(0, os.SEEK_END) or self._file.tell()


def too_big(name: str, count: int, limits: Limits) -> str:
    return _("“{name}” has {size}; the limit is {limit}. Split it, or leave out columns that are not needed.").format(
        name=name, size=size(count), limit=size(limits.bytes)
    )


def spool(stream: Any, limit: int, name: str) -> BinaryIO:
    """Copy a stream into a temporary file of at most `limit` bytes."""
    copy: Any = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - lives as long as the source
    total = 0
    with contextlib.closing(stream):
        while chunk := stream.read(CHUNK):
            total += len(chunk)
            if total > limit:
                raise Invalid(_("“{name}” is larger than {limit}. Split it.").format(name=name, limit=size(limit)))
            copy.write(chunk)
    return copy


class _Window(io.RawIOBase):
    """A stream of its own over a file object that others read at the same time."""

    def __init__(self, file: Any, lock: threading.Lock):
        self._under, self._guard, self._at = file, lock, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with self._guard:
            if whence == os.SEEK_END:
                self._under.seek(0, os.SEEK_END)
                offset += self._under.tell()
        self._at = max(0, offset + (self._at if whence == os.SEEK_CUR else 0))
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        with self._guard:
            self._under.seek(self._at)
            data = self._under.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Inflated(io.RawIOBase):
    """Unpacked gzip that stops at the limit and speaks in sentences when it is damaged."""

    def __init__(self, plain: io.RawIOBase, name: str, limits: Limits):
        self._plain, self._name, self._limit = plain, name, limits.inflated
        self._gzip = gzip.GzipFile(fileobj=io.BufferedReader(plain, CHUNK), mode="rb")
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._gzip.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Invalid(
                _("“{name}” is a damaged gzip file: {why} Pack it or send it again.").format(
                    name=self._name, why=_sentence(error)
                )
            ) from error
        self._total += len(data)
        if self._total > self._limit:
            raise Invalid(
                _("“{name}” unpacks to more than {limit}. Split it into several files.").format(
                    name=self._name, limit=size(self._limit)
                )
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._gzip.close()
            self._plain.close()
        super().close()


def _sentence(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if text.endswith(".") else text + "."
