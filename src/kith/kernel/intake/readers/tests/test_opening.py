"""What a file is shows in its content; what is no table is refused with one sentence that helps."""

import gzip
import io
import tracemalloc
import zipfile

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import Limits, open_table, sniff, words
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data


def archive(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for name, data in parts.items():
            target.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("people.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40, "is a picture (PNG), not a table"),
        ("people.csv", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 40, "is a picture (JPEG), not a table"),
        ("people.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF document, not a table"),
        ("people.xls", b"<html><body><table><tr><td>Ada", "is a web page, not a table"),
        ("people.xls", b"\xef\xbb\xbf\r\n<!DOCTYPE html><table>", "is a web page, not a table"),
        ("people.xls", b'<?xml version="1.0"?><Workbook>', "is an XML file, not a table"),
        ("people.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "an old or password-protected workbook"),
        ("people.csv", b"%!PS-Adobe-3.0\n", "is a PostScript document"),
        ("people.csv", b"SQLite format 3\0" + b"\0" * 100, "is a database"),
        ("people.csv", bytes(range(256)) * 8, "is binary data, not a table"),
        ("people.csv", b"\x7fELF\x02\x01\x01" + b"\0" * 60, "not a table"),
        ("people.csv", b"PK\x03\x04" + b"\0" * 40, "is a damaged archive or workbook"),
        ("people.csv", archive(readme_xml="x"), "is a ZIP archive. Unpack it"),
        ("people.xlsx", archive(xl__workbook__bin="x", **{"xl/workbook.bin": "x"}), "a binary workbook (.xlsb)"),
        ("people.xlsx", archive(content_xml="x", mimetype="x"), "an OpenDocument file"),
        ("people.xlsx", archive(word__document_xml="x"), "is a text document"),
        ("people.json", b"name,city\nAda,London\n", "is not JSON"),
    ],
)
def test_what_is_no_table_is_named(name, content, sentence):
    with pytest.raises(Invalid) as refused:
        open_table(io.BytesIO(content), name)
    assert sentence in refused.value.message
    assert f"“{name}”" in refused.value.message


@needs_shared_data
def test_a_workbook_with_the_name_of_a_text_file_is_read_as_a_workbook(tmp_path):
    content = (FOLDER / "csv_basic/table.xlsx").read_bytes()
    disguised = tmp_path / "people.csv"
    disguised.write_bytes(content)
    assert open_table(disguised).format == "xlsx"
    packed = tmp_path / "people.xlsx.gz"
    packed.write_bytes(gzip.compress(content))
    assert [row.cells for row in open_table(packed).rows()] == [[1, "english"], [2, "中国人"]]


def test_a_text_file_with_the_name_of_a_workbook_is_read_as_text():
    table = open_table(io.BytesIO(b"name,city\nAda,London\n"), "people.xlsx")
    assert (table.format, table.headers) == ("csv", ["name", "city"])


@pytest.mark.parametrize("start", ["ID3", "MZ", "BM", "GIF8", "PK", "%!"])
def test_a_column_name_that_begins_like_another_format_is_still_text(start):
    table = open_table(io.BytesIO(f"{start},name\n1,Žaneta\n".encode()), "people.csv")
    assert table.headers == [start, "name"]


def test_a_name_may_be_left_out_and_a_missing_file_is_a_sentence(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("name\nAda\n")
    assert open_table(path).name == "people.csv"
    assert open_table(str(path), "staff.csv").name == "staff.csv"
    with pytest.raises(Invalid, match="“absent.csv” cannot be opened: No such file"):
        open_table(tmp_path / "absent.csv")
    with pytest.raises(Invalid, match="cannot be opened"):
        open_table(tmp_path)


def test_a_stream_that_cannot_jump_back_is_kept_aside():
    class Pipe(io.RawIOBase):
        def __init__(self, data):
            self._data = io.BytesIO(data)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self._data.readinto(buffer)

    table = open_table(Pipe(b"name\nAda\n"), "people.csv")
    assert [row.cells for row in table.rows()] == [row.cells for row in table.rows()] == [["Ada"]]
    with pytest.raises(Invalid, match="larger than 1 kB"):
        open_table(Pipe(b"x" * 2000), "people.csv", limits=Limits(bytes=1024))


def test_a_quick_look_at_a_huge_file_reads_little_of_it(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write("name;město\n".encode() + "Žaneta;Plzeň\n".encode() * 20_000)
        file.seek(2_200_000_000)  # a hole: it takes no room on the disk
        file.write(b"\n")
    tracemalloc.start()
    look = sniff(path)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (look.format, look.delimiter, look.headers) == ("csv", ";", ["name", "město"])
    assert look.sample[0].cells == ["Žaneta", "Plzeň"]
    assert "“huge.csv” has 2 GB; the limit is 1 GB." in look.refused
    assert peak < 80_000_000
    with pytest.raises(Invalid, match="the limit is 1 GB"):
        open_table(path)


def test_a_quick_look_says_how_the_file_is_read():
    look = sniff(io.BytesIO(b"name|note\nAda|x\n" * 3), "people.txt", rows=1)
    assert (look.format, look.encoding, look.delimiter, look.size) == ("csv", "utf-8", "|", 48)
    assert [row.cells for row in look.sample] == [["Ada", "x"]]
    assert look.refused == ""
    assert sniff(io.BytesIO(b"name|note\nAda|x\n"), delimiter=";").headers == ["name|note"]


def test_sentences_can_be_translated_by_whoever_uses_the_readers():
    words.speak(lambda sentence: sentence.replace("is empty", "ist leer"))
    try:
        with pytest.raises(Invalid, match="ist leer"):
            open_table(io.BytesIO(b""), "leute.csv")
    finally:
        words.speak(str)
