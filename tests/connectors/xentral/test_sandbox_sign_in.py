"""The stand-in's ways in: Digest, Bearer, rights, and which refusal has which number."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth

from integrations.connectors.sandbox_kit import SandboxAdapter, SandboxRequest, wsgi_app
from integrations.connectors.xentral.sandbox import DEMO_APP, DEMO_INIT_KEY, DEMO_TOKEN
from integrations.connectors.xentral.sandbox.sign_in import OPAQUE, REALM, expected
from tests.connectors.xentral.sandbox_rig import ADDRESSES, DEAL, RESUBMISSIONS, Desk

HOST = "https://mueller.xentral.example"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def digest(desk: Desk, app: str = DEMO_APP, key: str = DEMO_INIT_KEY) -> requests.Session:
    """Return a session that signs in as real clients do."""
    session = requests.Session()
    session.mount(HOST, SandboxAdapter(desk.sandbox))
    session.auth = HTTPDigestAuth(app, key)
    return session


def with_header(desk: Desk, value: str, path: str = RESUBMISSIONS) -> Any:
    headers = {"Authorization": value} if value else {}
    return desk.sandbox.handle(SandboxRequest.build("GET", path, headers=headers))


def header(desk: Desk, key: str = DEMO_INIT_KEY, **changed: str | None) -> str:
    """Return a correct Digest header for the list of resubmissions, then changed."""
    challenge = with_header(desk, "").headers["WWW-Authenticate"]
    nonce = challenge.partition('nonce="')[2].partition('"')[0]
    parts: dict[str, str | None] = {
        "username": DEMO_APP, "realm": REALM, "nonce": nonce, "uri": RESUBMISSIONS, "qop": "auth",
        "nc": "00000001", "cnonce": "c0ffee", "opaque": OPAQUE,
    }  # fmt: skip
    parts |= changed
    known = {name: value or "" for name, value in parts.items()}
    parts.setdefault("response", expected(known, key, "GET"))
    shown = [f'{name}="{value}"' for name, value in parts.items() if value is not None]
    return "Digest " + ", ".join(shown)


def code(answer: Any) -> int:
    assert answer.status == 401
    return int(answer.json()["error"]["code"])


def test_a_digest_client_reads_and_writes_with_umlauts_in_the_query(desk: Desk) -> None:
    session = digest(desk)
    made = session.post(f"{HOST}{RESUBMISSIONS}", json=DEAL)
    assert made.status_code == 201
    desk.person.create("addresses", name="Müller & Söhne")
    found = session.get(f"{HOST}{ADDRESSES}", params={"name_equals": "Müller & Söhne"})
    assert [row["name"] for row in found.json()["data"]] == ["Müller & Söhne"]


def test_a_digest_client_is_challenged_once_and_then_goes_on(desk: Desk) -> None:
    session = digest(desk)
    for _ in range(3):
        assert session.get(f"{HOST}{RESUBMISSIONS}").ok
    assert desk.sandbox.counters["GET", RESUBMISSIONS] == 4


def test_a_digest_holds_below_a_path_of_the_server(desk: Desk) -> None:
    given = header(desk, uri=f"/xentral{RESUBMISSIONS}")
    assert with_header(desk, given).status == 200


def test_the_served_stand_in_takes_the_header_too(desk: Desk) -> None:
    environ: Any = {
        "REQUEST_METHOD": "GET", "PATH_INFO": ADDRESSES, "wsgi.url_scheme": "http",
        "HTTP_AUTHORIZATION": f"Bearer {DEMO_TOKEN}",
    }  # fmt: skip
    seen: list[str] = []
    wsgi_app(desk.sandbox)(environ, lambda status, *_: seen.append(status))  # type: ignore[arg-type]
    assert seen == ["200 Sandbox"]


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"opaque": None}, 7412),
        ({"opaque": "other"}, 7412),
        ({"cnonce": None}, 7412),
        ({"username": ""}, 7418),
        ({"username": "Nobody"}, 7413),
        ({"nonce": "f00"}, 7416),
        ({"response": "0" * 32}, 7414),
        ({"uri": "/api/v1/gruppen"}, 7414),
        ({"uri": f"{RESUBMISSIONS}?page=2"}, 7414),
    ],
)
def test_each_fault_of_a_digest_has_its_number(desk: Desk, changed: Any, wanted: int) -> None:
    answer = with_header(desk, header(desk, **changed))
    assert code(answer) == wanted
    assert answer.headers["WWW-Authenticate"].startswith('Digest realm="Xentral-API", qop="auth"')


def test_a_wrong_key_and_a_closed_account_are_refused_alike(desk: Desk) -> None:
    assert code(with_header(desk, header(desk, key="wrong"))) == 7414
    desk.sandbox.instance.accounts[DEMO_APP].active = False
    assert code(with_header(desk, header(desk))) == 7414


def test_a_nonce_is_good_for_a_day_and_may_be_used_often(desk: Desk) -> None:
    given = header(desk)
    desk.wait(hours=24)
    assert [with_header(desk, given).status for _ in range(2)] == [200, 200]
    desk.wait(seconds=1)
    answer = with_header(desk, given)
    assert code(answer) == 7417
    assert answer.headers["WWW-Authenticate"].endswith("stale=true")
    desk.wait(hours=24)
    with_header(desk, "")
    assert code(with_header(desk, given)) == 7416


def test_without_a_log_in_or_with_another_kind_the_old_api_says_so(desk: Desk) -> None:
    assert code(with_header(desk, "")) == 7411
    assert code(with_header(desk, "Basic YTpi")) == 7419
    assert code(with_header(desk, "Bearer nonsense")) == 7414
    assert code(with_header(desk, "", "/api/v1/nothing")) == 7411
    assert with_header(desk, "", "/index.php").status == 404


def test_a_missing_permission_is_a_401_and_stays_one(desk: Desk) -> None:
    desk.sandbox.add_account("Reader", "key", ["list_resubmissions"])
    session = digest(desk, "Reader", "key")
    assert session.get(f"{HOST}{RESUBMISSIONS}").status_code == 200
    refused = session.post(f"{HOST}{RESUBMISSIONS}", json=DEAL)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, 7421)
    assert "create_resubmission" in refused.json()["error"]["message"]
    assert not desk.person.all("resubmissions")


def test_a_token_has_every_permission_of_the_old_api_until_it_ends(desk: Desk) -> None:
    desk.sandbox.add_token("short", scopes=[], expires=desk.now.timestamp() + 60)
    assert desk.ask("GET", RESUBMISSIONS, token="short").status == 200
    desk.wait(seconds=60)
    assert code(desk.ask("GET", RESUBMISSIONS, token="short")) == 7414
    desk.sandbox.revoke(DEMO_TOKEN, "fresh")
    assert code(desk.ask("GET", RESUBMISSIONS)) == 7414
    assert desk.ask("GET", RESUBMISSIONS, token="fresh").status == 200
    desk.sandbox.instance.tokens["fresh"].locked = True
    assert code(desk.ask("GET", RESUBMISSIONS, token="fresh")) == 7414


def test_an_old_version_takes_no_token(desk: Desk) -> None:
    desk.sandbox.change(tokens_on_old_api=False)
    assert code(desk.ask("GET", RESUBMISSIONS)) == 7419
    assert digest(desk).get(f"{HOST}{RESUBMISSIONS}").ok


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/api/v1/nothing", (404, 7431)),
        ("GET", "/somewhere", (404, 7431)),
        ("POST", "/api/AdresseVergessen", (404, 7433)),
        ("DELETE", f"{RESUBMISSIONS}/1", (405, 7432)),
        ("DELETE", "/api/v1/adressen/1", (405, 7432)),
        ("POST", ADDRESSES, (405, 7432)),
    ],
)
def test_an_unknown_route_and_a_wrong_method_have_numbers(
    desk: Desk, method: str, path: str, wanted: Any
) -> None:
    assert desk.error(method, path) == wanted


def test_a_wrong_method_is_told_the_right_ones(desk: Desk) -> None:
    answer = desk.ask("DELETE", f"{RESUBMISSIONS}/1")
    assert answer.headers["Allow"] == "GET, PUT"
    assert "GET, PUT" in answer.json()["error"]["message"]


def test_a_body_must_be_json_and_say_so(desk: Desk) -> None:
    def send(body: bytes, kind: str) -> Any:
        headers = {"Authorization": f"Bearer {DEMO_TOKEN}", "Content-Type": kind}
        asked = SandboxRequest.build("POST", RESUBMISSIONS, headers=headers, body=body)
        return desk.sandbox.handle(asked).json()["error"]["code"]

    assert send(b"{", "application/json") == send(b"[]", "application/json") == 7455
    assert send(b"<a/>", "application/xml") == 7456


def test_the_limit_is_counted_by_the_minute_and_says_nothing_of_its_end(desk: Desk) -> None:
    desk.sandbox.change(rate_limit=100)
    assert {desk.ask("GET", RESUBMISSIONS).status for _ in range(100)} == {200}
    over = desk.ask("GET", RESUBMISSIONS)
    assert (over.status, over.json()) == (429, {"message": "Too Many Requests"})
    assert "Retry-After" not in over.headers
    assert digest(desk).get(f"{HOST}{RESUBMISSIONS}").ok
    desk.wait(seconds=60)
    assert desk.ask("GET", RESUBMISSIONS).status == 200
