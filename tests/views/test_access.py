"""Every page of a tenant is closed to strangers, and every button to viewers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from integrations import urls
from integrations.models import Integration, JobRun, Review
from integrations.services import tokens
from tests import factories
from tests.services.stage import PORTAL, Stage
from tests.views.conftest import Enter

POST_ONLY = {
    "activation-check",
    "pause", "resume", "repair", "retry", "sync-now", "run-cancel", "run-approve",
    "token-revoke", "review-resolve", "object-sync", "object-pause", "object-resume",
    "job-period", "job-switch", "job-run", "hook-renew", "endpoint", "endpoint-change",
    "merge-decide", "merge-undo", "restore", "erased-there", "review-decide",
}  # fmt: skip
CHANGING = POST_ONLY | {
    "connect", "credentials", "reauthenticate", "settings", "activation", "disconnect", "tokens",
}  # fmt: skip


def names(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[str]:
    """Yield the name of every page below an address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield str(pattern.name)


PAGES = sorted({*names(urls.tenant)} - {*names(urls.setup)} - {*names(urls.joining)})
"""Without those of a draft and of tables: `test_setup_access.py`, `test_joining_access.py`."""


@pytest.fixture
def addresses(stage: Stage, joined: Integration) -> dict[str, str]:
    """Return the address of every page of Acme."""
    run = JobRun.objects.create(
        tenant=stage.acme,
        object_sync=joined.object_syncs.get(),
        kind="manual",
        state="running",
        started_at=timezone.now(),
    )
    held = Review.objects.create(
        tenant=stage.acme, object_sync=joined.object_syncs.get(), reason="merge_conflict",
        opened_at=timezone.now(),
    )  # fmt: skip
    token, _plain = tokens.issue(stage.acme, stage.ada, "Warehouse", ["runs:read"])
    merged = factories.merge(joined.object_syncs.get())
    numbers = {"run": run.pk, "review": held.pk, "merge": merged.pk}
    numbers |= {"erase": merged.kept_id, "erased": held.pk}
    return {name: address(name, joined, numbers, token.pk) for name in PAGES}


def address(name: str, joined: Integration, numbers: dict[str, int], token: UUID) -> str:
    """Fill in a page's address with Acme's rows."""
    assert joined.target is not None
    rows: dict[str, UUID | str] = {
        "reauthenticate": joined.target.pk,
        "credentials": joined.hubspot.pk,
        "token-revoke": token,
    }
    number = numbers.get(name.partition("-")[0], numbers["run"])
    slug, key = joined.tenant.slug, rows.get(name, joined.pk)
    system = "thena" if name == "connect-key" else "rxnt"
    whole = {"slug": slug, "pk": key, "system": system, "number": number, "key": "patients"}
    for taken in (
        ("slug",),
        ("slug", "pk"),
        ("slug", "system"),
        ("slug", "system", "pk"),
        ("slug", "pk", "number"),
        ("slug", "pk", "key"),
    ):
        try:
            return reverse(name, kwargs={key: whole[key] for key in taken})
        except Exception:  # noqa: BLE001, S112  the next shape is tried
            continue
    raise AssertionError(name)


def visit(client: Client, name: str, there: str) -> int:
    """Open a page, or press its button, and return the status."""
    answer = client.post(there) if name in POST_ONLY else client.get(there)
    return answer.status_code


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_nothing(
    name: str, stage: Stage, addresses: dict[str, str], enter: Enter
) -> None:
    assert visit(enter(stage.bob), name, addresses[name]) == 404


@pytest.mark.parametrize("name", PAGES)
def test_another_tenants_rows_are_not_found_below_ones_own_address(
    name: str, stage: Stage, addresses: dict[str, str], enter: Enter
) -> None:
    borrowed = addresses[name].replace(f"/t/{stage.acme.slug}/", f"/t/{stage.bolt.slug}/")

    status = visit(enter(stage.bob), name, borrowed)

    own = name in {"tenant", "audit", "connect", "connect-key", "tokens"}
    assert status == (200 if own else 404)


