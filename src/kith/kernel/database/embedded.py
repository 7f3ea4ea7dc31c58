"""A PostgreSQL server of our own, run from binaries that a wheel brings, shared by every Kith process of one folder.

The kernel's file locks count the users: a killed process drops its lock by itself, so there are no lists of process ids
to go stale. "Running" always means that a connection succeeded and named our folder. Imports no Django.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

import psutil
import psycopg
from psycopg import sql

from kith.kernel.database import binaries

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "lc_messages": "C",
}
PART, LEAST, MOST = 32, 128, 1024  # of the machine's memory; in MB


def buffers(memory: int) -> str:
    """The pages a server keeps at hand on a machine with so many bytes of memory. What is not among them is copied from
    the system's cache each time it is read: a third of what the day of a team of a hundred cost."""
    return f"{min(max(memory // PART // 1_000_000, LEAST), MOST)}MB"


# For tests: nothing needs to survive a crash of the machine.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LONGEST = 100  # the kernel's limit is 107 bytes on Linux, 103 on macOS
START_TRIES, START_PAUSE = 20, 0.5
LOG_LARGEST = 10 * 2**20


class DatabaseError(Exception):
    """The embedded server cannot be used; the message is a sentence that says why and what to do."""


def socket_folder(home: Path) -> Path:
    """Where the server of `home` listens: inside it, or in the temp folder when that path is too long for a socket."""
    home = Path(home).resolve()
    inside = home / "s"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_LONGEST:
        return inside
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()).resolve() / f"kith-{os.geteuid()}-{mark}"


