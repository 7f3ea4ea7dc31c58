"""The encoding is found, and stated where it was guessed."""

import io

import pytest

from kith.kernel.intake.readers import open_table

CZECH = "jméno;město\nŽaneta Přikrylová;Plzeň\nŘehoř Šťastný;České Budějovice\nLuďek Čáp;Jihlava\n"
POLISH = "imię;miasto\nŁukasz Żółć;Łódź\nMałgorzata Śmigły;Gdańsk\nŹdzisław Ćwikła;Kędzierzyn-Koźle\n"
GERMAN = "Name;Straße\nJürgen Müßig;Königsallee\nÄnne Öhler;Grüner Weg\n"
RUSSIAN = "имя;город\nИван Петров;Москва\nОльга Сидорова;Санкт-Петербург\n"
GREEK = "όνομα;πόλη\nΓιώργος Παπαδόπουλος;Αθήνα\nΕλένη;Θεσσαλονίκη\n"


def table_of(content, **choices):
    return open_table(io.BytesIO(content), "lidé.csv", **choices)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_in_every_form(encoding):
    table = table_of(("name,note\n" + "Ada,Žižkov\n" * 3).encode(encoding))
    assert [row.cells for row in table.rows()] == [["Ada", "Žižkov"]] * 3
    assert table.headers == ["name", "note"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(CZECH, "cp1250"), (POLISH, "cp1250"), (GERMAN, "cp1252"), (RUSSIAN, "cp1251"), (GREEK, "cp1253")],
)
def test_older_encodings_are_told_apart_by_their_letters_and_stated(text, encoding):
    table = table_of(text.encode(encoding))
    assert table.encoding == encoding
    lines = [line.split(";") for line in text.splitlines()]
    assert [table.headers, *(row.cells for row in table.rows())] == lines
    assert any("not UTF-8; it is read as Windows-" in note for note in table.notes)


def test_a_guess_from_few_letters_asks_for_a_look():
    table = table_of("name,city\nRené,Paris\n".encode("latin-1"))
    assert next(table.rows()).cells == ["René", "Paris"]
    assert any("look whether “René,Paris” is spelt right" in note for note in table.notes)


def test_one_accent_far_down_decides_the_encoding_of_the_whole_file():
    content = b"name,city\n" + b"Ada,London\n" * 60_000 + "René,Málaga\n".encode("cp1252")
    *_others, last = table_of(content).rows()
    assert last.cells == ["René", "Málaga"]
    assert not last.problem


def test_an_accent_cut_by_a_reading_border_is_still_utf8():
    for shift in range(4):
        content = b"x" * (262_144 - 8 - shift) + "\nžžžžžžžž\nč\n".encode()
        assert table_of(content).encoding == "utf-8"


def test_the_choice_of_a_person_wins():
    table = table_of("name;city\nŘehoř;Plzeň\n".encode("cp852"), encoding="cp852")
    assert next(table.rows()).cells == ["Řehoř", "Plzeň"]


def test_a_unicode_file_that_breaks_off_inside_a_letter_marks_the_last_row_only():
    rows = list(table_of("name,city\nŽofie,Plzeň\nŘehoř,Plzeň".encode()[:-1]).rows())
    assert [bool(row.problem) for row in rows] == [False, True]
    wide = list(table_of("name,city\nAda,London\nGrace,Paris".encode("utf-16")[:-1]).rows())
    assert [bool(row.problem) for row in wide] == [False, True]
