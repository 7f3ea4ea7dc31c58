"""Broken rows are named and given; everything around them goes on."""

import gzip
import io

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import Limits, open_table


def table_of(content, **choices):
    return open_table(io.BytesIO(content.encode() if isinstance(content, str) else content), "people.csv", **choices)


def read(content, **choices):
    return list(table_of(content, **choices).rows())


def test_a_row_with_too_few_cells_is_given_with_its_problem_and_the_next_ones_go_on():
    rows = read("name,city\nAda,London\nGrace\nLinus,Helsinki\n")
    assert [row.cells for row in rows] == [["Ada", "London"], ["Grace"], ["Linus", "Helsinki"]]
    assert rows[1].problem == "Line 3 has fewer cells (1) than there are columns (2). Look for a missing delimiter."
    assert not rows[0].problem and not rows[2].problem


def test_blank_cells_beyond_the_last_column_are_no_problem():
    assert read("name,city\nAda,London,,\n")[0] == (2, ["Ada", "London"], "", None)


def test_undecodable_bytes_mark_their_row_only():
    rows = read("name,city\nJosé,Málaga\nŽofie,Plzeň\n".encode() + b"Jos\xe9,Rome\nAda,London\n")
    assert [bool(row.problem) for row in rows] == [False, False, True, False]
    assert "“name” holds bytes that are no text" in rows[2].problem
    assert rows[2].cells == ["Jos�", "Rome"]


def test_a_nul_and_a_too_long_cell_are_named_by_their_column():
    rows = read("name,note\nAda,a\0b\nGrace," + "x" * 101 + "\nLinus,fine\n", limits=Limits(cell=100))
    assert "“note” holds a NUL" in rows[0].problem
    assert "“note” holds 101 characters; the limit is 100" in rows[1].problem
    assert len(rows[1].cells[1]) == 101
    assert not rows[2].problem


def test_a_quotation_mark_that_never_closes_costs_one_row_only():
    rows = read('name,city\nAda,London\nGrace,"New York\nLinus,Helsinki\nMargaret,Boston\n')
    assert [row.number for row in rows] == [2, 3, 4, 5]
    assert [bool(row.problem) for row in rows] == [False, True, False, False]
    assert "Line 3 opens a quotation mark that never closes" in rows[1].problem


def test_a_quotation_mark_that_swallows_more_than_a_row_may_hold_costs_one_row_only():
    lines = [f"person {number},town" for number in range(500)]
    lines[10] = 'person 10,"town'
    rows = read("name,city\n" + "\n".join(lines), limits=Limits(record=2000))
    assert len(rows) == 500
    assert [row.number for row in rows if row.problem] == [12]


def test_many_unclosed_quotation_marks_are_refused_with_a_way_out():
    # Each line opens a quote anew, so each would have to be read over and over.
    with pytest.raises(Invalid, match="Choose another quotation mark"):
        read("a,b\n" + 'x","a\n' * 9000, limits=Limits(record=3000, runaways=5))


def test_a_quotation_mark_that_closes_too_late_names_the_lines_it_joined():
    rows = read('name,city\nAda,"London\nGrace,Paris\nLinus,Rome"\nMargaret,Boston\n')
    assert rows[0].cells == ["Ada", "London\nGrace,Paris\nLinus,Rome"]
    ragged = read('name,city\nAda,"London\nGrace,Paris\nLinus",Rome,x\nMargaret,Boston\n')
    assert "Lines 2 to 4 read as one row" in ragged[0].problem
    assert ragged[1].cells == ["Margaret", "Boston"]


