"""The button that looks at every record of an integration."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from integrations.engine.mapping import FieldRule
from integrations.models import AuditEntry, Membership, ObjectSync, Role, RunKind, SyncState
from integrations.services import runs, syncs
from tests.services.twin_kit import CONFIG, TwinKit

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(twin: TwinKit) -> User:
    """Give the owner of the twins' organisation."""
    owner = User.objects.create_user("olga")
    Membership.objects.create(tenant=twin.sync.tenant, user=owner, role=Role.OWNER)
    return owner


def test_the_sync_button_opens_a_full_pass_per_object_parents_first(
    twin: TwinKit, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = twin.sync
    parent = ObjectSync.objects.create(
        tenant=child.tenant,
        integration=child.integration,
        key="companies",
        hubspot_object="companies",
        target_object="people",
        version=child.version,
    )
    pointing = replace(CONFIG, rules=(FieldRule("@companies", "ids", reference="companies"),))
    configs = {child.pk: pointing, parent.pk: CONFIG}
    monkeypatch.setattr(syncs, "config_of", lambda row: configs[row.pk])
    opened = runs.sync_all(child.integration, user)
    assert [run.object_sync for run in opened] == [parent, child]
    assert {run.kind for run in opened} == {RunKind.MANUAL}
    assert runs.sync_all(child, user) == [opened[1]], "it is open already"
    assert AuditEntry.objects.filter(action="run.opened", actor=user).count() == 2


def test_the_sync_button_leaves_out_what_rests_and_refuses_strangers(
    twin: TwinKit, user: User
) -> None:
    ObjectSync.objects.update(state=SyncState.PAUSED)
    assert runs.sync_all(twin.sync.integration, user) == []
    with pytest.raises(PermissionDenied):
        runs.sync_all(twin.sync, User.objects.create_user("stranger"))
