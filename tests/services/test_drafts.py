"""A draft starts from what is in force, is edited by one person at a time, and changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from integrations.engine.config import SideObject
from integrations.engine.edits import add_rule, set_policies, set_rule
from integrations.engine.errors import ConfigInvalid
from integrations.engine.mapping import ConflictPolicy, FieldRule, Overwrite, Privacy
from integrations.engine.selecting import select_fields
from integrations.models import AuditEntry, Draft, FieldSchema, ObjectSync, SyncState
from integrations.services import drafts, previews
from tests.services.desk import CONFIG, Desk


def test_the_first_draft_is_what_the_spec_starts_with(desk: Desk) -> None:
    draft = desk.draft
    assert drafts.config_of(draft) == CONFIG
    assert (draft.revision, draft.based_on) == (1, 0)
    assert desk.draft.pk == draft.pk
    assert desk.sync.state == SyncState.SETUP


def test_a_later_draft_starts_from_the_published_version(desk: Desk) -> None:
    desk.edit(lambda c, ground: select_fields(c, ["email", "name", "city"], ground))
    desk.publish()
    assert not Draft.objects.exists()
    assert [rule.hubspot for rule in drafts.config_of(desk.draft).rules] == [
        "email", "name", "city",
    ]  # fmt: skip
    assert desk.draft.based_on == 1


def test_a_fixed_mapping_has_no_draft(desk: Desk, object_sync: ObjectSync) -> None:
    with pytest.raises(ConfigInvalid):
        drafts.of(object_sync)


def test_saving_counts_revisions_and_tells_who(desk: Desk) -> None:
    draft = desk.edit(lambda c, _: set_policies(c, conflict=ConflictPolicy.HUBSPOT_WINS))
    assert (draft.revision, draft.edited_by) == (2, desk.ada)
    assert drafts.config_of(desk.draft).conflict is ConflictPolicy.HUBSPOT_WINS
    entry = AuditEntry.objects.get(action="draft.saved")
    assert (entry.actor_id, entry.object_sync_id) == (desk.ada.pk, desk.sync.pk)


def test_the_second_of_two_editors_is_told(desk: Desk) -> None:
    mine, theirs = desk.draft, desk.draft
    config = drafts.config_of(mine)
    drafts.save(theirs, set_policies(config, create_in=[]), desk.ada, 1)
    with pytest.raises(drafts.DraftChanged):
        drafts.save(mine, config, desk.ada, 1)
    assert drafts.config_of(desk.draft).create_in == ()


def test_a_draft_that_was_discarded_or_published_cannot_be_saved(desk: Desk) -> None:
    draft = desk.draft
    drafts.discard(draft, desk.ada)
    with pytest.raises(drafts.DraftChanged):
        drafts.save(draft, CONFIG, desk.ada, 1)
    assert AuditEntry.objects.filter(action="draft.discarded").count() == 1


def test_only_rules_filters_and_policies_are_saved(desk: Desk) -> None:
    desk.edit(lambda c, _: replace(c, target=SideObject("secrets"), match_keys=(), version=9))
    assert drafts.config_of(desk.draft) == CONFIG


def test_nobody_declares_a_sensitive_field_harmless(desk: Desk) -> None:
    for rule in (FieldRule("blood", "town", privacy=Privacy.PUBLIC), FieldRule("city", "title")):
        desk.edit(lambda c, _, rule=rule: add_rule(c, rule))  # type: ignore[misc]
    found = {rule.hubspot: rule.privacy for rule in drafts.config_of(desk.draft).rules}
    assert (found["blood"], found["city"]) == (Privacy.HEALTH, Privacy.PERSONAL)


def test_a_transform_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(ConfigInvalid):
        desk.edit(lambda c, _: add_rule(c, FieldRule("city", "town", transform="magic")))
    assert desk.draft.revision == 1


def test_problems_are_those_of_the_live_fields(desk: Desk) -> None:
    desk.edit(lambda c, _: add_rule(c, FieldRule("visits", "town")))
    (problem,) = drafts.problems(desk.draft)
    assert problem.where == "visits|town"
    with pytest.raises(drafts.DraftInvalid) as caught:
        previews.start(desk.sync, desk.ada)
    assert caught.value.problems == (problem,)
    del desk.hubspot.specs["visits"]
    assert drafts.problems(desk.draft)[0].sentence != ""
    (fresh,) = drafts.problems(desk.draft, fresh=True)
    assert fresh.code == "unknown_field"


def test_differences_are_told_in_words(desk: Desk) -> None:
    assert {d.label for d in drafts.differences(desk.draft)} == {"E-mail", "Name"}
    desk.publish()
    assert drafts.differences(desk.draft) == ()
    never = replace(CONFIG.rules[1], overwrite=Overwrite.NEVER)
    desk.edit(lambda c, ground: set_rule(c, ("name", "title"), never, ground))
    assert [d.label for d in drafts.differences(desk.draft)] == ["Name"]


def test_field_lists_are_asked_for_once_per_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.ground(desk.sync)
    del desk.target.specs["town"]
    assert "town" in drafts.ground(desk.sync).target
    assert FieldSchema.objects.count() == 2
    assert "town" not in drafts.ground(desk.sync, fresh=True).target
    assert "town" not in drafts.ground(desk.sync).target


def test_only_the_tenants_managers_edit(desk: Desk) -> None:
    draft = desk.draft
    for user in (desk.vic, desk.bob):
        with pytest.raises(PermissionDenied):
            drafts.save(draft, CONFIG, user, 1)
        with pytest.raises(PermissionDenied):
            drafts.discard(draft, user)
    assert desk.draft.revision == 1
