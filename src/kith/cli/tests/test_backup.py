"""A backup holds everything, and comes back as it was or not at all."""

import io
import json
import tarfile

import psycopg
import pytest


@pytest.fixture
def filled(own_database, data):
    """A database with one colleague and a data folder with a file and a key."""
    add_colleague(own_database, "Marta")
    (data / "files" / "a").mkdir(parents=True)
    (data / "files" / "a" / "photo.png").write_bytes(b"a photo")
    (data / "secret_key").write_text("k" * 40)
    return own_database


def add_colleague(address, name):
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("INSERT INTO django_content_type (app_label, model) VALUES ('tests', %s)", [name])


def colleagues(address):
    with psycopg.connect(address, autocommit=True) as connection:
        query = "SELECT model FROM django_content_type WHERE app_label = 'tests' ORDER BY id"
        return [name for (name,) in connection.execute(query)]


def test_everything_comes_back_as_it_was_more_than_once(kith_here, filled, data, tmp_path):
    said = kith_here("backup", tmp_path / "monday.tar")
    assert said.code == 0, said.err
    assert (tmp_path / "monday.tar").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["monday.tar"]
    for _ in range(2):
        add_colleague(filled, "Jonas")
        (data / "files" / "a" / "photo.png").write_bytes(b"another photo")
        (data / "files" / "later").write_text("written after the backup")
        (data / "secret_key").write_text("x" * 40)
        said = kith_here("restore", tmp_path / "monday.tar", "--replace")
        assert said.code == 0, said.err
        assert said.out.startswith("Restored from the backup of 20")
        assert colleagues(filled) == ["Marta"]
        assert (data / "files" / "a" / "photo.png").read_bytes() == b"a photo"
        assert not (data / "files" / "later").exists()
        assert (data / "secret_key").read_text() == "k" * 40
        assert kith_here("migrate", "--check").code == 0
        again = kith_here("backup", tmp_path / "monday.tar", "--replace")
        assert again.code == 0, again.err


def test_data_is_not_replaced_unless_that_is_asked_for(kith_here, filled, tmp_path):
    kith_here("backup", tmp_path / "monday.tar")
    said = kith_here("restore", tmp_path / "monday.tar")
    assert said.code == 1
    assert "add --replace" in said.err
    assert kith_here("backup", tmp_path / "monday.tar").code == 1


def test_database_in_use_is_not_restored_under_its_users(kith_here, filled, tmp_path):
    kith_here("backup", tmp_path / "monday.tar")
    with psycopg.connect(filled):
        said = kith_here("restore", tmp_path / "monday.tar", "--replace")
    assert said.code == 1
    assert "in use by 1 connections: stop Kith first" in said.err


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_damaged_backup_changes_nothing(kith_here, filled, data, tmp_path, cut):
    file = tmp_path / "monday.tar"
    kith_here("backup", file)
    with tarfile.open(file) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
    members["database.dump"] = members["database.dump"][: int(len(members["database.dump"]) * cut)]
    with tarfile.open(file, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    add_colleague(filled, "Jonas")
    said = kith_here("restore", file, "--replace")
    assert said.code == 1
    assert colleagues(filled) == ["Marta", "Jonas"]
    assert (data / "files" / "a" / "photo.png").exists()
    assert kith_here("check").code == 0


def test_file_that_is_no_backup_is_refused_in_words(kith_here, filled, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Marta")
    said = kith_here("restore", tmp_path / "letter.txt", "--replace")
    assert said.code == 1
    assert "is not a backup written by `kith backup`, or it is damaged" in said.err
    said = kith_here("restore", tmp_path / "nowhere", "--replace")
    assert "cannot be read: No such file" in said.err


def test_backup_of_a_later_version_is_refused(kith_here, filled, tmp_path):
    file = tmp_path / "tomorrow.tar"
    with tarfile.open(file, "w") as tar:
        for name, content in {
            "kith.json": json.dumps({"format": 2, "kith": "9.0"}).encode(),
            "database.dump": b"",
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    said = kith_here("restore", file, "--replace")
    assert said.code == 1
    assert "was written by Kith 9.0, which is newer than this" in said.err


def test_restore_that_was_killed_half_way_is_healed_by_the_next_one(kith_here, filled, tmp_path):
    kith_here("backup", tmp_path / "monday.tar")
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute("ALTER SCHEMA public RENAME TO before_restore")
        connection.execute("CREATE SCHEMA public")
    assert "restore was interrupted" in kith_here("migrate").err
    said = kith_here("restore", tmp_path / "monday.tar")
    assert said.code == 0, said.err
    assert colleagues(filled) == ["Marta"]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "files/../../evil", "other"])
def test_a_backup_with_something_strange_in_it_is_refused_and_changes_nothing(kith_here, filled, tmp_path, name):
    file = tmp_path / "monday.tar"
    kith_here("backup", file)
    with tarfile.open(file, "a") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    said = kith_here("restore", file, "--replace")
    assert said.code == 1
    assert "which no backup of Kith does; nothing was restored" in said.err
    assert colleagues(filled) == ["Marta"]
    assert not (tmp_path / "evil").exists()


def test_a_link_in_a_backup_is_refused(kith_here, filled, tmp_path):
    file = tmp_path / "monday.tar"
    kith_here("backup", file)
    with tarfile.open(file, "a") as tar:
        link = tarfile.TarInfo("files/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert "which no backup of Kith does" in kith_here("restore", file, "--replace").err
