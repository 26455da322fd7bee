"""Items sent one by one: a refused one stops nothing, a broken system stops the rest."""

from __future__ import annotations

from integrations.connectors.outcomes import one_by_one
from integrations.engine.errors import AuthFailed, Rejected, ReplyLost, SyncError, Unavailable
from integrations.engine.records import Record


def send(*answers: Record | SyncError) -> tuple[list[str], list[Record | SyncError]]:
    """Send as many items as there are answers; returns what was sent and what came of each."""
    sent: list[str] = []

    def answer(item: str) -> Record:
        sent.append(item)
        given = answers[len(sent) - 1]
        if isinstance(given, SyncError):
            raise given
        return given

    items = [str(number) for number in range(len(answers))]
    outcomes = one_by_one(((f"ref {item}", item) for item in items), answer)
    assert [outcome.ref for outcome in outcomes] == [f"ref {item}" for item in items]
    found = [outcome.record or outcome.error for outcome in outcomes]
    return sent, [one for one in found if one is not None]


def test_a_refused_item_does_not_stop_the_others() -> None:
    one, refused, three = Record("1", {}), Rejected("no"), Record("3", {})
    assert send(one, refused, three) == (["0", "1", "2"], [one, refused, three])


def test_after_an_error_of_the_connection_nothing_more_is_sent() -> None:
    revoked = AuthFailed("revoked")
    assert send(revoked, Record("2", {})) == (["0"], [revoked, revoked])


def test_only_the_item_whose_answer_was_lost_may_have_happened() -> None:
    sent, [lost, rest] = send(ReplyLost("no answer", retry_after=7), Record("2", {}))
    assert sent == ["0"]
    assert isinstance(lost, ReplyLost)
    assert type(rest) is Unavailable
    assert rest.retry_after == 7
