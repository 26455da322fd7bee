"""The demo command: people and passwords made once, and only in the demo."""

from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path

import environ
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from pytest_django import Settings

import dev
from integrations.models import Membership, Role, Tenant
from integrations.services import demo, sandbox_demo, sandbox_firm, sandbox_vendor, sandbox_works

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_the_demo(settings: Settings, tmp_path: Path) -> None:
    settings.PORTAL_DEMO = True
    settings.VAR_DIR = tmp_path
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.HUBSPOT_API_URL = "http://127.0.0.1:8100/hubspot"
    settings.MAGENTRIX_API_URL = "http://127.0.0.1:8100/magentrix"


def furnished() -> str:
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def known(directory: Path) -> dict[str, str]:
    passwords: dict[str, str] = json.loads((directory / demo.FILE).read_text())
    return passwords


def test_it_prints_every_address_and_a_password_that_works(tmp_path: Path) -> None:
    said = furnished()
    for address in ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/admin/"):
        assert address in said
    assert "http://127.0.0.1:8100/ " in said
    assert "http://127.0.0.1:8100/app " in said
    assert sandbox_demo.RXNT_LOGIN["Password"] in said
    assert sandbox_firm.THENA_LOGIN["api_key"] in said
    assert "http://127.0.0.1:8100/magentrix " in said
    assert sandbox_vendor.MAGENTRIX_LOGIN["api_key"] in said
    assert sandbox_works.XENTRAL_TOKEN in said
    for name, password in known(tmp_path).items():
        assert password in said
        assert authenticate(RequestFactory().post("/"), username=name, password=password)


def test_starting_again_changes_nothing() -> None:
    first = furnished()
    assert furnished() == first
    assert Tenant.objects.count() == len(demo.OWNERS)
    assert User.objects.count() == len(demo.OWNERS) + 1


def test_each_organisation_has_its_owner_and_support_belongs_to_none() -> None:
    furnished()
    members = Membership.objects.select_related("user", "tenant")
    assert {(m.user.username, m.tenant.name, m.role) for m in members} == {
        (demo.ADMIN, demo.TENANT, Role.OWNER),
        (demo.FIRM_ADMIN, demo.FIRM, Role.OWNER),
        (demo.VENDOR_ADMIN, demo.VENDOR, Role.OWNER),
        (demo.WORKS_ADMIN, demo.WORKS, Role.OWNER),
    }


def test_a_demo_from_before_gets_the_new_people_and_keeps_the_others(tmp_path: Path) -> None:
    old = {demo.ADMIN: "amaras-own", demo.SUPPORT: "sams-own"}
    (tmp_path / demo.FILE).write_text(json.dumps(old))
    furnished()
    now = known(tmp_path)
    assert now.keys() == {*old, *(owner for _tenant, owner, _zone in demo.OWNERS)}
    assert old.items() <= now.items()


def test_support_may_look_at_everything_and_replay_events_but_change_nothing_else() -> None:
    furnished()
    support = User.objects.get(username=demo.SUPPORT)
    assert support.is_staff
    assert not support.is_superuser
    assert support.has_perm("integrations.view_auditentry")
    changes = {name for name in support.get_all_permissions() if ".view_" not in name}
    assert changes == {f"integrations.{demo.REPLAY}"}


def test_passwords_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    furnished()
    assert stat.S_IMODE((tmp_path / demo.FILE).stat().st_mode) == 0o600


def test_a_changed_password_is_set_back_to_the_printed_one(tmp_path: Path) -> None:
    furnished()
    user = User.objects.get(username=demo.ADMIN)
    user.set_password("forgotten")
    user.save()
    furnished()
    user.refresh_from_db()
    assert user.check_password(known(tmp_path)[demo.ADMIN])


@pytest.mark.parametrize("command", ["demo", "demo_check"])
def test_outside_the_demo_nothing_happens(command: str, settings: Settings) -> None:
    settings.PORTAL_DEMO = False
    with pytest.raises(CommandError, match="only .* the demo"):
        call_command(command)
    assert not User.objects.exists()


def test_mails_of_the_demo_go_to_its_own_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = tmp_path / "a place" / "var"
    made = dev.demo_environment(where)
    monkeypatch.setenv("EMAIL_URL", made["EMAIL_URL"])
    assert environ.Env().email_url("EMAIL_URL")["EMAIL_FILE_PATH"] == str(where / "mail")
