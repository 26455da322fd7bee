"""Runs the portal's processes side by side on one machine, for the demo and its check.

Standard library only. Production has a process manager of its own (see docker-compose.yml).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20.0
"""Seconds a process may take to start to answer, or to end after SIGTERM."""


@dataclass
class Child:
    """One process with a name for its log lines; `revive` starts it again when it dies."""

    name: str
    colour: int
    argv: list[str]
    revive: bool = False
    process: subprocess.Popen[str] | None = field(default=None, init=False)


class Supervisor:
    """Starts children, prints and keeps what they say, ends them in reverse order.

    Each child leads a session of its own: Ctrl-C reaches only the supervisor, which then sends
    SIGTERM to the main processes. A task queue that gets the signal as a whole group hangs.
    """

    def __init__(self, children: list[Child], env: Mapping[str, str], *, echo: bool) -> None:
        self.children = children
        self.env = env
        self.echo = echo
        self.colours = echo and sys.stdout.isatty()
        self.asked_to_end = threading.Event()

    def __enter__(self) -> Supervisor:
        """Listen for Ctrl-C and SIGTERM, then start everything."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        for child in self.children:
            self._start(child)
        return self

    def __exit__(self, *_: object) -> None:
        """End everything; nothing of it is left when this returns."""
        for child in reversed(self.children):
            if child.process and child.process.poll() is None:
                child.process.terminate()
        for child in reversed(self.children):
            self._reap(child)

    def watch(self, driver: subprocess.Popen[bytes] | None = None) -> int:
        """Wait until asked to end (0), until a child that is not revived dies (1), or for driver.

        The driver is a process that uses the children; its own exit code is the answer then.
        """
        while not self.asked_to_end.wait(0.3):
            if driver and driver.poll() is not None:
                return driver.returncode
            if not self.revive():
                return 1
        return 0

    def revive(self) -> bool:
        """Start dead children again; False when one died that is not revived."""
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            print(f"{child.name} ended with exit code {child.process.returncode}.", flush=True)
            self._reap(child)
            if not child.revive:
                return False
            print(f"Starting {child.name} again.", flush=True)
            self._start(child)
        return True

    def wait_for(self, *addresses: str) -> bool:
        """Wait until something listens at every address; False when it does not come up."""
        until = time.monotonic() + PATIENCE
        for address in addresses:
            while not _listens(address):
                if self.asked_to_end.wait(0.1) or time.monotonic() > until or self._any_dead():
                    return False
        return True

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_end.set()

    def _any_dead(self) -> bool:
        return any(child.process and child.process.poll() is not None for child in self.children)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.argv,
            cwd=ROOT,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        if child.process.stdout:
            arguments = (child, child.process.stdout)
            threading.Thread(target=self._follow, args=arguments, daemon=True).start()

    def _follow(self, child: Child, lines: IO[str]) -> None:
        log = Path(self.env["PORTAL_VAR"]) / "log" / f"{child.name}.log"
        prefix = f"{child.name:<8}| "
        if self.colours:
            prefix = f"\x1b[{child.colour}m{prefix}\x1b[0m"
        with log.open("a") as kept:
            for line in lines:
                kept.write(line)
                kept.flush()
                if self.echo:
                    print(prefix + line, end="", flush=True)

    def _reap(self, child: Child) -> None:
        """Wait for a child, then kill what is left of its session: orphans go on taking tasks."""
        if child.process is None:
            return
        try:
            child.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"{child.name} did not end in {PATIENCE:.0f} s and was killed.", flush=True)
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def demo(env: Mapping[str, str]) -> int:
    """Run the demo until Ctrl-C. Returns an exit code."""
    taken = [env[name] for name in ("PUBLIC_URL", "HUBSPOT_API_URL") if _listens(env[name])]
    if taken:
        print(f"Something else answers at {taken[0]}: choose with --port and --sandbox-port.")
        return 1
    accounts = _prepare(env)
    if accounts is None:
        return 1
    with Supervisor(children(env), env, echo=True) as supervisor:
        if not supervisor.wait_for(env["PUBLIC_URL"], env["HUBSPOT_API_URL"]):
            return 0 if supervisor.asked_to_end.is_set() else 1
        print(
            f"\n{accounts}\nThe portal runs at {env['PUBLIC_URL']}. Ctrl-C ends it.\n", flush=True
        )
        code = supervisor.watch()
    print("Ended; `python3 dev.py demo` starts again on the same data.", flush=True)
    return code


def check(env: Mapping[str, str]) -> int:
    """Start everything, let manage.py demo_check drive it, end everything. Its exit code: 0, 1."""
    from portal.postgres import release

    try:
        return 1 if _prepare(env) is None else _driven(env)
    finally:
        release(_data(env))


def _driven(env: Mapping[str, str]) -> int:
    with Supervisor(children(env), env, echo=False) as supervisor:
        if not supervisor.wait_for(env["PUBLIC_URL"], env["HUBSPOT_API_URL"]):
            print("The portal or the sandbox did not come up.", flush=True)
            return 1
        with subprocess.Popen(_manage("demo_check"), cwd=ROOT, env=dict(env)) as driver:
            code = supervisor.watch(driver)
            driver.terminate()
        return 1 if code or supervisor.asked_to_end.is_set() else 0


def _prepare(env: Mapping[str, str]) -> str | None:
    """Bring up the database and fill it; returns what the demo command prints, None if it fails."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that exit handlers run
    if not env.get("DATABASE_URL"):
        from portal.postgres import embedded_url

        embedded_url(_data(env))  # stays up as long as this process
    for command in (_manage("migrate", "-v", "0"), _manage("demo")):
        done = subprocess.run(
            command, cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            print(f"{done.stdout}manage.py {command[2]} failed.", flush=True)
            return None
    return done.stdout


def children(env: Mapping[str, str]) -> list[Child]:
    """Return the portal's processes for an environment of `dev.py`."""
    web, sandbox = (urlsplit(env[name]).port for name in ("PUBLIC_URL", "HUBSPOT_API_URL"))
    serve = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{web}"]
    return [
        Child("sandbox", 33, _manage("sandbox", "--port", str(sandbox))),
        Child("web", 36, serve),
        Child("worker", 35, _manage("worker"), revive=True),
    ]


def _data(env: Mapping[str, str]) -> Path:
    return Path(env["PORTAL_VAR"]) / "postgres"


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def _listens(address: str) -> bool:
    url = urlsplit(address)
    try:
        socket.create_connection((url.hostname or "", url.port or 80), 1).close()
    except OSError:
        return False
    return True
