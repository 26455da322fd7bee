"""Who gets into the REST API: holders of working tokens, and nobody else in any other way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations.api.authentication import MOST_FAILURES, TokenThrottle
from integrations.models import ApiToken, Role
from integrations.services import tenants, tokens
from tests.api.conftest import Api, holder

WHOAMI = "/api/v1/token/"


def refused(answer: object) -> str:
    """Return the code of a refusal in the API's shape."""
    body = answer.json()  # type: ignore[attr-defined]
    assert set(body) == {"code", "detail", "remedy", "fields"}
    assert body["detail"]
    return str(body["code"])


def test_a_token_says_what_it_opens(ada: Api) -> None:
    narrow = holder(ada.tenant, ada.user, "runs:read")

    body = narrow.get("token/").json()

    assert body["organisation"] == "Acme"
    assert body["scopes"] == ["runs:read"]
    assert body["expires_at"].endswith("Z")
    assert narrow.plain not in str(body)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer hip_unknown", "Basic YTpi", "Token hip_x", "Bearer a b c"],
)
def test_without_a_working_token_everything_is_401(header: str | None, db: None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = Client().get(WHOAMI, headers=headers)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert refused(answer) == "not_authenticated"


def test_a_session_opens_nothing(ada: Api) -> None:
    browser = Client()
    browser.force_login(ada.user, backend="django.contrib.auth.backends.ModelBackend")

    assert browser.get(WHOAMI).status_code == 401


def test_an_expired_and_a_revoked_token_look_like_an_unknown_one(ada: Api, vic: Api) -> None:
    unknown = Client().get(WHOAMI, headers={"Authorization": "Bearer hip_unknown"}).json()
    ApiToken.objects.filter(created_by=ada.user).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    tokens.revoke(ApiToken.objects.get(created_by=vic.user), ada.user)

    for caller in (ada, vic):
        answer = caller.get("token/")
        assert answer.status_code == 401
        assert answer.json() == unknown


def test_a_token_whose_maker_left_is_refused(ada: Api, vic: Api) -> None:
    tenants.remove_member(ada.tenant, vic.user, by=ada.user)

    assert vic.get("token/").status_code == 401


def test_a_demoted_makers_token_reads_and_does_not_write(vic: Api) -> None:
    scopes = vic.get("token/").json()["scopes"]

    assert "runs:read" in scopes
    assert not [scope for scope in scopes if scope.endswith(":write")]
    answer = vic.post("runs/", {})
    assert answer.status_code == 403
    assert "runs:write" in answer.json()["detail"]


def test_a_promoted_makers_token_writes_again(ada: Api, vic: Api) -> None:
    tenants.set_role(ada.tenant, vic.user, Role.ADMIN, by=ada.user)

    assert vic.post("runs/", {}).status_code == 400


def test_guessing_is_slowed_down_for_its_address_only(ada: Api, settings: Settings) -> None:
    for _ in range(MOST_FAILURES):
        assert Client().get(WHOAMI, headers={"Authorization": "Bearer hip_x"}).status_code == 401

    answer = Client().get(WHOAMI, headers={"Authorization": "Bearer hip_x"})
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get(
        WHOAMI, headers={"Authorization": f"Bearer {ada.plain}"}
    )

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert refused(answer) == "throttled"
    assert elsewhere.status_code == 200


def test_a_token_that_calls_too_often_waits_and_another_does_not(
    ada: Api, bob: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenThrottle, "rate", "2/min", raising=False)

    codes = [ada.get("token/").status_code for _ in range(3)]

    assert codes == [200, 200, 429]
    assert refused(ada.get("token/")) == "throttled"
    assert bob.get("token/").status_code == 200


def test_an_unknown_address_is_a_404_in_the_same_shape(ada: Api) -> None:
    for path in ("nothing/", "runs", "runs/x/", ""):
        answer = ada.get(path)
        assert answer.status_code == 404, path
        assert refused(answer) == "not_found"


def test_a_wrong_method_is_a_405_in_the_same_shape(ada: Api) -> None:
    answer = ada.call("DELETE", "token/")

    assert answer.status_code == 405
    assert refused(answer) == "method_not_allowed"


def test_a_body_that_is_not_json_is_refused(ada: Api) -> None:
    headers = {"Authorization": f"Bearer {ada.plain}"}
    broken = Client().post("/api/v1/runs/", "{", content_type="application/json", headers=headers)
    form = Client().post("/api/v1/runs/", {"kind": "manual"}, headers=headers)

    assert (broken.status_code, refused(broken)) == (400, "invalid")
    assert (form.status_code, refused(form)) == (415, "unsupported_media_type")


def test_no_answer_is_kept_by_a_cache(ada: Api) -> None:
    assert ada.get("token/")["Cache-Control"] == "no-store"


def test_a_character_that_no_database_knows_is_refused(ada: Api) -> None:
    answer = ada.get("audit/?record=%00")

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"record"}


def test_a_person_of_two_organisations_has_a_token_for_each(ada: Api, bob: Api) -> None:
    tenants.set_role(bob.tenant, User.objects.get(username="ada"), Role.OWNER, by=bob.user)
    there = holder(bob.tenant, ada.user)

    assert ada.get("token/").json()["organisation"] == "Acme"
    assert there.get("token/").json()["organisation"] == "Bolt"
