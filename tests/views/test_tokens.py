"""Making, showing once and revoking API tokens."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import ApiToken
from integrations.services import tokens
from tests.services.stage import Stage
from tests.views.conftest import Enter

GIVEN = {"name": "Warehouse", "scopes": ["runs:read"], "days": "90"}


@pytest.fixture
def there(stage: Stage) -> str:
    """Return the address of Acme's tokens."""
    return reverse("tokens", args=[stage.acme.slug])


def test_a_new_token_is_shown_on_the_answer_and_never_again(
    stage: Stage, there: str, enter: Enter
) -> None:
    ada = enter(stage.ada)

    page = ada.post(there, GIVEN)

    plain = page.context["plain"]
    assert tokens.check(plain) is not None
    assert plain in page.content.decode()
    assert plain not in ada.get(there).content.decode()
    assert page.headers["Cache-Control"].count("no-store")


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["all"]}, {"days": "4000"}]
)
def test_a_wrong_input_makes_no_token(
    wrong: dict[str, object], stage: Stage, there: str, enter: Enter
) -> None:
    page = enter(stage.ada).post(there, GIVEN | wrong)

    assert page.context["form"].errors.keys() == wrong.keys()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_opens_nothing(stage: Stage, there: str, enter: Enter) -> None:
    row, plain = tokens.issue(stage.acme, stage.ada, "Warehouse", ["runs:read"])

    page = enter(stage.ada).post(reverse("token-revoke", args=["acme", row.pk]), follow=True)

    assert tokens.check(plain) is None
    assert "Revoked" in page.content.decode()


def test_viewers_see_the_list_without_buttons(stage: Stage, there: str, enter: Enter) -> None:
    tokens.issue(stage.acme, stage.ada, "Warehouse", ["runs:read"])
    vic: Client = enter(stage.vic)

    page = vic.get(there).content.decode()

    assert "Warehouse" in page
    assert "Make a token" not in page
    assert vic.post(there, GIVEN).status_code == 403


def test_another_tenants_token_cannot_be_revoked(stage: Stage, enter: Enter) -> None:
    row, plain = tokens.issue(stage.acme, stage.ada, "Warehouse", ["runs:read"])
    bob = enter(stage.bob)

    assert bob.post(reverse("token-revoke", args=["bolt", row.pk])).status_code == 404
    assert bob.post(reverse("token-revoke", args=["acme", row.pk])).status_code == 404
    assert bob.get(reverse("tokens", args=["acme"])).status_code == 404
    assert tokens.check(plain) is not None
