"""Connections that end at once where a typed address leads inside: no name can turn on us later.

What may be called at all is said in `outbound`; which systems are called at typed addresses is in
`connectors`.
"""

from __future__ import annotations

import socket
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from integrations.services import outbound


class PublicOnly(HTTPAdapter):
    """Calls public hosts only, by the address that was connected to, before a byte is sent.

    Calls through a proxy of the environment are the proxy's to judge.
    """

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools whose connections look where they lead."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(self, super()._new_conn())


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(self, super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS: Final = {"http": _PlainPool, "https": _SecurePool}


def _checked(connection: HTTPConnection, raw: socket.socket) -> socket.socket:
    """Return a socket that leads to a public host; else it counts as one that never opened."""
    if outbound.may_call(str(raw.getpeername()[0])):
        return raw
    raw.close()
    raise NewConnectionError(connection, "The name leads to a host that may not be called.")
