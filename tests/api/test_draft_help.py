"""What helps with a draft over the REST API: fields, problems, differences, repairs, trying out."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.engine.filters import Operator
from integrations.engine.mapping import Privacy
from integrations.engine.specs import FieldSpec
from integrations.engine.transform_entries import TRANSFORM_ENTRIES
from integrations.services import schemas
from tests.api.conftest import Api
from tests.api.test_drafts import address, rules
from tests.services.desk import Desk


def test_problems_are_listed_with_their_places(desk: Desk, owner: Api) -> None:
    desk.hubspot.specs.pop("name")

    body = owner.get(address(desk, "problems/")).json()

    [problem] = [one for one in body["problems"] if one["severity"] == "error"]
    assert problem["where"] == "name|title"
    assert problem["code"] == "unknown_field"
    assert problem["sentence"]


def test_what_publishing_would_change_is_said_in_sentences(desk: Desk, owner: Api) -> None:
    desk.publish()
    owner.post(address(desk, "selection/"), {"revision": 1, "fields": ["email", "city", "name"]})

    body = owner.get(address(desk, "differences/")).json()

    assert [(one["what"], one["name"]) for one in body["differences"]] == [("field", "City")]


def test_a_changed_field_is_shown_and_its_repair_accepted(desk: Desk, owner: Api) -> None:
    desk.publish()
    desk.target.specs.pop("title")
    target = desk.sync.integration.target
    assert target is not None
    schemas.refresh(target, "people")

    [drift] = owner.get(f"object-syncs/{desk.sync.pk}/").json()["drift"]
    body = {"revision": owner.get(address(desk)).json()["revision"], "drift": drift["key"]}
    answer = owner.post(address(desk, "repair/"), body)

    assert (drift["kind"], drift["side"], drift["field"]) == ("vanished", "target", "title")
    assert drift["pauses"] == ["name|title"]
    assert (drift["stops_all"], drift["repairable"]) == (False, True)
    assert rules(answer) == [("email", "mail")]
    wrong = owner.post(address(desk, "repair/"), body | {"drift": "hubspot:name:vanished"})
    assert set(wrong.json()["fields"]) == {"drift"}


def test_a_rule_is_tried_on_a_record(desk: Desk, owner: Api) -> None:
    [person] = desk.people(1, city="Oslo")
    rule = {
        "hubspot": "city", "target": "town", "transform": "affix", "arguments": {"prefix": "in "},
    }  # fmt: skip
    body = {"rule": rule, "side": "hubspot", "record": person}

    tried = owner.post(address(desk, "try-out/"), body).json()
    none = owner.post(address(desk, "try-out/"), body | {"record": "404"}).json()

    assert tried == {"before": "Oslo", "after": "in Oslo", "back": "Oslo", "problem": ""}
    assert none["problem"]
    assert desk.writes() == 0
    assert desk.draft.revision == 1


@pytest.mark.parametrize(
    ("side", "hubspot", "target"),
    [("hubspot", "blood", "town"), ("target", "city", "illness")],
)
def test_no_rule_uncovers_a_health_value(
    side: str, hubspot: str, target: str, desk: Desk, owner: Api
) -> None:
    desk.target.specs["illness"] = FieldSpec("illness", "Illness", privacy=Privacy.HEALTH)
    desk.target.names = (*desk.target.names, "illness")
    ids = {
        "hubspot": desk.hubspot.put({"email": "a@x", "blood": "AB negative"}),
        "target": desk.target.put({"mail": "a@x", "illness": "AB negative"}),
    }
    body = {"rule": {"hubspot": hubspot, "target": target}, "side": side, "record": ids[side]}

    answer = owner.post(address(desk, "try-out/"), body)

    assert answer.json()["before"] == "••••"
    assert "AB negative" not in answer.content.decode()


def test_the_fields_of_both_sides_are_listed_page_by_page(desk: Desk, owner: Api) -> None:
    path: str | None = f"object-syncs/{desk.sync.pk}/fields/?side=hubspot&limit=3"
    found: list[dict[str, Any]] = []
    while path:
        page = owner.get(path).json()
        found += page["items"]
        path = (page["next"] or "").removeprefix("https://portal.test/api/v1/")

    assert [field["name"] for field in found] == sorted(desk.hubspot.specs)
    [tier] = [field for field in found if field["name"] == "tier"]
    assert tier["options"][0] == {"value": "gold", "name": "Gold"}
    assert owner.get(f"object-syncs/{desk.sync.pk}/fields/").status_code == 400


def test_a_fresh_list_asks_the_system(desk: Desk, owner: Api) -> None:
    path = f"object-syncs/{desk.sync.pk}/fields/?side=target"
    owner.get(path)
    desk.target.change("town", label="Place")

    assert "Place" not in owner.get(path).content.decode()
    assert "Place" in owner.get(f"{path}&fresh=true").content.decode()


def test_the_catalogue_holds_every_operator_and_transform(owner: Api) -> None:
    body = owner.get("catalogue/").json()

    assert {one["operator"] for one in body["operators"]} == set(Operator)
    assert {one["name"] for one in body["transforms"]} == set(TRANSFORM_ENTRIES)
