"""Bodies that are no JSON, or too much of it: refused in the API's own shape."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from tests.api.conftest import Api

PATH = "/api/v1/records/retry/"


def post(holder: Api, body: bytes, kind: str = "application/json") -> tuple[int, str]:
    """Send a body as it is; returns status and code."""
    headers = {"Authorization": f"Bearer {holder.plain}"}
    answer = Client().generic("POST", PATH, body, content_type=kind, headers=headers)
    said = answer.json()
    assert set(said) == {"code", "detail", "remedy", "fields"}
    return answer.status_code, str(said["code"])


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b"\0",
        b'{"ids": [1',
        b'{"ids": "\xff"}',
        b'{"ids": NaN}',
        b'{"ids": 1e999}',
        b'{"ids": [' + b"9" * 5_000 + b"]}",
        b'{"object_sync": "\\ud800"}',
        b'{"object_sync": "\\u0000"}',
        b"[]",
        b"null",
        b'"text"',
        b"",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_nonsense_is_refused(body: bytes, ada: Api) -> None:
    assert post(ada, body) == (400, "invalid")


@pytest.mark.parametrize("charset", ["base64", "zlib", "nonsense"])
def test_a_charset_opens_no_way_around(charset: str, ada: Api) -> None:
    kind = f"application/json; charset={charset}"
    assert post(ada, b"{}", kind) == (400, "invalid")


def test_a_body_that_is_too_long_is_not_read(ada: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    body = b'{"object_sync": "%s"}' % (b"x" * 1_000)
    assert post(ada, body) == (413, "too_large")
