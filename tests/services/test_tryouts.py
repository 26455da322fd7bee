"""A rule is tried on one real record: both ways, without a write, health values masked."""

from __future__ import annotations

import pytest

from integrations.engine.mapping import Direction, FieldRule, Privacy
from integrations.engine.records import Side
from integrations.services.tryouts import TryOut, try_out
from tests.services.desk import Desk

H, T = Side.HUBSPOT, Side.TARGET


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (FieldRule("city", "town"), TryOut(" Bonn ", " Bonn ", " Bonn ")),
        (FieldRule("city", "town", transform="text"), TryOut(" Bonn ", "Bonn", "Bonn")),
        (
            FieldRule("city", "town", transform="text", direction=Direction.TO_TARGET),
            TryOut(" Bonn ", "Bonn", ""),
        ),
        (FieldRule("city", "new:city"), TryOut(" Bonn ", " Bonn ", " Bonn ")),
        (FieldRule("city", "town", privacy=Privacy.HEALTH), TryOut("••••", "••••", "••••")),
        (FieldRule("team", "town"), TryOut("", "", "")),
    ],
)
def test_a_value_is_shown_before_after_and_back(
    desk: Desk, rule: FieldRule, expected: TryOut
) -> None:
    (record_id,) = desk.people(1, city=" Bonn ")
    assert try_out(desk.sync, rule, record_id, H) == expected
    assert desk.writes() == 0


@pytest.mark.parametrize(
    ("rule", "side", "words"),
    [
        (FieldRule("city", "town", label="Ort", transform="text_to_number"), H, "Ort"),
        (FieldRule("city", "town", direction=Direction.TO_HUBSPOT), H, "direction"),
        (FieldRule("city", "new:city"), T, "made by publishing"),
        (FieldRule("city", "town", transform="magic"), H, "magic"),
        (FieldRule("city", "town"), T, "no record"),
    ],
)
def test_what_cannot_travel_says_why(desk: Desk, rule: FieldRule, side: Side, words: str) -> None:
    (record_id,) = desk.people(1, city="Bonn")
    assert words in try_out(desk.sync, rule, record_id, side).problem


def test_a_target_record_is_tried_the_other_way(desk: Desk) -> None:
    record_id = desk.target.put({"mail": "a@x", "town": "7"})
    rule = FieldRule("visits", "town", transform="number_to_text")
    assert try_out(desk.sync, rule, record_id, T) == TryOut("7", "7", "7")
