"""HubSpot's own published SDK works against the sandbox over real HTTP.

The SDK reads a 207 as an answer of its own kind (`...WithErrors`) and raises on 4xx.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchReadInputSimplePublicObjectId,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)

from integrations.connectors.sandbox_kit import wsgi_app
from tests.connectors.hubspot.sandbox_rig import SandboxRig


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def contacts(hub: SandboxRig) -> Iterator[Any]:
    server = make_server("127.0.0.1", 0, wsgi_app(hub.sandbox), handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    host = f"http://127.0.0.1:{server.server_port}"
    yield HubSpot(access_token=hub.tokens.access, host=host).crm.contacts
    server.shutdown()
    thread.join()
    server.server_close()


def create(contacts: Any, **properties: str) -> str:
    body = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    made = contacts.basic_api.create(simple_public_object_input_for_create=body)
    return str(made.id)


def create_many(contacts: Any, *emails: str) -> Any:
    rows = [
        SimplePublicObjectBatchInputForCreate(
            properties={"email": email}, associations=[], object_write_trace_id=email
        )
        for email in emails
    ]
    body = BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows)
    return contacts.batch_api.create(batch_input_simple_public_object_batch_input_for_create=body)


def test_create_and_read(contacts: Any) -> None:
    contact = create(contacts, email="Ada@Acme.example", firstname="Ada")
    found = contacts.basic_api.get_by_id(contact, properties=["email", "phone"])
    assert found.properties["email"] == "ada@acme.example"
    assert found.properties["phone"] is None
    assert found.created_at.year == 2026
    assert found.archived is False


def test_a_conflict_raises_with_its_status(contacts: Any) -> None:
    create(contacts, email="ada@acme.example")
    with pytest.raises(ApiException) as caught:
        create(contacts, email="ada@acme.example")
    assert caught.value.status == 409


def test_update(contacts: Any) -> None:
    contact = create(contacts, firstname="Ada")
    body = SimplePublicObjectInput(properties={"city": "Bonn"})
    contacts.basic_api.update(contact, simple_public_object_input=body)
    found = contacts.basic_api.get_by_id(contact, properties=["city"])
    assert found.properties["city"] == "Bonn"


def test_batch_create_and_its_partial_success(contacts: Any) -> None:
    made = create_many(contacts, "a@acme.example", "b@acme.example")
    assert [row.properties["email"] for row in made.results] == ["a@acme.example", "b@acme.example"]
    mixed = create_many(contacts, "b@acme.example", "c@acme.example")
    assert [row.properties["email"] for row in mixed.results] == ["c@acme.example"]
    assert mixed.num_errors == 1
    assert mixed.errors[0].context["objectWriteTraceId"] == ["b@acme.example"]


def test_batch_read_names_missing_ids(contacts: Any) -> None:
    contact = create(contacts, firstname="Ada")
    body = BatchReadInputSimplePublicObjectId(
        inputs=[SimplePublicObjectId(id=contact), SimplePublicObjectId(id="1")],
        properties=["firstname"],
        properties_with_history=[],
    )
    found = contacts.batch_api.read(batch_read_input_simple_public_object_id=body)
    assert [row.id for row in found.results] == [contact]
    assert found.errors[0].context["ids"] == ["1"]


def test_batch_update(contacts: Any) -> None:
    ids = [row.id for row in create_many(contacts, "a@acme.example", "b@acme.example").results]
    rows = [SimplePublicObjectBatchInput(id=i, properties={"city": "Bonn"}) for i in ids]
    body = BatchInputSimplePublicObjectBatchInput(inputs=rows)
    done = contacts.batch_api.update(batch_input_simple_public_object_batch_input=body)
    assert {row.properties["city"] for row in done.results} == {"Bonn"}


def test_search(contacts: Any) -> None:
    create_many(contacts, *(f"c{n}@acme.example" for n in range(3)))
    body = PublicObjectSearchRequest(
        filter_groups=[
            {"filters": [{"propertyName": "email", "operator": "EQ", "value": "c1@acme.example"}]}
        ],
        properties=["email"],
        limit=10,
    )
    found = contacts.search_api.do_search(public_object_search_request=body)
    assert (found.total, found.results[0].properties["email"]) == (1, "c1@acme.example")


def test_listing_goes_through_all_pages(hub: SandboxRig, contacts: Any) -> None:
    made = hub.person.create_many("contacts", [{"firstname": str(n)} for n in range(250)])
    assert [row.id for row in contacts.get_all()] == made


def test_merge_answers_with_a_third_id(contacts: Any) -> None:
    one, two = create(contacts, firstname="Ada"), create(contacts, firstname="Eda")
    body = PublicMergeInput(primary_object_id=one, object_id_to_merge=two)
    survivor = contacts.basic_api.merge(public_merge_input=body)
    assert survivor.id not in (one, two)
    assert contacts.basic_api.get_by_id(two).id == survivor.id
