"""Whatever bytes come: rows that can be stored, or one sentence; never anything else."""

import io

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import Limits, open_table, profile, sniff

SIGNS = st.text(alphabet="a,;\t|\"'\\\r\n#0. {}[]:=", max_size=200).map(str.encode)
STARTS = [b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"{", b"[{", b"sep=;\n"]
STARTS += [
    b"BEGIN:VCARD\n",
    b"BEGIN:VCARD\nVERSION:2.1\nNOTE;ENCODING=QUOTED-PRINTABLE:",
    b'a,b\n"',
    b"# x\na,b\n1,2\n",
]
ANYTHING = st.tuples(st.sampled_from(STARTS), st.one_of(SIGNS, st.binary(max_size=400))).map(b"".join)
NAMES = st.sampled_from(["people.csv", "people.xlsx", "people.json", "people.vcf", ""])
SMALL = Limits(record=120, cell=60, columns=20, runaways=3)


def read_all(content, name, limits):
    """Every row of what can be read; checks what whoever stores them relies on."""
    try:
        sniff(io.BytesIO(content), name, limits=limits)
        table = open_table(io.BytesIO(content), name, limits=limits)
        rows = list(table.rows())
    except Invalid as refused:
        assert refused.message.endswith((".", "…)."))
        return None
    assert all(table.notes)
    assert [row.number for row in rows] == sorted(row.number for row in rows)
    for row in rows:
        assert row.problem or len(row.cells) == len(table.headers)
        for cell in row.cells:
            assert not isinstance(cell, str) or ("\0" not in cell and cell.encode("utf-8")) or cell == ""
    profile(table)
    return rows


@settings(max_examples=250, deadline=None)
@given(ANYTHING, NAMES)
@example(b'x","a\n' * 20, "people.csv")
@example(b"\xff\xfe\x00\xd8a\x00", "people.csv")
def test_random_bytes_are_read_or_refused_in_words(content, name):
    read_all(content, name, Limits())
    read_all(content, name, SMALL)


def _workbook():
    book = openpyxl.Workbook()
    for row in (["name", "day"], ["Ada", 1.5], ["Grace", "=1+1"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WORKBOOK = _workbook()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_workbook_is_read_or_refused_in_words(changes):
    content = bytearray(WORKBOOK)
    for place, byte in changes:
        content[place] = byte
    read_all(bytes(content), "people.xlsx", Limits())
    read_all(bytes(content[: changes[0][0]]), "people.xlsx", Limits())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_changed_cards_lose_no_row_and_break_nothing(data):
    content = bytearray(
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:=41da=\r\n x\r\nPHOTO;BASE64:\r\n AAEC\r\n\r\nEND:VCARD\r\n"
        * 2
    )
    for _change in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(content), "people.vcf", Limits())
