"""Folders and zips: what is taken from them, and what is refused."""

import io
import zipfile

import pytest

from kith.configuration.files import MOST_FILES, chapters_in, cover, read_folder, read_zip, to_zip, write_folder
from kith.kernel.configuration.chapters import MOST
from kith.kernel.errors import Invalid

FILES = {
    "kith.yaml": cover(["fields", "workflows"]),
    "fields/a.yaml": "record: deal\n",
    "workflows/ä.yaml": "name: Ä\n",
}


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_a_folder_and_a_zip_hold_the_same_and_the_same_files_are_the_same_zip(tmp_path):
    write_folder(tmp_path / "ours", FILES)
    assert read_folder(tmp_path / "ours") == FILES == read_zip(to_zip(FILES))
    assert to_zip(FILES) == to_zip(dict(FILES))
    assert chapters_in(FILES) == ["fields", "workflows"]


def test_an_export_over_an_earlier_one_leaves_nothing_of_it_and_a_folder_of_other_things_alone(tmp_path):
    write_folder(tmp_path, FILES)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "README.md").write_text("ours")
    assert write_folder(tmp_path, {k: v for k, v in FILES.items() if k != "fields/a.yaml"}) == ["fields/a.yaml"]
    assert not (tmp_path / "fields" / "a.yaml").exists() and (tmp_path / ".git" / "config").exists()
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear")
    with pytest.raises(Invalid, match="has other things in it"):
        write_folder(other, FILES)


def test_a_link_in_a_folder_is_refused(tmp_path):
    write_folder(tmp_path, FILES)
    (tmp_path / "fields" / "b.yaml").symlink_to("/etc/passwd")
    with pytest.raises(Invalid, match=r"fields/b.yaml is a link"):
        read_folder(tmp_path)
    (tmp_path / "fields" / "b.yaml").unlink()
    (tmp_path / "etc").symlink_to("/etc")
    with pytest.raises(Invalid, match="etc is a link"):
        read_folder(tmp_path)


def test_a_link_in_a_zip_is_refused():
    info = zipfile.ZipInfo("fields/b.yaml")
    info.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(Invalid, match="is a link"):
        read_zip(out.getvalue())


@pytest.mark.parametrize("name", ["../out.yaml", "fields/../../out.yaml", "/etc/out.yaml", "fields\\..\\out.yaml"])
def test_a_path_that_leads_out_is_refused(name):
    with pytest.raises(Invalid, match="leads out"):
        read_zip(zipped(**{name: "a: 1"}))


@pytest.mark.parametrize("name", ["fields/deep/a.yaml", "fields/a.txt", "a.yaml"])
def test_a_file_in_no_chapter_is_refused(name):
    with pytest.raises(Invalid, match="is no file of a configuration"):
        read_zip(zipped(**{name: "a: 1"}))


def test_too_long_too_many_no_zip_and_no_text_are_refused():
    with pytest.raises(Invalid, match="fields/a.yaml has more than"):
        read_zip(zipped(**{"fields/a.yaml": "x" * (MOST + 1)}))
    with pytest.raises(Invalid, match="at most 5,000 files"):
        read_zip(zipped(**{f"fields/a{n}.yaml": "" for n in range(MOST_FILES + 1)}))
    with pytest.raises(Invalid, match="cannot be read"):
        read_zip(b"not a zip")
    with pytest.raises(Invalid, match=r"fields/a.yaml is not UTF-8 \(byte 0\)"):
        read_zip(zipped(**{"fields/a.yaml": b"\xff\xfe"}))


def test_another_format_is_said():
    with pytest.raises(Invalid, match="another format"):
        chapters_in({"kith.yaml": "configuration: 9\nchapters: []\n"})
