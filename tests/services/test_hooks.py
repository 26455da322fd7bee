"""The secret address of a connection: made once, kept by new credentials, renewed by a person."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import AccountInfo
from integrations.models import AuditEntry, Connection
from integrations.services import connections, hooks, logins, vault
from integrations.services.hooks import HookKind
from tests import factories
from tests.services import hook_kit
from tests.services.stage import Stage

pytestmark = pytest.mark.django_db
BASE = "https://portal.test/hooks/desk/"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Connection:
    hook_kit.mount(monkeypatch)
    return hook_kit.connect(stage.acme)


def secret_in(address: str) -> str:
    assert address.startswith(BASE)
    return address.removeprefix(BASE).split("/")[0]


def accept(connection: Connection, given: dict[str, str]) -> Connection:
    """Take new credentials for a connection, as after they were checked."""
    row = Connection.objects.get(pk=connection.pk)
    checked = logins.Checked(AccountInfo(row.account_id), given, None)
    connections._accept(row, checked)
    return row


def test_the_address_leads_to_its_connection(desk: Connection) -> None:
    address = hooks.address(desk)
    assert address.endswith("/events/")
    assert hooks.find("desk", secret_in(address)) == desk
    assert secret_in(hooks.address(desk, HookKind.INSTALLATIONS)) == secret_in(address)


def test_the_secret_is_long_and_stored_only_sealed(desk: Connection) -> None:
    secret = secret_in(hooks.address(desk))
    assert len(secret) >= 43
    assert secret not in str(Connection.objects.values().get(pk=desk.pk))


@pytest.mark.parametrize("system", ["rxnt", "nonsense"])
def test_the_address_of_one_system_does_not_work_for_another(system: str, desk: Connection) -> None:
    assert hooks.find(system, secret_in(hooks.address(desk))) is None


def test_new_credentials_keep_the_address_and_the_apps_token(desk: Connection) -> None:
    address = hooks.address(desk)
    vault.set_secrets(desk, vault.secrets_of(desk) | {"bot_token": "t"})
    desk.save()
    row = accept(desk, {"api_key": "new"})
    assert hooks.address(row) == address
    assert vault.secrets_of(row)["api_key"] == "new"
    assert vault.secrets_of(row)["bot_token"] == "t"


def test_a_system_without_hooks_gets_no_address(stage: Stage) -> None:
    target = stage.connect().target
    assert target is not None
    assert target.hook_digest is None
    with pytest.raises(ConfigInvalid):
        hooks.address(target)
    with pytest.raises(ConfigInvalid):
        hooks.renew(target, stage.ada)
    with pytest.raises(ConfigInvalid):
        hooks.manifest(target)


def test_a_renewed_address_ends_the_old_one_and_is_audited(desk: Connection, stage: Stage) -> None:
    old = hooks.address(desk)
    new = hooks.renew(desk, stage.ada)
    assert new != old
    assert hooks.find("desk", secret_in(old)) is None
    assert hooks.find("desk", secret_in(new)) == desk
    assert vault.secrets_of(desk)["api_key"] == hook_kit.KEY
    assert AuditEntry.objects.filter(action="hook.renewed", actor=stage.ada).count() == 1


def test_only_who_may_change_things_renews(desk: Connection, stage: Stage) -> None:
    for person in (stage.vic, stage.bob):
        with pytest.raises(PermissionDenied):
            hooks.renew(desk, person)


def test_the_manifest_carries_both_addresses(desk: Connection) -> None:
    manifest = hooks.manifest(desk)
    assert manifest["events"] == hooks.address(desk)
    assert str(manifest["installations"]).endswith("/installations/")


def test_two_connections_have_two_addresses(desk: Connection) -> None:
    other = hook_kit.connect(factories.tenant(), "ORG2")
    assert hooks.address(other) != hooks.address(desk)
