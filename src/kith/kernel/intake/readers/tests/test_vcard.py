"""vCards of every version keep everything they say."""

import io
import quopri
import re

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import open_table
from kith.kernel.intake.readers.tests.shared import FOLDER, files, needs_shared_data


def cards_of(content, **choices):
    table = open_table(io.BytesIO(content.encode() if isinstance(content, str) else content), "people.vcf", **choices)
    return [
        {header: cell for header, cell in zip(table.headers, row.cells, strict=True) if cell != ""}
        for row in table.rows()
    ], table


def card(*lines, version="3.0"):
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def said(path):
    """Every property of a file, found a second way: (name, the pieces of its value as text)."""
    text = re.sub(r"\r*\n", "\n", path.read_bytes().decode("utf-8"))
    text = re.sub(r"(?<==)\n(?=[^\n]*)", "\x00", text)  # soft line breaks of quoted-printable end in =
    text = re.sub(r"\n[ \t]", "", text)
    for line in re.split(r"\n", text):
        if not line.strip() or re.match(r"(?i)(begin|end):vcard", line):
            continue
        head, _colon, value = re.match(r'((?:[^":]|"[^"]*")+)(:)(.*)', line, re.DOTALL).groups()
        name = (
            re.split("[;.]", head.upper())
            if "." not in head.split(";")[0]
            else head.upper().split(".", 1)[1].split(";")
        )
        name = name[0]
        if "QUOTED-PRINTABLE" in head.upper():
            value = quopri.decodestring(value.replace("=\x00", "").encode()).decode("utf-8", "replace")
        binary = re.search(r"(?i)base64|encoding=b\b", head)
        pieces = [] if binary else re.split(r"(?<!\\);", value)
        yield name, [re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], piece).strip() for piece in pieces]


@pytest.mark.parametrize("path", files("vcards/*.vcf"))
def test_every_property_of_every_sample_is_in_its_row(path):
    table = open_table(path)
    rows = list(table.rows())
    assert [row.problem for row in rows if row.problem] == []
    cells = [cell for row in rows for cell in row.cells if cell != ""]
    everything = "\n".join(cell for cell in cells if isinstance(cell, str))
    pictures = [cell for cell in cells if isinstance(cell, bytes)]
    properties = list(said(path))
    assert len(properties) > 10
    for name, pieces in properties:
        if name == "X-ABLABEL":
            pieces = [re.sub(r"_\$!<(.*)>!\$_", r"\1", piece) for piece in pieces]
        for piece in pieces:
            # The broken byte of one sample shows as the replacement sign on both sides.
            assert piece.replace("\r\n", "\n") in everything.replace("\r\n", "\n"), (name, piece)
    assert len(pictures) == sum(name == "PHOTO" for name, _pieces in properties)
    assert all(picture.startswith(b"\xff\xd8\xff") for picture in pictures)


@pytest.mark.parametrize("path", files("vcards/*.vcf"))
def test_repeated_properties_are_as_many_as_the_file_has(path):
    table = open_table(path)
    columns = {"EMAIL": r"E-mail( \d+)?", "TEL": r"Phone( \d+)?", "URL": r"URL( \d+)?", "NOTE": r"Note( \d+)?"}
    for name, pattern in columns.items():
        positions = [place for place, header in enumerate(table.headers) if re.fullmatch(pattern, header)]
        found = sum(row.cells[place] != "" for row in table.rows() for place in positions)
        assert found == sum(one == name for one, _pieces in said(path)), name


@needs_shared_data
def test_the_phones_of_the_telephone_maker_keep_their_labels():
    table = open_table(FOLDER / "vcards/John_Doe_IPHONE.vcf")
    found = dict(zip(table.headers, next(table.rows()).cells, strict=True))
    assert (found["Phone 5"], found["Phone 5 label"]) == ("905-999-1234", "work, fax")
    assert (found["Phone 7"], found["Phone 7 label"]) == ("905-222-1234", "AssistantPhone")
    assert (found["Organisation"], found["Organisation unit"]) == ("IBM", "Accounting")
    assert (found["Address 2 street"], found["Address 2 label"]) == ("Street4\nBuilding 6\nFloor 8", "work")
    assert len(found["Photo"]) == 32531


@needs_shared_data
def test_damaged_data_and_bytes_are_kept_as_far_as_they_go_and_noted():
    table = open_table(FOLDER / "vcards/John_Doe_ANDROID.vcf")
    rows = list(table.rows())
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert len(rows[4].cells[table.headers.index("Photo")]) == 876
    assert any("damaged base64" in note for note in table.notes)
    assert any("bytes that are no text; they are shown as �" in note for note in table.notes)


