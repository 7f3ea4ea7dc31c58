"""Which encoding a text file is in.

A byte-order mark decides; else valid UTF-8 decides, looked for in the whole file (or, for a quick look, in several
places of it), because one accent in the last row must not spoil an import. Only what is neither is guessed, by
charset-normalizer among the encodings people's files really have, and then the guess is stated.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from itertools import pairwise

from .source import CHUNK, MARK, Source
from .words import _

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In the order in which they are preferred when the evidence does not tell them apart.
LEGACY = {
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp850": "DOS 850 (Western European)",
    "cp852": "DOS 852 (Central European)",
    "shift_jis": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc_kr": "EUC-KR (Korean)",
}
KNOWN = ("utf-8", "utf-16", "utf-32", "ascii", "cp", "iso8859", "koi8", "mac", "shift", "euc", "gb", "big5")
RARE = ("iso8859_2", "koi8_r", "cp850", "cp852")
FEW = 8  # with fewer letters beyond ASCII than this, statistics say nothing
CLOSE = 0.1  # candidates this near to the best one, on a scale from 0 to 1, are named as alternatives
SPOTS = 8


def detect(source: Source, *, thorough: bool) -> tuple[str, str]:
    """-> (codec name, a sentence when it was guessed else ""). `thorough` reads the whole file."""
    head = source.head(4096)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name, ""
    if name := _wide(head):
        return name, _("The file has no byte-order mark; it is read as UTF-16.")
    multibyte = 0
    for piece, final in _pieces(source, thorough):
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            multibyte += len(piece) - len(decoder.decode(piece, final))
        except UnicodeDecodeError:
            return _neither(piece, multibyte)
    return "utf-8", ""


def known(name: str) -> bool:
    """Whether a person's choice names an encoding that text files are in (the registry also holds stranger things)."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return False
    return codec.startswith(KNOWN)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Western text is NUL."""
    if len(head) < 4 or b"\0" not in head:
        return ""
    pairs = len(head) // 2
    if head[1::2].count(0) > pairs * 0.7 and head[0::2].count(0) < pairs * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > pairs * 0.7 and head[1::2].count(0) < pairs * 0.1:
        return "utf-16-be"
    return ""


def _pieces(source: Source, thorough: bool) -> Iterator[tuple[bytes, bool]]:
    """Stretches of the file that begin and end between two characters, if it is UTF-8."""
    with source.stream() as stream:
        if thorough or source.packed or source.size <= SPOTS * CHUNK:
            rest = b""
            budget = None if thorough else SPOTS
            while (chunk := stream.read(CHUNK)) and budget != 0:
                budget = None if budget is None else budget - 1
                piece, rest = _whole(rest + chunk)
                yield piece, False
            yield rest, thorough or budget != 0
            return
        for spot in range(SPOTS):
            stream.seek(spot * (source.size - CHUNK) // (SPOTS - 1), os.SEEK_SET)
            piece, _rest = _whole(stream.read(CHUNK))
            if spot:
                piece = piece.lstrip(bytes(range(0x80, 0xC0))) if piece[:1] >= b"\x80" else piece
            yield piece, False


def _whole(data: bytes) -> tuple[bytes, bytes]:
    """Part an unfinished UTF-8 character off the end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return (data[:-back], data[-back:]) if length > back else (data, b"")
        if byte < 0x80:
            break
    return data, b""


def _neither(piece: bytes, multibyte: int) -> tuple[str, str]:
    text = piece.decode("utf-8", MARK)
    bad = text.count("\udcff")
    good = multibyte + sum(1 for letter in text if letter > "\x7f") - bad
    if good > bad:
        return "utf-8", _("Some bytes are not UTF-8 although the rest of the file is; their rows are marked.")
    return legacy(piece)


def legacy(data: bytes) -> tuple[str, str]:
    """The likeliest of the older encodings -> (codec, the sentence that states it and its rivals)."""
    from charset_normalizer import from_bytes  # a heavy module that most processes never need

    lines = [line for line in data.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[: 1 << 14]
    matches = from_bytes(sample, cp_isolation=list(LEGACY), threshold=0.35, preemptive_behaviour=False)
    scores = {
        one.encoding: one.coherence - one.chaos - _strange(one.encoding, sample)
        for one in matches
        if one.encoding in LEGACY
    }
    letters = len(re.sub(rb"[\x00-\x7f]", b"", sample))
    if not scores or (letters < FEW and not _gaps(sample)):
        return "cp1252", _stated("cp1252", sample, [], letters)
    texts = {name: sample.decode(name, MARK) for name in LEGACY if name in scores}
    best = max(scores.values())
    chosen = next(name for name in texts if scores[name] >= best - 1e-9)
    # Two encodings that read the sample alike need no verdict: take the more common one.
    text = texts[chosen]
    chosen = next(name for name in LEGACY if sample.decode(name, MARK) == text)
    rivals = [name for name in texts if texts[name] != text and scores[name] >= best - CLOSE]
    return chosen, _stated(chosen, sample, rivals, letters)


def _strange(name: str, sample: bytes) -> float:
    """How unlikely a reading is in itself: signs or capitals inside words, and encodings that have gone out of use."""
    text = sample.decode(name, MARK)
    inside = [(one, other) for one, other in pairwise(text) if one.isalpha() and other > "\x7f"]
    odd = sum(not other.isalpha() or (other.isupper() and one.islower()) for one, other in inside)
    return odd / max(1, len(inside)) + (0.1 if name in RARE else 0.0)


def _gaps(sample: bytes) -> bool:
    """Whether Windows-1252 has no letter for some byte of the sample."""
    return "\udcff" in sample.decode("cp1252", MARK)


def _stated(chosen: str, sample: bytes, rivals: list[str], letters: int) -> str:
    sentence = _("The file is not UTF-8; it is read as {name}.").format(name=LEGACY[chosen])
    example = next((line for line in sample.decode(chosen, MARK).splitlines() if not line.isascii()), "")
    example = " ".join(example.replace("\udcff", "\ufffd").split())[:40]
    if rivals:
        sentence += " " + _("It could also be {rivals}: look whether “{example}” is spelt right.").format(
            rivals=", ".join(LEGACY[name] for name in rivals[:3]), example=example
        )
    elif letters < FEW:
        sentence += " " + _("Few letters tell: look whether “{example}” is spelt right.").format(example=example)
    return sentence
