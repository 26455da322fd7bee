"""What a closed side keeps back, and what is remembered of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.closing import keep_closed
from integrations.engine.config import DeletePolicy
from integrations.engine.pairs import Action, LinkState, Pair, Verdict
from integrations.engine.reasons import Reason
from tests.engine.cases import CONFIG, NOW, T, based, short, target, verdict

CLOSED = replace(CONFIG, on_hubspot_delete=DeletePolicy.ARCHIVE, closed=(T,))
WAITED = NOW.timestamp() - 300


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (based(missing_since=WAITED), (Action.WAIT, Reason.JOB_OFF, LinkState.LINKED)),
        (
            based(state=LinkState.HELD, reason=Reason.DELETE_HELD, verdict=Verdict.ARCHIVE),
            (Action.WAIT, Reason.DELETE_HELD, LinkState.HELD),
        ),
    ],
    ids=["by the policy", "by a person"],
)
def test_an_archive_waits_and_stays_decided(
    link: object, expected: tuple[Action, Reason, LinkState]
) -> None:
    pair = Pair(link, None, target())  # type: ignore[arg-type]
    decision = verdict(pair, CLOSED)
    assert decision.action is Action.ARCHIVE
    assert short(keep_closed(decision, pair, CLOSED)) == expected
