"""The API's description is whole and true; every address refuses strangers and missing scopes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from integrations.api.openapi import description
from integrations.api.v1.urls import urlpatterns
from integrations.connectors import REGISTRY
from integrations.engine.specs import JobSpec
from integrations.models import JobRun, ObjectSync, Preview, Review
from integrations.services import schedules
from integrations.services.tokens import Scope
from tests import factories
from tests.api.conftest import EVERY, Api, holder

HIDDEN = 2
"""The description itself, and the answer to unknown addresses."""
JOB = JobSpec("queue", "Queue", ("contacts",))
Operation = tuple[str, str, dict[str, Any]]


def operations() -> list[Operation]:
    """Return (method, path below /api/v1/, operation) of everything that is described."""
    return [
        (method.upper(), path.removeprefix("/api/v1/"), operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


def shown(value: object) -> str:
    """Name a case after its address."""
    return value if isinstance(value, str) else ""


def test_the_description_is_valid_and_nothing_in_it_is_guessed(db: None) -> None:
    body = Client().get("/api/v1/schema/").json()

    validate_schema(body)  # type: ignore[no-untyped-call]
    assert body["openapi"].startswith("3.0")
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_every_route_is_described() -> None:
    routes = [row for row in urlpatterns if isinstance(row, URLPattern)]

    assert len(description()["paths"]) == len(routes) - HIDDEN


def test_every_operation_says_what_it_does_needs_and_refuses() -> None:
    for method, path, operation in operations():
        assert operation["summary"], (method, path)
        assert operation["security"] == [{"token": []}]
        assert "default" in operation["responses"]
        assert (path == "token/") != bool(operation["x-scopes"])
        assert set(operation["x-scopes"]) <= set(EVERY)


def test_every_scope_opens_something_and_writes_need_write_scopes() -> None:
    used = {scope for _method, _path, operation in operations() for scope in operation["x-scopes"]}

    assert used == set(Scope)
    for method, path, operation in operations():
        writes = any(scope.endswith(":write") for scope in operation["x-scopes"])
        assert writes == (method != "GET"), (method, path)


@pytest.mark.parametrize(("method", "path", "operation"), operations(), ids=shown)
def test_without_its_scope_an_operation_is_forbidden(
    method: str, path: str, operation: dict[str, Any], ada: Api
) -> None:
    for needed in operation["x-scopes"]:
        rest = holder(ada.tenant, ada.user, *(scope for scope in EVERY if scope != needed))

        answer = rest.call(method, filled(path, {}), {} if method != "GET" else None)

        assert answer.status_code == 403
        assert needed in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "operation"), operations(), ids=shown)
def test_without_a_token_an_operation_is_refused(
    method: str, path: str, operation: dict[str, Any], db: None
) -> None:
    answer = Client().generic(method, f"/api/v1/{filled(path, {})}")

    assert answer.status_code == 401


@pytest.fixture
def with_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system of the object syncs here have a scheduled job."""
    entry = REGISTRY["rxnt"]
    spec = replace(entry.spec, jobs=(JOB,))
    monkeypatch.setitem(REGISTRY, "rxnt", replace(entry, spec=spec))


BODIES: dict[str, Any] = {
    "runs/": {"kind": "manual"},
    "records/retry/": {"reason": "rejected"},
    "previews/": {},
}
"""What else a body needs so that the object sync in it decides."""
QUERIES = {"records/why/": "&side=hubspot&record=901"}


@pytest.mark.usefixtures("with_a_job")
@pytest.mark.parametrize(("method", "path", "operation"), operations(), ids=shown)
def test_another_tenants_things_do_not_exist(
    method: str, path: str, operation: dict[str, Any], ada: Api, bob: Api, sync: ObjectSync
) -> None:
    ids = everything_of(sync)
    queried = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    if "{" not in path and "object_sync" not in queried and path not in BODIES:
        return
    address = filled(path, ids)
    if "object_sync" in queried:
        address += f"?object_sync={sync.pk}{QUERIES.get(path, '')}"
    body = {"object_sync": str(sync.pk), **BODIES.get(path, {})} if method != "GET" else None

    answer = bob.call(method, address, body)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    known = ada.call(method, address, body)
    assert known.status_code != 404, "the same address must exist for its owner"


def everything_of(sync: ObjectSync) -> dict[str, str]:
    """Make one of everything that has an address; returns the ids by first word of the path."""
    schedules.follow(sync)
    link = factories.record_link(sync, "901", state="failing", reason="rejected")
    run = JobRun.objects.create(tenant=sync.tenant, object_sync=sync, kind="manual", state="done")
    review = Review.objects.create(
        tenant=sync.tenant, object_sync=sync, link=link, reason="ambiguous",
        opened_at=timezone.now(),
    )  # fmt: skip
    preview = Preview.objects.create(
        tenant=sync.tenant, object_sync=sync, digest="d", config={}, revision=1
    )
    return {
        "integrations": str(sync.integration_id),
        "merges": str(factories.merge(sync).pk),
        "object-syncs": str(sync.pk),
        "previews": str(preview.pk),
        "records": str(link.pk),
        "reviews": str(review.pk),
        "runs": str(run.pk),
    }


NUMBERED = {"runs", "records", "reviews", "previews", "merges"}


def filled(path: str, ids: dict[str, str]) -> str:
    """Return an address with ids in its places; without one, an id of the right kind."""
    first = path.split("/")[0]
    unknown = "7" if first in NUMBERED else "00000000-0000-4000-8000-000000000000"
    named = path.replace("{number}", "1").replace("{side}", "hubspot").replace("{key}", JOB.key)
    return named.replace("{id}", ids.get(first, unknown))
