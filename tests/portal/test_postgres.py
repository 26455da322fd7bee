"""The embedded PostgreSQL: one server for all processes, gone with the last of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOLD = """
import pathlib, psycopg, sys
from portal.postgres import embedded_url
with psycopg.connect(embedded_url(pathlib.Path(sys.argv[1]))) as connection:
    print(connection.execute("SELECT pg_postmaster_start_time()").fetchone()[0], flush=True)
    print(connection.execute("SHOW fsync").fetchone()[0], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> list[str]:
    """Return the command of a process that joins the server until its input ends."""
    return [sys.executable, "-c", HOLD, str(tmp_path / "var" / "postgres")]


def start(command: list[str]) -> tuple[subprocess.Popen[str], list[str]]:
    """Start a holder; returns it with the server's start time and its fsync setting."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout
    return process, [process.stdout.readline().strip(), process.stdout.readline().strip()]


def test_two_processes_share_one_server_that_ends_with_the_last(
    holder: list[str], tmp_path: Path
) -> None:
    pid_file = tmp_path / "var" / "postgres" / "postmaster.pid"
    first, (began, fsync) = start(holder)
    second, (seen, _) = start(holder)
    assert began == seen
    assert fsync == "on"
    first.communicate()
    assert pid_file.exists()
    second.communicate()
    assert not pid_file.exists()
    assert [first.returncode, second.returncode] == [0, 0]


def test_a_killed_process_does_not_keep_the_server_up(holder: list[str], tmp_path: Path) -> None:
    killed, _ = start(holder)
    last, _ = start(holder)
    killed.kill()
    killed.communicate()
    last.communicate()
    assert not (tmp_path / "var" / "postgres" / "postmaster.pid").exists()


THREADS = """
import concurrent.futures, pathlib, sys
from portal.postgres import embedded_url
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    directory = pathlib.Path(sys.argv[1])
    print(len(set(pool.map(lambda _: embedded_url(directory), range(8)))))
"""


def test_threads_that_ask_at_the_same_moment_all_get_the_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADS, str(tmp_path / "var" / "postgres")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("1", 0), done.stderr


def test_the_server_ends_before_its_process_when_it_is_given_up(tmp_path: Path) -> None:
    data = tmp_path / "var" / "postgres"
    code = (
        "import pathlib, sys\n"
        "from portal.postgres import embedded_url, release\n"
        "data = pathlib.Path(sys.argv[1])\n"
        "embedded_url(data)\n"
        "print((data / 'postmaster.pid').exists())\n"
        "release(data)\n"
        "print((data / 'postmaster.pid').exists())\n"
        "release(data)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(data)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "False"]
