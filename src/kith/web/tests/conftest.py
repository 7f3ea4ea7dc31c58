"""A real server (granian, one process) on a free port, with the small site of these tests behind it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
import pytest


@dataclass
class Server:
    """A running server: `get` and `post` answer (status, body); `process` is granian's main one."""

    port: int
    process: subprocess.Popen
    database: str

    def sql(self, query, *values):
        """The first column of the first row."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, values or None).fetchone()[0]

    def connection(self, timeout=15):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=()):
        connection = self.connection()
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body, headers=()):
        return self.request("POST", path, body, headers)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def stop(self, within):
        """Send SIGTERM and return how many seconds the end took; fails when it takes longer than `within`."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(within)
        return time.monotonic() - began


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(port, process, seconds=40):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not come up")


@pytest.fixture(scope="module")
def database(django_db_setup, django_db_blocker):
    """The address of a database for the servers of one test file."""
    from kith.kernel.database.testing import another_database, database_address

    with django_db_blocker.unblock(), another_database("served") as name:
        yield database_address(name)


@pytest.fixture(scope="module")
def server(database):
    """One server for all tests of a file."""
    with started(database) as running:
        yield running


@pytest.fixture
def start_server(database):
    """start_server(NAME="value", …) starts one more server, for a test that ends it or needs another environment."""
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(started(database, **environment))


@contextmanager
def started(database, **more):
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "kith.web.tests.site",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **more,
    }
    command = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    process = subprocess.Popen(
        [sys.executable, *command, "--log-level", "warning", "kith.web.asgi:application"], env=environment
    )
    try:
        wait_until_up(port, process)
        yield Server(port, process, database)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
