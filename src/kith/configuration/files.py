"""A configuration as files: a folder or a zip with <chapter>/<name>.yaml, and kith.yaml that says which chapters it has."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from kith.kernel.configuration.chapters import MOST
from kith.kernel.errors import Invalid
from kith.kernel.yamltext import read_yaml, write_yaml

COVER = "kith.yaml"
FORMAT = 1
MOST_FILES, MOST_BYTES = 5_000, 50_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in a zip, so that the same configuration is the same zip
Files = dict[str, str]


def cover(chapters: list[str]) -> str:
    return write_yaml({"configuration": FORMAT, "chapters": chapters})


def chapters_in(files: Files) -> list[str]:
    """The chapters that the files speak for: what is here of them and not in the files is said. Raises Invalid."""
    told = read_yaml(files[COVER], most=MOST) if COVER in files else None
    if told is None:
        return sorted({path.partition("/")[0] for path in files})
    if not isinstance(told, dict) or told.get("configuration") != FORMAT:
        raise Invalid(
            _("%(file)s is of another format than this version of Kith reads; export it anew.") % {"file": COVER}
        )
    named = told.get("chapters")
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise Invalid(_("%(file)s: “chapters” is a list of folders, as the export writes it.") % {"file": COVER})
    return named


def read_folder(folder: Path) -> Files:
    """The files of a folder; what begins with a dot, and READMEs, are passed over. Raises Invalid."""
    if not folder.is_dir():
        raise Invalid(_("There is no folder %s.") % folder)
    files: Files = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _passed_over(name):
            continue
        if path.is_symlink():
            raise Invalid(_("%s is a link to somewhere else; put the file itself there.") % name)
        if path.is_dir():
            continue
        total += path.stat().st_size
        _check(name, path.stat().st_size, len(files), total)
        files[name] = _text(name, path.read_bytes())
    return files


def read_zip(data: bytes) -> Files:
    """The files of a zip. Raises Invalid."""
    files: Files = {}
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                name = info.filename
                if info.is_dir() or _passed_over(name):
                    continue
                if stat.S_ISLNK(info.external_attr >> 16):
                    raise Invalid(_("%s is a link to somewhere else; put the file itself there.") % name)
                total += info.file_size
                _check(name, info.file_size, len(files), total)
                if name in files:
                    raise Invalid(_("%s is in this zip twice.") % name)
                files[name] = _text(name, archive.read(info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as problem:
        raise Invalid(_("This zip cannot be read: %s.") % str(problem).rstrip(".")) from None
    return files


def checked(files: Files) -> Files:
    """Files that a program sent, under the same rules. Raises Invalid."""
    total = 0
    for n, (name, text) in enumerate(files.items()):
        size = len(text.encode("utf-8", "replace"))
        total += size
        _check(name, size, n, total)
    return {name: text.replace("\r\n", "\n") for name, text in files.items()}


def _passed_over(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)
    return hidden or bool(parts and parts[-1].upper().startswith("README"))


def _check(name: str, size: int, count: int, total: int) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith("/") or "\\" in name:
        raise Invalid(_("%s leads out of the configuration; files stand in the folder of their chapter.") % name[:200])
    if not (name == COVER or (len(parts) == 2 and name.endswith(".yaml"))):
        raise Invalid(_("%s is no file of a configuration; one is called chapter/name.yaml.") % name[:200])
    if size > MOST:
        raise Invalid(
            _("%(file)s has more than %(most)s bytes, which is too long.") % {"file": name, "most": f"{MOST:,}"}
        )
    if count >= MOST_FILES or total > MOST_BYTES:
        raise Invalid(_("A configuration has at most %(n)s files and %(mb)s MB.") % {
            "n": f"{MOST_FILES:,}", "mb": MOST_BYTES // 1_000_000})  # fmt: skip


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        raise Invalid(
            _("%(file)s is not UTF-8 (byte %(n)s); save it as UTF-8.") % {"file": name, "n": problem.start}
        ) from None


def write_folder(folder: Path, files: Files) -> list[str]:
    """Write them; files of an earlier export that are no more go. Returns what went. Raises Invalid for a folder with other
    things in it."""
    if folder.exists() and not folder.is_dir():
        raise Invalid(_("%s is a file; name a folder.") % folder)
    there = read_folder(folder) if (folder / COVER).is_file() else {}
    if not there and folder.is_dir() and any(not one.name.startswith(".") for one in folder.iterdir()):
        raise Invalid(_("%s has other things in it; name an empty folder, or one that was exported before.") % folder)
    gone = sorted(set(there) - set(files))
    for name in gone:
        (folder / name).unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return gone


def to_zip(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode("utf-8"))
    return out.getvalue()
