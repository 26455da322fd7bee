"""Pipelines and stages in the sandbox: made, changed and removed by API and by hand."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.connectors.hubspot.sandbox import ApiError
from tests.connectors.hubspot.sandbox_rig import APP_ID, DEALS, PORTAL, SandboxRig

PIPELINES = "/crm/pipelines/2026-09/deals"
OLD = "/crm/v3/pipelines/deals"


def stage(label: str, probability: str = "0.5", **members: Any) -> dict[str, Any]:
    return {"label": label, "metadata": {"probability": probability}, **members}


def labels(hub: SandboxRig, pipeline: str) -> list[str]:
    found = hub.get(f"{PIPELINES}/{pipeline}/stages")["results"]
    return [row["label"] for row in sorted(found, key=lambda row: row["displayOrder"])]


def deal(hub: SandboxRig, **properties: str) -> str:
    return hub.person.create("deals", {"dealname": "Roof", **properties})


def test_a_pipeline_is_made_with_its_stages_and_shown_last(hub: SandboxRig) -> None:
    body = {"label": "Renewal", "stages": [stage("Asked"), stage("Done", "1.0")]}
    made = hub.post(PIPELINES, body, 201)
    assert made["id"].isdecimal()
    assert labels(hub, made["id"]) == ["Asked", "Done"]
    rows = hub.get(PIPELINES)["results"]
    assert [row["label"] for row in rows] == ["Sales Pipeline", "Renewal"]
    ids = {row["id"] for pipeline in rows for row in pipeline["stages"]}
    assert len(ids) == 9


@pytest.mark.parametrize(
    "body",
    [
        {"label": "Sales Pipeline", "stages": []},
        {"label": "New", "stages": [stage("A"), stage("A")]},
        {"label": "New", "stages": [stage("A", "high")]},
        {"label": "New", "stages": [stage("A", "1.5")]},
        {"label": "New", "stages": [{"label": "A"}]},
        {"stages": []},
    ],
)
def test_a_pipeline_that_makes_no_sense_is_refused_as_a_whole(
    hub: SandboxRig, body: dict[str, Any]
) -> None:
    hub.post(PIPELINES, body, 400)
    assert len(hub.get(PIPELINES)["results"]) == 1


def test_stages_are_added_renamed_moved_and_closed(hub: SandboxRig) -> None:
    made = hub.post(f"{PIPELINES}/default/stages", stage("First", displayOrder=0), 201)
    path = f"{PIPELINES}/default/stages/{made['id']}"
    assert labels(hub, "default")[0] == "First"
    body = {"label": "Last", "displayOrder": 7, "metadata": {"isClosed": "true"}}
    changed = hub.call("PATCH", path, body).json()
    assert (changed["label"], changed["metadata"]["isClosed"]) == ("Last", "true")
    assert labels(hub, "default")[-1] == "Last"
    assert hub.get(path) == changed
    assert hub.call("PATCH", path, {"metadata": {"probability": "2"}}).status_code == 400
    assert hub.call("PUT", f"{PIPELINES}/default", {"label": "Sales"}).json()["label"] == "Sales"


def test_what_is_in_use_is_not_deleted_by_the_newest_version(hub: SandboxRig) -> None:
    used = deal(hub, dealstage="contractsent")
    for path, what in (("/stages/contractsent", "STAGE"), ("", "PIPELINE")):
        answer = hub.call("DELETE", f"{PIPELINES}/default{path}")
        assert answer.status_code == 400
        assert answer.json()["subCategory"] == f"PipelineError.{what}_ID_IN_USE"
        assert answer.json()["context"]["objectIds"] == [used]
    assert hub.call("DELETE", f"{PIPELINES}/default/stages/qualifiedtobuy").status_code == 204


def test_older_versions_delete_what_is_in_use_unless_they_are_asked_to_look(
    hub: SandboxRig,
) -> None:
    used = deal(hub, dealstage="contractsent")
    path = f"{OLD}/default/stages/contractsent"
    answer = hub.call("DELETE", path, validateReferencesBeforeDelete="true")
    assert answer.status_code == 400
    assert hub.call("DELETE", path).status_code == 204
    assert hub.person.read("deals", used)["dealstage"] == "contractsent"
    hub.patch(f"{DEALS}/{used}", {"dealname": "Wall"})
    hub.patch(f"{DEALS}/{used}", {"dealstage": "contractsent"}, 400)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nosuch"),
        ("GET", "/default/stages/nosuch"),
        ("PATCH", "/nosuch"),
        ("DELETE", "/default/stages/nosuch"),
    ],
)
def test_what_is_not_there_is_not_found(hub: SandboxRig, method: str, path: str) -> None:
    assert hub.call(method, PIPELINES + path, {}).status_code == 404


def test_only_deals_have_pipelines_and_only_schema_rights_change_them(hub: SandboxRig) -> None:
    contacts = "/crm/pipelines/2026-09/contacts"
    assert hub.call("POST", contacts, {"label": "A", "stages": []}).status_code == 404
    few = ["oauth", "crm.objects.deals.read"]
    tokens = hub.sandbox.install(APP_ID, PORTAL, few)
    hub.session.headers["Authorization"] = f"Bearer {tokens.access}"
    assert hub.get(PIPELINES)["results"]
    assert hub.call("POST", PIPELINES, {"label": "A", "stages": []}).status_code == 403


# ---------------------------------------------------------------- by hand


def test_a_person_who_chooses_a_stage_chooses_its_pipeline(hub: SandboxRig) -> None:
    renewal = hub.person.add_pipeline("Renewal", {"asked": "Asked", "closedwon": "Won"})
    made = deal(hub, dealstage="contractsent")
    for chosen, pipeline in (("closedwon", "default"), ("asked", renewal), ("closedwon", renewal)):
        hub.person.edit("deals", made, {"dealstage": chosen})
        assert hub.person.read("deals", made)["pipeline"] == pipeline


def test_programs_have_to_name_the_pipeline(hub: SandboxRig) -> None:
    renewal = hub.person.add_pipeline("Renewal", {"asked": "Asked"})
    made = deal(hub, dealstage="contractsent")
    hub.patch(f"{DEALS}/{made}", {"dealstage": "asked"}, 400)
    hub.patch(f"{DEALS}/{made}", {"dealstage": "asked", "pipeline": renewal})


def test_a_person_may_remove_a_stage_from_under_its_deals(hub: SandboxRig) -> None:
    made = deal(hub, dealstage="contractsent")
    hub.person.remove_stage("default", "contractsent")
    assert hub.person.read("deals", made)["dealstage"] == "contractsent"
    with pytest.raises(ApiError):
        hub.person.edit("deals", made, {"dealstage": "nowhere"})
