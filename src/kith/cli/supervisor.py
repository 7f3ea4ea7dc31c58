"""Keeps the processes of `kith serve` alive: restarts one that dies, with growing pauses, and ends all in good order.

Each child reads its standard input from us. When we are killed the pipe closes, and the child ends itself (lifeline).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 1.0, 30.0, 60.0  # seconds
LOOK_EVERY = 3.0  # seconds
GRACE = 30.0  # seconds a child has to end before it is killed


@dataclass
class Child:
    """A process to keep alive. `pause` grows with every death that comes soon after a start."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the children in order.
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, start_new_session=True)
        self.started = time.monotonic()

    def tell(self) -> None:
        """Let a child that waits for it go on. One that has died meanwhile hears nothing."""
        assert self.process is not None and self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def died(self) -> int:
        """Note the death and when to start again; returns the exit code."""
        assert self.process is not None
        if time.monotonic() - self.started > HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        code = self.process.returncode
        with contextlib.suppress(ProcessLookupError):
            # What it started must not live on beside its successor: two web servers would share the port.
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None
        self.due = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        return code


class Supervisor:
    """Runs children until SIGTERM or SIGINT. Use as a context manager; leaving it ends them all."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the loop
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.close(self._reader)
        os.close(self._writer)

    def add(self, child: Child) -> Child:
        self.children.append(child)
        child.start()
        return child

    def wait(self, seconds: float) -> None:
        """Sleep until a signal comes, a child ends, or `seconds` are over."""
        if select.select([self._reader], [], [], max(0.0, seconds))[0]:
            os.read(self._reader, 4096)

    def run(self, look: Callable[[], None] | None = None) -> None:
        """Keep the children alive until we are told to stop; `look` is called every few seconds."""
        while not self.stopping:
            if look:
                look()
            now = time.monotonic()
            for child in self.children:
                if child.process is not None and not child.alive():
                    code = child.died()
                    print(
                        f"The {child.name} ended with {code}; starting it again in {child.due - now:.0f} s.",
                        file=sys.stderr,
                    )
                elif child.process is None and child.due <= now:
                    child.start()
            waiting = [child.due - now for child in self.children if child.process is None]
            self.wait(min([LOOK_EVERY, *waiting]))

    def end(self) -> None:
        """Ask all children to end, wait for them, and kill those that do not."""
        running = [child for child in self.children if child.alive()]
        for child in running:
            assert child.process is not None
            child.process.terminate()
        until = time.monotonic() + GRACE
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"The {child.name} did not end in {GRACE:.0f} s and was killed.", file=sys.stderr)
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()

    def _stop(self, *_: object) -> None:
        self.stopping = True


def hold_lifeline(end: Callable[[], None] | None = None) -> None:
    """In a child: end this process when the supervisor is gone, which closes our standard input."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        (end or (lambda: os.kill(os.getpid(), signal.SIGTERM)))()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
