"""One command runs everything, keeps it running, and ends it in good order."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from kith.kernel.database.embedded import Embedded

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("server")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path="/accounts/login/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def start(surroundings, port, *more):
    process = subprocess.Popen(
        [sys.executable, "-m", "kith", "serve", "--port", str(port), "--workers", "1", *more],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Kith is at"):
            return process
    raise AssertionError("".join(said))


def child(process, word):
    """The child whose command line holds `word`."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for each in psutil.Process(process.pid).children():
            if each.is_running() and word in " ".join(each.cmdline()):
                return each
        time.sleep(0.05)
    raise AssertionError(f"no {word} is running")


def answers(port):
    try:
        return get(port) == 200
    except OSError:
        return False


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def end(process, number=signal.SIGTERM, within=40):
    process.send_signal(number)
    process.communicate(timeout=within)
    return process.returncode


def test_serve_makes_the_database_serves_runs_jobs_and_ends_cleanly(surroundings, data):
    port = free_port()
    process = start(surroundings, port)
    try:
        assert get(port) == 200
        for word in ("--supervised", "web_process"):
            victim = child(process, word)
            family = victim.children(recursive=True)
            victim.kill()
            victim.wait(5)
            assert child(process, word).pid != victim.pid, f"a killed {word} is started again"
            assert psutil.wait_procs(family, timeout=5)[1] == [], "what it had started ends with it"
        assert wait_for(lambda: answers(port))
        psutil.Process(Embedded(data / "database").postmaster()).kill()
        assert wait_for(lambda: answers(port)), "a killed database is started again"
    finally:
        code = end(process)
    assert code == 0
    assert not Embedded(data / "database").answers(), "the last one out stops the database"
    began = time.monotonic()
    process = start(surroundings, port, "--no-worker")
    try:
        assert get(port) == 200
        assert time.monotonic() - began < 15
    finally:
        assert end(process, signal.SIGINT) == 0


def test_killed_serve_leaves_no_process_behind_and_can_be_started_again(surroundings, own_database):
    port, surroundings = free_port(), {**surroundings, "DATABASE_URL": own_database}
    process = start(surroundings, port)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    gone, alive = psutil.wait_procs(children, timeout=40)
    assert alive == []
    again = start(surroundings, port)
    assert get(port) == 200
    assert end(again) == 0


def test_port_in_use_is_said_before_anything_is_started(surroundings):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = subprocess.run(
            [sys.executable, "-m", "kith", "serve", "--port", str(other.getsockname()[1])],
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "choose another with --port" in done.stderr


def test_database_that_is_behind_is_not_served(surroundings, own_database):
    import psycopg

    with psycopg.connect(own_database, autocommit=True) as connection:
        newest = "SELECT id FROM django_migrations WHERE app = 'jobs' ORDER BY name DESC LIMIT 1"
        connection.execute(f"DELETE FROM django_migrations WHERE id = ({newest})")  # noqa: S608 - a statement of our own
    done = subprocess.run(
        [sys.executable, "-m", "kith", "serve", "--port", str(free_port())],
        env={**surroundings, "DATABASE_URL": own_database},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "1 changes behind this version: run `kith migrate` first" in done.stderr
    assert os.path.exists(surroundings["KITH_DATA"])
