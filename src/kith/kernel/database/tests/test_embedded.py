"""The embedded server: started by whoever comes first, stopped by whoever leaves last, recovered after any crash."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from kith.kernel.database.embedded import DatabaseError, Embedded, buffers, socket_folder

FAST = {"fsync": "off"}
DEBIAN = Path("/usr/lib/postgresql/15/bin")
USER = """
import sys, time
from kith.kernel.database.embedded import Embedded
server = Embedded(sys.argv[1], {"fsync": "off"}).start()
print(server.how, flush=True)
sys.stdin.readline()
print(server.release(), flush=True)
"""


@pytest.fixture
def home():
    """A folder that a server run by root's stand-in can reach, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="kith-pg-"))
    folder.chmod(0o711)
    yield folder / "database"
    pid = Embedded(folder / "database").postmaster()
    if pid and psutil.pid_exists(pid):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def other_process(home):
    """Another Kith process that uses the server until a line is written to it."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def ask(server, question):
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def test_first_start_makes_the_cluster_and_the_next_finds_its_data(home):
    server = Embedded(home, FAST).start()
    assert server.how == "initdb"
    assert server.create_database("kith")
    assert not server.create_database("kith")
    assert server.release()
    assert not server.answers()
    with Embedded(home, FAST) as again:
        assert again.how == "started"
        assert ask(again, "SELECT count(*) FROM pg_database WHERE datname = 'kith'") == 1


def test_letters_beyond_ascii_change_case_whatever_the_locale_says(home, monkeypatch):
    for name, value in {"LANG": "xx_XX.nowhere", "LC_ALL": "C", "PGDATABASE": "nowhere", "PGPORT": "1"}.items():
        monkeypatch.setenv(name, value)
    with Embedded(home, FAST) as server:
        assert ask(server, "SELECT lower('ÉÀÖ') || upper('ñ')") == "éàöÑ"
        assert ask(server, "SHOW server_encoding") == "UTF8"


def test_of_three_starters_one_makes_the_cluster_and_the_last_one_out_stops_it(home):
    others = [other_process(home) for _ in range(3)]
    assert sorted(other.stdout.readline().strip() for other in others) == ["attached", "attached", "initdb"]
    stopped = [other.communicate("\n", timeout=30)[0].strip() for other in others]
    assert stopped == ["False", "False", "True"]
    assert not Embedded(home).answers()


def test_server_outlives_a_killed_user_and_the_next_one_joins_and_stops_it(home):
    other = other_process(home)
    assert other.stdout.readline().strip() == "initdb"
    other.kill()
    other.wait()
    server = Embedded(home, FAST).start()
    assert server.how == "attached"
    assert server.release()
    assert not server.answers()


def test_killed_server_comes_back_with_everything_that_was_committed(home):
    server = Embedded(home).start()  # fsync on: this is about durability
    written = -1
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE line (n int)")
        victim = psutil.Process(server.postmaster())
        backend = connection.info.backend_pid
        try:
            for number in range(100_000):
                connection.execute("INSERT INTO line VALUES (%s)", [number])
                written = number
                if number == 300:
                    victim.kill()
                    os.kill(backend, signal.SIGKILL)
        except psycopg.OperationalError:
            pass
    server._users.close()
    server._users = None
    again = Embedded(home).start()
    assert again.how == "started"
    assert written >= 300
    assert ask(again, "SELECT count(*) FROM line") in (written + 1, written + 2)
    again.release()


def test_server_that_died_under_its_users_can_be_revived(home):
    with Embedded(home, FAST) as server:
        assert not server.revive()
        victim = psutil.Process(server.postmaster())
        victim.kill()
        psutil.wait_procs([victim], timeout=5)
        assert server.revive()
        assert ask(server, "SELECT 1") == 1
        assert not server.revive()


def test_pid_file_that_names_a_foreign_process_does_not_stop_the_start(home):
    with Embedded(home, FAST) as server:
        pid_file = (server.data / "postmaster.pid").read_text()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        (server.data / "postmaster.pid").write_text(pid_file.replace(pid_file.split("\n")[0], str(bystander.pid), 1))
        with Embedded(home, FAST) as again:
            assert again.how == "started"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_folder_too_deep_for_a_socket_still_works(home):
    deep = home / ("a folder with spaces and 'quotes' " * 3) / ("deep" * 20)
    assert len(str(socket_folder(deep))) < 90
    with Embedded(deep, FAST) as server:
        assert ask(server, "SELECT 1") == 1
    shutil.rmtree(server.socket)


def test_socket_is_closed_to_other_users(home):
    with Embedded(home, FAST) as server:
        assert server.socket.stat().st_mode & 0o077 == 0
        assert ask(server, "SHOW listen_addresses") == ""


def test_a_large_machine_keeps_more_pages_at_hand_and_a_small_one_enough():
    assert [buffers(gb * 10**9) for gb in (1, 8, 24, 512)] == ["128MB", "250MB", "750MB", "1024MB"]


def test_settings_given_reach_the_server(home):
    with Embedded(home, {**FAST, "max_connections": "17", "application_name": "it's here"}) as server:
        assert ask(server, "SHOW max_connections") == "17"


def test_killed_initdb_leaves_nothing_behind(home):
    (home / "pgdata.new").mkdir(parents=True)
    (home / "pgdata.new" / "half").write_text("of a cluster")
    with Embedded(home, FAST) as server:
        assert server.how == "initdb"
        assert not (server.data / "half").exists()


def test_data_of_another_version_is_refused_in_one_sentence(home):
    with Embedded(home, FAST) as server:
        pass
    (server.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(DatabaseError, match="was made by PostgreSQL 13 and this Kith brings 18"):
        server.start()


def test_reason_of_a_failed_start_is_the_servers_own(home, monkeypatch):
    monkeypatch.setattr("kith.kernel.database.embedded.START_PAUSE", 0.01)
    with pytest.raises(DatabaseError, match="cannot be started.*no_such_setting"):
        Embedded(home, {**FAST, "no_such_setting": "1"}).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_gets_a_server_that_runs_as_somebody_else_and_changes_no_foreign_folder(home):
    before = home.parent.parent.stat().st_mode
    with Embedded(home, FAST) as server:
        assert psutil.Process(server.postmaster()).uids().real != 0
    assert home.parent.parent.stat().st_mode == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_is_told_when_the_servers_user_cannot_reach_the_folder(home):
    home.parent.chmod(0o700)
    with pytest.raises(DatabaseError, match=f"cannot enter {home.parent}"):
        Embedded(home, FAST).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_programs_in_a_closed_environment_are_copied_beside_the_data(home, monkeypatch):
    from kith.kernel.database import binaries

    closed = home.parent / "closed"
    wheel = binaries.bundled().parents[1]
    shutil.copytree(wheel / "pginstall18", closed / wheel.name / "pginstall18", symlinks=True)
    shutil.copytree(wheel.parent / f"{wheel.name}.libs", closed / f"{wheel.name}.libs", symlinks=True)
    closed.chmod(0o700)
    with Embedded(home, FAST, bindir=closed / wheel.name / "pginstall18" / "bin") as server:
        assert server.bin.is_relative_to(home)
        assert ask(server, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not DEBIAN.exists(), reason="needs Debian's PostgreSQL 15")
def test_a_system_postgresql_can_be_used_instead(home):
    with Embedded(home, FAST, bindir=DEBIAN) as server:
        assert ask(server, "SHOW server_version").startswith("15")
        assert ask(server, "SELECT lower('ÉÀÖ')") == "éàö"