def test_the_example_of_version_four_is_understood():
    found, _table = cards_of(
        card(
            "FN:Simon Perreault",
            "N:Perreault;Simon;;;ing. jr,M.Sc.",
            'TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+1-418-656-9254;ext=102',
            'ADR;LABEL="2875 Laurier^nQuébec";TYPE=work:;Suite D2-630;2875 Laurier;Québec;QC;G1V 2M2;Canada',
            "PHOTO:data:image/png;base64,iVBORw0KGgo=",
            "LANG;PREF=2:en",
            version="4.0",
        )
    )
    assert found[0] == {
        "Full name": "Simon Perreault",
        "Family name": "Perreault",
        "Given name": "Simon",
        "Name suffix": "ing. jr,M.Sc.",
        "Phone": "tel:+1-418-656-9254;ext=102",
        "Phone label": "work, voice, pref",
        "Address extension": "Suite D2-630",
        "Address street": "2875 Laurier",
        "Address city": "Québec",
        "Address region": "QC",
        "Address postal code": "G1V 2M2",
        "Address country": "Canada",
        "Address label": "work",
        "Address formatted": "2875 Laurier\nQuébec",
        "Photo": b"\x89PNG\r\n\x1a\n",
        "Photo type": "image/png",
        "LANG": "en",
        "LANG label": "pref 2",
        "VERSION": "4.0",
    }


def test_commas_colons_and_semicolons_survive_with_and_without_a_backslash():
    found, _table = cards_of(card("FN:Doe, John: the 2nd", r"NOTE:a\, b\; c\nd \\ e\:f", r"ORG:A\;B;Unit"))
    assert found[0]["Full name"] == "Doe, John: the 2nd"
    assert found[0]["Note"] == "a, b; c\nd \\ e:f"
    assert (found[0]["Organisation"], found[0]["Organisation unit"]) == ("A;B", "Unit")


def test_version_two_has_bare_parameters_charsets_and_folds_at_blanks():
    content = card(
        "FN;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:Ji=F8=ED=",
        " Nov=E1k",
        "TEL;HOME;FAX:1 23",
        "NOTE:folded",
        " at a blank",
        "X-PATH:C:\\new",
        "KEY;BASE64:",
        "  AAEC",
        "",
        version="2.1",
    )
    found, _table = cards_of(content)
    assert found[0]["Full name"] == "Jiří Novák"
    assert found[0]["Phone label"] == "home, fax"
    assert found[0]["Note"] == "folded at a blank"
    assert found[0]["X-PATH"] == "C:\\new"
    assert found[0]["KEY"] == b"\x00\x01\x02"


def test_raw_bytes_follow_the_charset_that_their_property_states():
    content = card("N;CHARSET=windows-1250:@;@", "FN:Žofie Příhodová", version="2.1").encode().replace(b"@", b"\xf8")
    found, table = cards_of(content)
    assert (found[0]["Family name"], found[0]["Full name"]) == ("ř", "Žofie Příhodová")
    assert not any("no text" in note for note in table.notes)


def test_unknown_properties_parameters_and_groups_keep_their_names():
    found, _table = cards_of(
        card("X-SHOE-SIZE:42", "x-shoe-size;LANGUAGE=en:43", "item1.X-ABDATE:2001-02-03", "item1.X-ABLabel:Wedding")
    )
    assert found[0]["X-SHOE-SIZE"] == "42"
    assert found[0]["X-SHOE-SIZE 2"] == "43"
    assert found[0]["X-SHOE-SIZE 2 parameters"] == "LANGUAGE=en"
    assert (found[0]["X-ABDATE"], found[0]["X-ABDATE label"]) == ("2001-02-03", "Wedding")


def test_a_label_without_a_property_is_not_lost():
    found, _table = cards_of(card("item7.X-ABLabel:Lonely"))
    assert found[0]["X-ABLABEL"] == "Lonely"


def test_a_card_inside_a_card_stays_with_its_owner():
    inner = card("FN:Agent").replace("\r\n", "\n")
    found, _table = cards_of(
        "BEGIN:VCARD\nVERSION:2.1\nFN:Owner\nAGENT:\n" + inner + "TEL:1\nEND:VCARD\n" + card("FN:Next")
    )
    assert [one["Full name"] for one in found] == ["Owner", "Next"]
    assert "FN:Agent" in found[0]["AGENT"]
    assert found[0]["Phone"] == "1"


def test_broken_cards_have_a_problem_and_the_next_goes_on():
    content = (
        "BEGIN:VCARD\nFN:Ada\n"
        + card("FN:Grace", "no colon here")
        + "stray\n"
        + card("FN:Linus")
        + "BEGIN:VCARD\nFN:Last"
    )
    _found, table = cards_of(content)
    rows = list(table.rows())
    assert [row.cells[0] for row in rows] == ["Ada", "Grace", "Linus", "Last"]
    assert rows[0].problem == "The card that begins in line 1 has no END:VCARD."
    assert "Line 6 is not a property: “no colon here”" in rows[1].problem
    assert not rows[2].problem
    assert rows[3].problem
    assert "1 line outside the cards was skipped." in table.notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1250"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_any_encoding_and_line_end_is_read(encoding, end):
    names = ["Žaneta Přikrylová", "Řehoř Šťastný", "Luďek Čáp"]
    content = "".join(card(f"FN:{name}", "NOTE:one", " two") for name in names).replace("\r\n", end).encode(encoding)
    found, _table = cards_of(content)
    assert [(one["Full name"], one["Note"]) for one in found] == [(name, "onetwo") for name in names]


def test_a_calendar_is_not_taken_for_cards():
    with pytest.raises(Invalid, match="is a calendar"):
        cards_of("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