def test_a_line_that_is_too_long_to_hold_is_cut_and_says_so():
    rows = read("name,city\nAda," + "x" * 5000 + "\nGrace,Paris\n", limits=Limits(record=1000))
    assert "Line 2 is longer than 1000 characters" in rows[0].problem
    assert rows[1].cells == ["Grace", "Paris"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_read_and_newlines_in_quotes_are_kept(end):
    rows = read(end.join(["name,note", '"Ada","one', 'two"', "Grace,x", ""]))
    assert [(row.number, row.cells) for row in rows] == [(2, ["Ada", f"one{end}two"]), (4, ["Grace", "x"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found_although_others_occur_in_the_text(delimiter):
    lines = [["name", "note"], ["Ada", "a"], ["Grace", "b"]]
    filler = {",": ";", ";": ",", "\t": ",", "|": ","}[delimiter]
    content = "\n".join(delimiter.join(line) for line in lines) + f"\nLinus{delimiter}c{filler} d{filler} e\n"
    table = table_of(content)
    assert table.delimiter == delimiter
    assert [row.cells[0] for row in table.rows()] == ["Ada", "Grace", "Linus"]


def test_decimal_commas_do_not_win_over_semicolons():
    table = table_of("name;price;weight\nScrew;1,50;2,25\nNail;0,10;1,00\n")
    assert table.delimiter == ";"
    assert next(table.rows()).cells == ["Screw", "1,50", "2,25"]


def test_a_first_line_that_declares_the_delimiter_is_obeyed_and_is_no_header():
    table = table_of("sep=|\nname|note\nAda|a,b,c\n")
    assert table.headers == ["name", "note"]
    assert [row.cells for row in table.rows()] == [["Ada", "a,b,c"]]


def test_apostrophes_that_enclose_every_cell_are_quotation_marks_and_one_in_a_name_is_not():
    assert [row.cells for row in read("'name','city'\n'Ada','London, UK'\n")] == [["Ada", "London, UK"]]
    assert read("name,city\nO'Hara,'s-Hertogenbosch\n")[0].cells == ["O'Hara", "'s-Hertogenbosch"]


def test_blank_rows_are_counted_and_keep_the_line_numbers_right():
    table = table_of("\nname,city\n\nAda,London\n , \n,,\nGrace,Paris\n")
    assert [row.number for row in table.rows()] == [4, 7]
    assert "4 blank rows were skipped." in table.notes


def test_a_header_that_begins_with_a_hash_is_a_header_and_a_hash_in_data_is_data():
    table = table_of("#id,name\n1,Ada\n#2,Grace\n")
    assert table.headers == ["#id", "name"]
    assert [row.cells for row in table.rows()] == [["1", "Ada"], ["#2", "Grace"]]
    remarked = table_of("# made by hand\n#id,name\n1,Ada\n")
    assert remarked.headers == ["#id", "name"]


def test_a_person_may_choose_what_was_guessed():
    content = b"Report of May;;\nname;city;x\nAda;London;1\n"
    table = table_of(content, header_row=2, delimiter=";")
    assert table.headers == ["name", "city", "x"]
    assert [row.number for row in table.rows()] == [3]
    with pytest.raises(Invalid, match="no encoding called “klingon”"):
        table_of(content, encoding="klingon")
    with pytest.raises(Invalid, match="no column names in line 9"):
        table_of(content, header_row=9)


def test_rows_can_be_walked_again_and_resumed():
    table = table_of("name\n" + "".join(f"person {number}\n" for number in range(100)))
    assert list(table.rows()) == list(table.rows())
    assert [row.cells[0] for row in table.rows(start=99)] == ["person 97", "person 98", "person 99"]


def test_two_walks_of_one_open_file_do_not_disturb_each_other():
    table = table_of("name\n" + "".join(f"person {number}\n" for number in range(100000)))
    first, second = table.rows(), table.rows()
    assert all(one == other for one, other in zip(first, second, strict=True))


def test_names_of_columns_are_made_usable_without_clashes():
    assert table_of("a,,a,a 2,  b\tc \n1,2,3,4,5\n").headers == ["a", "Column 2", "a 3", "a 2", "b c"]


def test_too_many_columns_name_the_limit():
    with pytest.raises(Invalid, match="has 5 columns; the limit is 4"):
        table_of("a,b,c,d,e\n1,2,3,4,5\n", limits=Limits(columns=4))


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"  \r\n ", b"\xef\xbb\xbf", b",,,\n"])
def test_an_empty_file_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid, match="“people.csv” (is empty|holds no table)"):
        table_of(content)


def test_a_header_without_rows_is_an_empty_table():
    assert read("name,city\n") == []


def test_a_packed_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(b"name\n" + b"a" * 20_000_000)
    assert len(bomb) < 30_000
    with pytest.raises(Invalid, match="unpacks to more than 1 MB"):
        read(bomb, limits=Limits(inflated=1 << 20))


def test_a_packed_file_that_breaks_off_says_so():
    packed = gzip.compress("".join(f"{number},person {number * 7919}\n" for number in range(50_000)).encode())
    with pytest.raises(Invalid, match="damaged gzip file"):
        read(packed[: len(packed) // 2])


def test_a_file_over_the_size_limit_is_refused_before_it_is_read():
    with pytest.raises(Invalid, match=r"“people.csv” has 1.2 kB; the limit is 1 kB"):
        table_of(b"a" * 1200, limits=Limits(bytes=1024))


def test_exotic_text_comes_through_untouched():
    value = "a\u2028b\u0085c\x0bd 👩‍👩‍👧 \u202eعربى\ufeffz"
    assert read(f"name,note\nAda,{value}\n")[0].cells == ["Ada", value]
