"""Calls to addresses that people typed in: public hosts only, no redirects, a hard end.

The host is resolved here and exactly that address is called, so that no name can lead a call into
our own network between a check and its use. Knows nothing of deliveries.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from integrations.engine.errors import Unavailable

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
WHOLE_SECONDS: Final = 20.0
"""A host that answers drop by drop is hung up on after so long."""
LONGEST: Final = 500
Place = tuple[socket.AddressFamily, str]


class AddressRefused(Exception):
    """The address may not be called; the message is a sentence for the person who typed it."""


def check(url: str) -> None:
    """Raise AddressRefused unless the address is complete, encrypted and leads to public hosts.

    Plain http is for this machine only, and only where ENDPOINTS_PRIVATE allows such hosts.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused(_("Enter a complete address that starts with https://."))
    if "@" in parts.netloc or parts.fragment:
        raise AddressRefused(_("Leave user names, passwords and # out of the address."))
    _places(parts)
    if parts.scheme == "http" and not _is_own_machine(parts.hostname):
        raise AddressRefused(_("The address must start with https://."))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a body; returns once the host has answered 2xx, without reading its answer.

    Raises Unavailable with the kind of failure (never the path, the body or the answer), or
    AddressRefused when the name leads to a host that may not be called now.
    """
    parts = _split(url)
    if parts is None or not parts.hostname:
        raise AddressRefused(_("The address is not complete."))
    places = _places(parts)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        status = _status(parts, places, path, body, headers)
    except ssl.SSLError:
        failure = "its certificate or encryption is not accepted"
    except TimeoutError:
        failure = "it did not answer in time"
    except (OSError, http.client.HTTPException, ValueError) as error:
        failure = f"it cannot be reached or breaks off ({type(error).__name__})"
    else:
        if 200 <= status < 300:
            return
        failure = f"it answered HTTP {status}"
    raise Unavailable(f"{parts.hostname}: {failure}")


def _status(
    parts: SplitResult, places: Sequence[Place], path: str, body: bytes, headers: Mapping[str, str]
) -> int:
    host = parts.hostname or ""
    line = http.client.HTTPConnection(host, _port(parts), timeout=READ_SECONDS)
    with _connected(places, _port(parts)) as raw, closing(line):
        raw.settimeout(READ_SECONDS)
        line.sock = raw
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
            line.sock = context.wrap_socket(raw, server_hostname=host)
        line.request("POST", path, body, {"Host": parts.netloc, **headers})
        return line.getresponse().status


@contextmanager
def _connected(places: Sequence[Place], port: int) -> Iterator[socket.socket]:
    """Open a connection that a timer hangs up, whatever the host does."""
    # Encryption takes over the socket: the timer needs a handle of its own.
    with _opened(places, port) as raw, raw.dup() as handle:
        timer = threading.Timer(WHOLE_SECONDS, _hang_up, [handle])
        timer.daemon = True
        timer.start()
        try:
            yield raw
        finally:
            timer.cancel()


def _opened(places: Sequence[Place], port: int) -> socket.socket:
    """Connect to the first address that lets us in: a host may have one we have no way to."""
    for number, (family, address) in enumerate(places, start=1):
        raw = socket.socket(family, socket.SOCK_STREAM)
        try:
            raw.settimeout(CONNECT_SECONDS)
            raw.connect((address, port))
        except OSError:
            raw.close()
            if number == len(places):
                raise
        else:
            return raw
    raise ConnectionError  # a resolved host has an address


def _hang_up(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended meanwhile


def _places(parts: SplitResult) -> list[Place]:
    """Resolve a host and return where to call, one address of each family.

    Every address it has must be allowed.
    """
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(_("There is no host called %(host)s.") % {"host": host}) from None
    places: list[Place] = [
        (family, str(address[0])) for family, _type, _proto, _name, address in found
    ]
    if not places or not all(may_call(address) for _family, address in places):
        raise AddressRefused(
            _("%(host)s is not a public host: only those can be called.") % {"host": host}
        )
    firsts: dict[socket.AddressFamily, Place] = {}
    for place in places:
        firsts.setdefault(place[0], place)
    return list(firsts.values())


def may_call(address: str) -> bool:
    """Tell whether an IP address is a public one, or private ones are allowed here."""
    if settings.ENDPOINTS_PRIVATE:
        return True
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return may_call(str(found.ipv4_mapped))
        # Whatever else holds an IPv4 address, or has not been given out, is nobody's host.
        if found not in _GIVEN_OUT or found.sixtofour is not None or found.teredo is not None:
            return False
    is_inside = any(found in network for network in _INSIDE)
    return found.is_global and not found.is_multicast and not is_inside


_GIVEN_OUT: Final = ipaddress.ip_network("2000::/3")
"""The IPv6 addresses that hosts have (IANA, IPv6 address space, read 2026-11-25)."""
_INSIDE: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
)
"""What counts as global but is not: Azure's and Oracle's own hosts, and what is set apart."""


def _is_own_machine(host: str) -> bool:
    return bool(settings.ENDPOINTS_PRIVATE) and host in ("localhost", "127.0.0.1", "::1")


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _split(url: str) -> SplitResult | None:
    """Take an address apart; None for one that is none, or that no header line can hold."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        return None
    return parts