class Embedded:
    """The server whose cluster lies in `home`. `settings` are added to the command line as `-c key=value`.

    `start()` starts or joins it; `release()` leaves it and stops it when nobody else is using it.
    """

    def __init__(self, home: Path | str, settings: Mapping[str, str] | None = None, bindir: Path | str | None = None):
        self.home = Path(home).resolve()
        self.data = self.home / "pgdata"
        self.socket = socket_folder(self.home)
        self.settings = {"shared_buffers": buffers(psutil.virtual_memory().total), **SETTINGS, **(settings or {})}
        self.account = binaries.server_account()
        self.bin = Path(bindir) if bindir else binaries.bundled()
        self.how = ""
        self._users: IO[str] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.release()

    def conninfo(self, database: str = "postgres") -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.socket), port="5432", user="kith", dbname=database)

    def start(self) -> Self:
        """Start the server or join the running one; `how` then says initdb, started or attached. Safe to race."""
        if self._users:
            return self
        self._make_home()
        users = open(self.home / "users.lock", "a")  # noqa: SIM115 - held until release()
        try:
            with self._start_lock():
                fcntl.flock(users, fcntl.LOCK_SH)
                if self.account:
                    self.bin = binaries.executable_copy(self.bin, self.home / "server", self.account)
                self.how = "attached" if self.answers() else self._start()
        except BaseException:
            users.close()
            raise
        self._users = users
        return self

    def revive(self) -> bool:
        """Start the server again if it has died under us (killed, out of memory); True when that was needed."""
        pid = self.postmaster()
        if not self._users or (pid and self._is_our_server(pid)):
            return False
        with self._start_lock():
            if self.answers():
                return False
            self._start()
        return True

    def release(self) -> bool:
        """Leave the server; whoever is last stops it. True when this call stopped it."""
        if not self._users:
            return False
        with self._start_lock():
            last = self._nobody_else()
            if last:
                self.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop", timeout=70, check=False)
            self._users.close()
            self._users = None
        return last

    def answers(self) -> bool:
        """Whether a server answers on our socket and says that the data folder is ours."""
        try:
            with psycopg.connect(self.conninfo(), connect_timeout=3, autocommit=True) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and row[0] == str(self.data)
        except psycopg.OperationalError as error:
            return "too many clients" in str(error)  # it does answer

    def create_database(self, name: str) -> bool:
        """Make the database unless it is there; True when it was made."""
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return False  # another process made it between the two statements
            return True

    def postmaster(self) -> int | None:
        """The process id in the server's pid file, for tests and messages; never a proof that it runs."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def run(self, tool: str, *arguments: object, timeout: float = 120, check: bool = True) -> int:
        """Run one of PostgreSQL's programs as the server's user, its output in `pg_ctl.log`. Returns the exit code.

        In a session of its own, or Ctrl-C would reach the server; into a file, or our pipes would never close.
        """
        with open(self.home / "pg_ctl.log", "ab") as log:
            done = subprocess.run(
                [str(self.bin / tool), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=binaries.clean_environment(),
                start_new_session=True,
                timeout=timeout,
                check=check,
                **binaries.run_as(self.account),
            )
        return done.returncode

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o711)
        if not self.account:
            return
        self.home.chmod(self.home.stat().st_mode | 0o011)  # ours; the server's user passes through it
        if blocked := binaries.first_closed_folder(self.home, self.account):
            raise DatabaseError(
                f"The database server runs as the user {self.account.pw_name}, who cannot enter {blocked}: "
                "set KITH_DATA to a folder that others may pass through, such as /var/lib/kith."
            )

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        with open(self.home / "start.lock", "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _nobody_else(self) -> bool:
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self) -> str:
        """Make the cluster when there is none, then start it. Called under the start lock."""
        how = "started" if (self.data / "PG_VERSION").exists() else "initdb"
        try:
            self._own(self.socket)
            if how == "initdb":
                self._initialise()
            self._check_version()
            self._clear_stale_pid()
            self._start_server()
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseError(f"The database in {self.home} cannot be started: {self._last_words(error)}") from error
        return how

    def _initialise(self) -> None:
        """initdb into a folder beside the real one and rename, so that a killed initdb never leaves half a cluster."""
        draft = self.home / "pgdata.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft)
        locale = ["--locale=C.UTF-8"]
        if binaries.major(self.bin) >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        flags = ["-U", "kith", "--auth=trust", "-E", "UTF8", "--no-instructions", *locale]
        if self.settings.get("fsync") == "off":
            flags.append("--no-sync")
        # Trust is safe only because the socket's folder is open to one user; there is no TCP.
        self.run("initdb", "-D", draft, *flags)
        draft.rename(self.data)

    def _check_version(self) -> None:
        made_by, ours = int((self.data / "PG_VERSION").read_text()), binaries.major(self.bin)
        if made_by != ours:
            raise DatabaseError(
                f"The data in {self.data} was made by PostgreSQL {made_by} and this Kith brings {ours}: write a backup "
                "with the Kith that made it, then restore it into an empty data folder."
            )

    def _clear_stale_pid(self) -> None:
        """Remove a pid file whose process is gone, a zombie, or not a server of this folder (pids recur in containers)."""
        pid = self.postmaster()
        if pid is None or not self._is_our_server(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
                return False
            return str(self.data) in process.cmdline()
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True  # cannot tell, so leave it to PostgreSQL's own check

    def _start_server(self) -> None:
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > LOG_LARGEST:
            log.replace(log.with_suffix(".old"))
        given = {**self.settings, "unix_socket_directories": self.socket, "unix_socket_permissions": "0700"}
        options = " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in given.items())
        command = ["-D", self.data, "-l", log, "-w", "-t", "300", "-o", options, "start"]
        for left in reversed(range(START_TRIES)):
            # After a crash orphaned backends hold the old shared memory for a moment, so the first tries may fail.
            if self.run("pg_ctl", *command, timeout=330, check=left == 0) == 0 or self.answers():
                break
            time.sleep(START_PAUSE)
        if not self.answers():
            raise OSError("it was started but does not answer")

    def _own(self, folder: Path) -> None:
        """Make a folder that only the server's user may enter; refuse one that somebody else put there."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = self.account.pw_uid if self.account else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid not in (owner, os.geteuid()):
            raise DatabaseError(f"The folder {folder} belongs to somebody else: remove it and start again.")
        if self.account:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        folder.chmod(0o700)

    def _last_words(self, error: Exception) -> str:
        """The end of the server's log, which holds the reason (a full disk, a foreign file), else the error itself."""
        for log in (self.data / "server.log", self.home / "pg_ctl.log"):
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            if reasons := [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line or "error:" in line]:
                return f"{reasons[-1].strip()} (see {log})"
        return str(error)
