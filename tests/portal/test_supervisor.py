"""The supervisor with small stand-ins for the portal's processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from portal import supervisor
from portal.supervisor import Child, Supervisor

STAY = "import time; print('up', flush=True); time.sleep(600)"
LISTEN = "import socket, time; s = socket.create_server(('127.0.0.1', {})); time.sleep(600)"


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """Give pytest its signal handlers back."""
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def env(tmp_path: Path) -> Mapping[str, str]:
    (tmp_path / "log").mkdir()
    return {**os.environ, "PORTAL_VAR": str(tmp_path)}


def child(name: str, code: str, *, revive: bool = False) -> Child:
    return Child(name, 33, [sys.executable, "-c", code], revive)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails after half a minute."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def in_thread(action: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def test_sigterm_ends_every_child_and_counts_as_success(env: Mapping[str, str]) -> None:
    children = [child("web", STAY), child("worker", STAY)]
    with Supervisor(children, env, echo=False) as running:
        processes = [one.process for one in children if one.process]
        os.kill(os.getpid(), signal.SIGTERM)
        assert running.watch() == 0
    assert [process.returncode for process in processes] == [-signal.SIGTERM] * 2


def test_a_dead_web_process_ends_the_whole(
    env: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    worker = child("worker", STAY)
    with Supervisor([child("web", "raise SystemExit(3)"), worker], env, echo=False) as running:
        assert running.watch() == 1
    assert "web ended with exit code 3." in capsys.readouterr().out
    assert worker.process
    assert worker.process.returncode == -signal.SIGTERM


def test_a_killed_worker_is_started_again_and_that_is_said(
    env: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    worker = child("worker", STAY, revive=True)
    with Supervisor([worker], env, echo=False) as running:
        first = worker.process
        assert first

        def kill_and_end() -> None:
            first.kill()
            eventually(lambda: worker.process is not first)
            running.asked_to_end.set()

        helper = in_thread(kill_and_end)
        assert running.watch() == 0
        helper.join()
    said = capsys.readouterr().out
    assert "worker ended with exit code -9." in said
    assert "Starting worker again." in said


def test_orphans_of_a_killed_worker_do_not_live_on(env: Mapping[str, str], tmp_path: Path) -> None:
    code = (
        "import pathlib, subprocess, sys, time\n"
        "orphan = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(orphan.pid) + '.')\n"
        "time.sleep(600)"
    )
    parent = child("worker", code)
    with Supervisor([parent], env, echo=False) as running:
        note = tmp_path / "pid"
        eventually(lambda: note.exists() and note.read_text().endswith("."))
        assert parent.process
        parent.process.kill()
        assert running.watch() == 1
    orphan = int(note.read_text()[:-1])
    eventually(lambda: not alive(orphan))


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_what_children_say_is_kept_and_shown_with_their_name(
    env: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log" / "web.log"
    with Supervisor([child("web", STAY)], env, echo=True):
        eventually(lambda: log.exists() and log.read_text() == "up\n")
    assert "web     | up\n" in capsys.readouterr().out


def test_the_driver_decides_the_exit_code(env: Mapping[str, str]) -> None:
    with Supervisor([child("web", STAY)], env, echo=False) as running:
        for code in (0, 7):
            driver = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({code})"])
            assert running.watch(driver) == code


def test_it_waits_until_a_child_listens(env: Mapping[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Supervisor([child("web", LISTEN.format(port))], env, echo=False) as running:
        assert running.wait_for(f"http://127.0.0.1:{port}/path")


def test_it_stops_waiting_when_a_child_dies(env: Mapping[str, str]) -> None:
    with Supervisor([child("web", "raise SystemExit(1)")], env, echo=False) as running:
        assert not running.wait_for("http://127.0.0.1:9")


def test_the_demo_refuses_a_port_that_somebody_else_uses(
    env: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        here = f"http://127.0.0.1:{taken.getsockname()[1]}"
        addresses = {"PUBLIC_URL": here, "HUBSPOT_API_URL": f"{here}/hubspot"}
        assert supervisor.demo({**env, **addresses}) == 1
    assert f"Something else answers at {here}" in capsys.readouterr().out
