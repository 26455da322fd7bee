"""Support sees who made which key to the API, never the key or its digest."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import ApiToken
from integrations.services import tenants, tokens


@pytest.fixture
def token(db: None) -> tuple[ApiToken, str]:
    """Give a token of Acme with its plain text."""
    ada = User.objects.create_user("ada")
    return tokens.issue(tenants.create("Acme", owner=ada), ada, "Reports", ["runs:read"])


def test_no_page_shows_the_key_or_its_digest(token: tuple[ApiToken, str], support: Client) -> None:
    row, plain = token
    change = reverse("admin:integrations_apitoken_change", args=[row.pk])

    for address in (reverse("admin:integrations_apitoken_changelist"), change):
        page = support.get(address).content.decode()
        assert row.hint in page
        assert plain not in page
        assert row.digest not in page


@pytest.mark.parametrize("term", ["acme", "hint"])
def test_a_token_is_found_by_its_tenant_or_its_beginning(
    term: str, token: tuple[ApiToken, str], support: Client
) -> None:
    row, _plain = token
    asked = row.hint if term == "hint" else term

    page = support.get(reverse("admin:integrations_apitoken_changelist"), {"q": asked})

    assert list(page.context["cl"].result_list) == [row]