@pytest.mark.parametrize("name", PAGES)
def test_somebody_who_is_not_logged_in_is_asked_to(
    name: str, addresses: dict[str, str], client: Client
) -> None:
    press = client.post if name in POST_ONLY else client.get
    answer = press(addresses[name])

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("name", sorted(set(PAGES) - POST_ONLY - {"records-export"}))
def test_a_member_sees_every_page(
    name: str, stage: Stage, addresses: dict[str, str], enter: Enter
) -> None:
    answer = enter(stage.ada).get(addresses[name])

    assert answer.status_code == 200
    assert "Acme" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("query", [{"id": "9\0", "before": "²"}, {"id": "9", "reason": "\0"}])
@pytest.mark.parametrize("name", ["why", "audit", "records"])
def test_input_the_database_cannot_hold_is_refused(
    name: str, query: dict[str, str], addresses: dict[str, str], stage: Stage, enter: Enter
) -> None:
    assert enter(stage.ada).get(addresses[name], query).status_code == 400


@pytest.mark.parametrize("form", [{"id": "9\0", "side": "hubspot"}, {"group": "\0/x"}])
def test_posted_input_the_database_cannot_hold_is_refused(
    form: dict[str, str], addresses: dict[str, str], stage: Stage, enter: Enter
) -> None:
    assert enter(stage.ada).post(addresses["sync-now"], form).status_code == 400


@pytest.mark.parametrize("before", ["²", "x", "-1", "", "9" * 40])
def test_a_page_key_that_is_no_number_is_overlooked(
    before: str, addresses: dict[str, str], stage: Stage, enter: Enter
) -> None:
    assert enter(stage.ada).get(addresses["audit"], {"before": before}).status_code == 200


@pytest.mark.parametrize("name", sorted(set(PAGES) & CHANGING))
def test_a_viewer_may_press_nothing(
    name: str, stage: Stage, addresses: dict[str, str], enter: Enter
) -> None:
    assert enter(stage.vic).post(addresses[name]).status_code == 403


@pytest.mark.parametrize("name", sorted(set(PAGES) & POST_ONLY))
def test_a_button_is_no_link(
    name: str, stage: Stage, addresses: dict[str, str], enter: Enter
) -> None:
    assert enter(stage.ada).get(addresses[name]).status_code == 405


@pytest.mark.parametrize("name", ["status", "settings", "reauthenticate", "run", "tenant"])
def test_a_viewer_sees_no_button_that_changes_something(
    name: str, stage: Stage, addresses: dict[str, str], enter: Enter
) -> None:
    page = enter(stage.vic).get(addresses[name]).content.decode()

    main = page[page.index("<main") :]
    assert 'method="post"' not in main or "fieldset disabled" in main
    assert ">Disconnect…<" not in main
    assert "btn-primary" not in main


def test_the_way_in_shows_only_ones_own_tenants(stage: Stage, enter: Enter) -> None:
    stage.bolt.memberships.create(user=stage.vic, role="viewer")

    page = enter(stage.vic).get("/").content.decode()
    assert "Acme" in page
    assert "Bolt" in page
    assert enter(stage.bob).get("/").headers["Location"] == reverse("tenant", args=["bolt"])


def test_somebody_without_a_tenant_is_told_so(db: None, enter: Enter) -> None:
    nobody = User.objects.create_user("nobody")

    assert "do not belong" in enter(nobody).get("/").content.decode()


def test_tenants_see_only_their_own_history(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    own = enter(stage.ada).get(reverse("audit", args=["acme"])).content.decode()
    other = enter(stage.bob).get(reverse("audit", args=["bolt"])).content.decode()

    assert f"HubSpot {PORTAL}" in own
    assert str(PORTAL) not in other


def test_what_is_not_found_or_not_allowed_is_said_in_our_words(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    missing = enter(stage.bob).get(reverse("status", args=["acme", joined.pk]))
    refused = enter(stage.vic).post(reverse("pause", args=["acme", joined.pk]))

    assert "not a member of" in missing.content.decode()
    assert "Your role may look at this" in refused.content.decode()
