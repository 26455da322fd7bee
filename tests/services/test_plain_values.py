"""What is stored of records in plain text: ids and reasons, never a person's values."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from integrations.engine.edits import set_filter
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.pairs import LinkState
from integrations.engine.records import Side
from integrations.engine.selecting import select_fields
from integrations.models import RecordLink
from integrations.services import explain, exports
from tests.services.desk import Desk

OUTSIDERS = Filter(((Condition("email", Operator.NOT_CONTAINS, ("@intern",), "E-mail"),),))
EVERYBODY = Filter()


def sync(desk: Desk, wanted: Filter) -> None:
    """Publish a filter, and the choice of a health field, and let everything settle."""
    names = ["email", "name", "city", "blood"]
    desk.edit(
        lambda config, ground: select_fields(config, names, ground),
        lambda config, _ground: set_filter(config, Side.HUBSPOT, wanted),
    )
    desk.publish()
    desk.settle()


def stored() -> str:
    """Return every row of every table of ours as the database holds it."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_app_config("integrations").get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT row_to_json(r)::text FROM {table} AS r")  # noqa: S608
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


def test_no_value_of_a_person_is_stored_in_plain_text(desk: Desk) -> None:
    ids = [
        desk.hubspot.put({"email": f"ida@{place}", "name": "Zita", "city": "Ulm", "blood": "A neg"})
        for place in ("intern.example", "acme.example")
    ]
    sync(desk, EVERYBODY)
    desk.hubspot.edit(ids[1], {"email": "ida@intern.example"})
    sync(desk, OUTSIDERS)

    plain = stored()

    assert ids[0] in plain
    for value in ("ida@", "Zita", "Ulm", "A neg"):
        assert value not in plain


def test_why_names_what_a_filter_saw_and_the_record_and_its_export_do_not(desk: Desk) -> None:
    record = desk.hubspot.put({"email": "ida@intern.example", "name": "Zita"})
    sync(desk, OUTSIDERS)

    told = explain.why(desk.sync, Side.HUBSPOT, record)
    link = RecordLink.objects.get(hubspot_id=record)
    lines = "".join(exports.records(desk.sync.integration, desk.ada))

    assert "“E-mail” must not contain “@intern”, but it is “ida@intern.example”." in told.sentence
    assert link.state == LinkState.EXCLUDED
    assert "“E-mail” must not contain “@intern”" in link.detail
    assert "ida@" not in link.detail + lines
