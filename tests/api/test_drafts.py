"""Drafts over the REST API: read whole, written whole, by one editor at a time."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.engine.records import FieldType
from integrations.models import AuditEntry, Draft, ObjectSync, SyncState
from integrations.services import drafts
from tests.api.conftest import Api, holder
from tests.services.desk import Desk

BARE = {"field": "name", "operator": "empty"}


def address(desk: Desk, rest: str = "") -> str:
    return f"object-syncs/{desk.sync.pk}/draft/{rest}"


def rules(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.content
    return [(rule["hubspot"], rule["target"]) for rule in answer.json()["config"]["rules"]]


def test_the_draft_starts_from_the_spec(desk: Desk, owner: Api) -> None:
    answer = owner.get(address(desk))

    body = answer.json()
    assert rules(answer) == [("email", "mail"), ("name", "title")]
    assert (body["revision"], body["based_on"], body["edited_by"]) == (1, 0, "")
    assert body["config"]["filters"] == {"hubspot": {"groups": []}, "target": {"groups": []}}
    assert body["config"]["policies"]["create_in"] == ["hubspot", "target"]
    assert answer["ETag"] == '"1"'


def test_what_is_read_can_be_written_back_unchanged(desk: Desk, owner: Api) -> None:
    before = drafts.config_of(desk.draft)
    read = owner.get(address(desk)).json()

    answer = owner.put(address(desk), {"revision": 1, "config": read["config"]})

    assert answer.status_code == 200
    assert drafts.config_of(desk.draft) == before
    assert answer.json()["config"] == read["config"]


def test_everything_that_can_be_chosen_is_replaced(desk: Desk, owner: Api) -> None:
    config = owner.get(address(desk)).json()["config"]
    condition = {"field": "city", "operator": "any_of", "operands": ["Oslo", "Rome"]}
    config["rules"].append(
        {
            "hubspot": "city", "target": "town", "direction": "to_target", "overwrite": "if_empty",
            "transform": "affix", "arguments": {"prefix": "in "}, "clears": True,
            "conflict": "hubspot_wins",
        }
    )  # fmt: skip
    config["filters"]["hubspot"] = {"groups": [[condition]]}
    config["policies"] |= {"exit_rule": "unlink", "conflict": "target_wins", "create_in": []}

    answer = owner.put(address(desk), {"config": config}, **{"If-Match": '"1"'})

    assert answer.status_code == 200, answer.content
    made = drafts.config_of(desk.draft)
    city = made.rules[-1]
    assert (city.hubspot, city.target, city.label) == ("city", "town", "City")
    assert (city.direction, city.overwrite, city.conflict) == (
        "to_target",
        "if_empty",
        "hubspot_wins",
    )
    assert (city.transform, city.arguments) == ("affix", (("prefix", "in "),))
    assert made.filters[0][1].groups[0][0].operands == ("Oslo", "Rome")
    assert (made.exit_rule, made.conflict, made.create_in) == ("unlink", "target_wins", ())
    assert answer.json()["edited_by"] == "ada"
    assert AuditEntry.objects.filter(action="draft.saved", actor=desk.ada).exists()


def test_a_new_field_takes_its_type_and_its_care_from_the_system(desk: Desk, owner: Api) -> None:
    config = owner.get(address(desk)).json()["config"]
    for name in ("visits", "blood"):
        config["rules"].append({"hubspot": name, "target": f"new:{name}", "type": "boolean"})

    owner.put(address(desk), {"revision": 1, "config": config})

    visits, blood = drafts.config_of(desk.draft).rules[-2:]
    assert visits.type is FieldType.NUMBER
    assert blood.privacy == "health"


def test_what_the_systems_can_do_is_not_for_editing(desk: Desk, owner: Api) -> None:
    before = drafts.config_of(desk.draft)
    config = owner.get(address(desk)).json()["config"]
    config |= {"match_keys": [], "hubspot": {"can_create": False}, "breaker": {"max_share": 1}}

    assert owner.put(address(desk), {"revision": 1, "config": config}).status_code == 200
    assert drafts.config_of(desk.draft) == before


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}, {"If-Match": 'W/"1"'}])
def test_two_editors_do_not_undo_each_other(
    headers: dict[str, str], desk: Desk, owner: Api
) -> None:
    config = owner.get(address(desk)).json()["config"]
    body = {"config": config} if headers else {"config": config, "revision": 1}

    first = owner.put(address(desk), body, **headers)
    second = owner.put(address(desk), body, **headers)

    assert first.json()["revision"] == 2
    assert first["ETag"] == '"2"'
    assert second.status_code == 412
    assert second.json()["code"] == "draft_changed"


@pytest.mark.parametrize("header", [None, "", "*", '"x"', '"' + "9" * 30 + '"'])
def test_whoever_writes_says_what_they_read(header: str | None, desk: Desk, owner: Api) -> None:
    config = owner.get(address(desk)).json()["config"]
    headers = {} if header is None else {"If-Match": header}

    answer = owner.put(address(desk), {"config": config}, **headers)

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"revision"}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"rules": []}, "email"),
        ({"rules": [{"hubspot": "email"}]}, "config.rules.0.target"),
        ({"rules": "x"}, "config.rules"),
        ({"rules": [{"hubspot": "email", "target": "mail"}] * 2}, "email"),
        ({"rules": [{"hubspot": "shoe", "target": "mail"}]}, "shoe"),
        (
            {"rules": [{"hubspot": "email", "target": "mail", "transform": "magic"}]},
            "config.rules.0.transform",
        ),
        (
            {"rules": [{"hubspot": "email", "target": "mail", "direction": "up"}]},
            "config.rules.0.direction",
        ),
        ({"policies": {"exit_rule": "burn"}}, "config.policies.exit_rule"),
        ({"filters": {"hubspot": {"groups": [[]]}}}, "config.filters.hubspot.groups.0"),
        (
            {"filters": {"hubspot": {"groups": [[{"field": "city", "operator": "like"}]]}}},
            "config.filters.hubspot.groups.0.0.operator",
        ),
        (
            {"filters": {"hubspot": {"groups": [[BARE] * 50, [BARE]]}}},
            "config.filters.hubspot.groups",
        ),
        (
            {
                "filters": {
                    "hubspot": {"groups": [[{"field": "city", "operator": "empty"}]]},
                    "target": {"groups": []},
                }
            },
            "city",
        ),
    ],
)
def test_what_makes_no_sense_is_named(
    change: dict[str, Any], wrong: str, desk: Desk, owner: Api
) -> None:
    config = owner.get(address(desk)).json()["config"] | change

    answer = owner.put(address(desk), {"revision": 1, "config": config})

    assert answer.status_code == 400, answer.content
    assert wrong in answer.json()["fields"]
    assert desk.draft.revision == 1


@pytest.mark.parametrize("key", ["\0", "a\0b", "\ud800", "x" * 501])
def test_a_value_list_takes_no_entry_that_cannot_be_stored(
    key: str, desk: Desk, owner: Api
) -> None:
    config = owner.get(address(desk)).json()["config"]
    config["rules"][1] |= {"transform": "value_map", "arguments": {key: "x"}}

    answer = owner.put(address(desk), {"revision": 1, "config": config})

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"config.rules.1.arguments"}
    assert desk.draft.revision == 1


def test_fields_are_selected_with_the_rule_that_suits_them(desk: Desk, owner: Api) -> None:
    body = {"revision": 1, "fields": ["email", "city", "tier"]}

    answer = owner.post(address(desk, "selection/"), body)

    assert rules(answer) == [("email", "mail"), ("city", "town"), ("tier", "new:tier")]


def test_a_locked_field_cannot_be_deselected(desk: Desk, owner: Api) -> None:
    answer = owner.post(address(desk, "selection/"), {"revision": 1, "fields": ["name"]})

    assert answer.status_code == 400
    assert "always synced" in answer.json()["fields"]["email"]


def test_a_filter_is_read_and_replaced_alone(desk: Desk, owner: Api) -> None:
    condition = {"field": "title", "operator": "contains", "operands": ["a"]}
    body = {"revision": 1, "groups": [[condition], [{"field": "mail", "operator": "not_empty"}]]}

    put = owner.put(address(desk, "filters/target/"), body)
    read = owner.get(address(desk, "filters/target/"))

    assert put.status_code == 200, put.content
    assert read.json() == put.json()
    assert read.json()["revision"] == 2
    assert read.json()["groups"][0] == [condition | {"name": "Name"}]
    assert owner.get(address(desk, "filters/hubspot/")).json()["groups"] == []
    assert owner.get(address(desk, "filters/left/")).status_code == 404


def test_a_field_that_a_filter_uses_stays_selected(desk: Desk, owner: Api) -> None:
    body = {"revision": 1, "groups": [[{"field": "name", "operator": "not_empty"}]]}
    owner.put(address(desk, "filters/hubspot/"), body)

    answer = owner.post(address(desk, "selection/"), {"revision": 2, "fields": ["email"]})

    assert answer.status_code == 400
    assert "Remove that condition first" in answer.json()["detail"]


def test_a_draft_is_thrown_away(desk: Desk, owner: Api) -> None:
    owner.post(address(desk, "selection/"), {"revision": 1, "fields": ["email"]})

    assert owner.call("DELETE", address(desk)).status_code == 204
    assert not Draft.objects.exists()
    assert rules(owner.get(address(desk))) == [("email", "mail"), ("name", "title")]


def test_a_mapping_that_is_fixed_says_so(ada: Api, sync: ObjectSync) -> None:
    answer = ada.get(f"object-syncs/{sync.pk}/draft/")

    assert answer.status_code == 409
    assert "fixed" in answer.json()["detail"]


def test_before_anything_is_published_there_is_no_configuration(desk: Desk, owner: Api) -> None:
    assert owner.get(f"object-syncs/{desk.sync.pk}/config/").status_code == 409
    desk.publish()
    body = owner.get(f"object-syncs/{desk.sync.pk}/config/").json()
    assert body["version"] == 1
    assert body["config"]["rules"][0]["hubspot"] == "email"


def test_what_was_uninstalled_is_not_edited(desk: Desk, owner: Api) -> None:
    ObjectSync.objects.update(state=SyncState.UNINSTALLED)

    assert owner.get(address(desk)).status_code == 409


def test_a_viewer_and_a_stranger_change_nothing(desk: Desk, owner: Api, stranger: Api) -> None:
    body = {"revision": 1, "fields": ["email"]}
    narrow = holder(desk.acme, desk.ada, "mappings:read")

    assert narrow.get(address(desk)).status_code == 200
    assert narrow.post(address(desk, "selection/"), body).status_code == 403
    assert stranger.get(address(desk)).status_code == 404
    assert stranger.post(address(desk, "selection/"), body).status_code == 404
    assert desk.draft.revision == 1
