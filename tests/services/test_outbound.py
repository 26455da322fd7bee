"""Calls to addresses that people typed: none leads into our network, none lasts for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from integrations.engine.errors import Unavailable
from integrations.services import outbound
from integrations.services.outbound import AddressRefused
from tests.services.delivery_kit import Listener, listening


@pytest.fixture
def heard(settings: Settings) -> Iterator[Listener]:
    settings.ENDPOINTS_PRIVATE = True
    with listening() as listener:
        yield listener


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses."""

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port))
            for a in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  an address that must not be called
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "fec0::1",
        "3fff::1",
        "5f00::1",
        "ff0e::1",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "255.255.255.255",
    ],
)
def test_a_name_that_leads_inside_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, address)
    with pytest.raises(AddressRefused):
        outbound.check("https://hooks.acme.example/in")
    with pytest.raises(AddressRefused):
        outbound.post("https://hooks.acme.example/in", b"{}", {})


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(AddressRefused):
        outbound.check("https://hooks.acme.example/in")


def test_a_public_address_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "93.184.216.34", "2606:2800:220:1::1")
    outbound.check("https://hooks.acme.example:8443/in?key=1")


def test_exactly_the_checked_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        called.append(address)
        raise ConnectionRefusedError

    resolve_to(monkeypatch, "93.184.216.34")
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unavailable):
        outbound.post("https://hooks.acme.example/in", b"{}", {})
    assert called == [("93.184.216.34", 443)]


def test_a_host_that_is_closed_on_one_family_is_called_on_the_other(
    heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, "::1", "127.0.0.1")
    outbound.post(heard.url, b"{}", {})
    assert len(heard.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.acme.example",
        "ftp://hooks.acme.example",
        "https://",
        "https://user:pw@hooks.acme.example/",
        "https://@hooks.acme.example/",
        "https://hooks.acme.example\\@10.0.0.1/",
        "https://hooks.acme.example/#part",
        "https://hooks.acme.example:port/",
        "https://hooks.acme.example/a b",
        "https://hooks.acme.example/\r\nX-Evil: 1",
        "https://hooks.ácme.example/",
        "https://hooks.acme.example/" + "x" * 500,
        "http://hooks.acme.example/in",
        "https://[::1",
    ],
)
def test_an_address_that_is_none_is_refused_with_a_sentence(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, "93.184.216.34")
    with pytest.raises(AddressRefused, match=r"\."):
        outbound.check(url)


def test_a_name_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*arguments: Any, **options: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(AddressRefused, match=r"hooks\.acme\.example"):
        outbound.check("https://hooks.acme.example/in")


def test_this_machine_may_be_called_only_where_the_setting_says_so(
    heard: Listener, settings: Settings
) -> None:
    outbound.check(heard.url)
    outbound.post(heard.url, b"{}", {"Content-Type": "application/json"})
    assert len(heard.requests) == 1
    settings.ENDPOINTS_PRIVATE = False
    with pytest.raises(AddressRefused):
        outbound.post(heard.url, b"{}", {})
    assert len(heard.requests) == 1


def test_a_redirect_is_not_followed(heard: Listener) -> None:
    heard.status, heard.location = 307, heard.url
    with pytest.raises(Unavailable, match="HTTP 307"):
        outbound.post(heard.url, b"{}", {})
    assert len(heard.requests) == 1


def test_a_failure_names_neither_path_nor_query(heard: Listener) -> None:
    heard.status = 500
    with pytest.raises(Unavailable) as failure:
        outbound.post(heard.url, b"{}", {})
    assert "private" not in failure.value.detail


def test_a_host_that_does_not_answer_is_hung_up_on(
    heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.wait = threading.Event()
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.05)
    try:
        with pytest.raises(Unavailable, match="in time"):
            outbound.post(heard.url, b"{}", {})
    finally:
        heard.wait.set()


def test_a_host_that_answers_drop_by_drop_is_hung_up_on(
    heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.wait = threading.Event()
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.05)
    try:
        with pytest.raises(Unavailable):
            outbound.post(heard.url, b"{}", {})
    finally:
        heard.wait.set()


def test_a_closed_door_is_a_passing_failure(heard: Listener) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="cannot be reached"):
        outbound.post(f"http://127.0.0.1:{port}/", b"{}", {})


def test_a_host_without_encryption_is_a_passing_failure(heard: Listener) -> None:
    with pytest.raises(Unavailable, match="encryption"):
        outbound.post(heard.url.replace("http:", "https:"), b"{}", {})


def test_a_name_that_turned_inside_after_it_was_set_is_not_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "93.184.216.34")
    outbound.check("https://hooks.acme.example/in")
    resolve_to(monkeypatch, "169.254.169.254")
    with pytest.raises(AddressRefused):
        outbound.post("https://hooks.acme.example/in", b"{}", {})
