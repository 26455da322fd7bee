"""Which link follows a merge, which ends, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.engine.merges import Relink, relinks, suspects, swallowed
from integrations.engine.pairs import Action, Link, LinkState, OpenIntent
from integrations.engine.reasons import Reason
from integrations.engine.records import Record, Side

SURVIVOR = Record("300", {}, merged_ids=frozenset({"100", "200"}))
ONE = Link(1, LinkState.LINKED, "100", "t1", "hubspot_100")
TWO = Link(2, LinkState.LINKED, "200", "t2", "hubspot_200")


def judge(*links: Link, primary: str = "", known: dict[str, Link] | None = None) -> list[Relink]:
    """Judge the merge of 100 and 200 into 300, seen by asking for 100."""
    by_id = {link.hubspot_id: link for link in links} | (known or {})
    return relinks({"100": SURVIVOR}, by_id, {"300": primary} if primary else {})


def test_a_record_that_answers_to_its_own_id_and_swallowed_none_is_no_suspect() -> None:
    assert suspects({"1": Record("1", {})}) == set()
    assert suspects({"100": SURVIVOR}) == {"100", "200", "300"}


def test_the_one_link_follows_and_the_old_ids_become_aliases() -> None:
    (relink,) = judge(ONE)
    assert relink == Relink(ONE, "300", ("100", "200"))
    result = relink.result
    assert (result.hubspot_id, result.generation, result.external_key) == ("300", 1, "hubspot_100")


@pytest.mark.parametrize(("told", "kept"), [("", TWO), ("100", ONE)])
def test_without_a_notice_the_pair_that_is_most_like_the_survivor_is_kept(
    told: str, kept: Link
) -> None:
    by_id, primary = {"100": ONE, "200": TWO}, {"300": told} if told else {}
    (relink,) = relinks({"100": SURVIVOR}, by_id, primary, lambda link, _survivor: link.key)
    assert relink.kept == kept


@pytest.mark.parametrize(("primary", "kept"), [("200", TWO), ("100", ONE), ("", ONE)])
def test_of_two_links_the_primarys_is_kept_else_the_oldest(primary: str, kept: Link) -> None:
    (relink,) = judge(ONE, TWO, primary=primary)
    assert relink.kept == kept
    assert len(relink.superseded) == 1


@pytest.mark.parametrize("state", [LinkState.PENDING, LinkState.EXCLUDED])
def test_a_link_that_was_never_linked_does_not_win(state: LinkState) -> None:
    weak = Link(1, state, "100")
    (relink,) = judge(weak, TWO, primary="100")
    assert (relink.kept, relink.superseded) == (TWO, (weak,))


def test_a_create_that_may_have_happened_wins_over_none() -> None:
    lost = OpenIntent(5, Side.TARGET, Action.CREATE, "hubspot_200")
    maybe = Link(2, LinkState.PENDING, "200", unresolved=(lost,))
    (relink,) = judge(Link(1, LinkState.EXCLUDED, "100"), maybe)
    assert relink.kept == maybe


def test_open_intents_of_the_ended_link_are_inherited() -> None:
    lost = OpenIntent(5, Side.TARGET, Action.CREATE, "hubspot_200")
    (relink,) = judge(ONE, Link(2, LinkState.PENDING, "200", unresolved=(lost,)))
    assert relink.result.unresolved == (lost,)


def test_a_link_already_stored_under_the_new_id_takes_the_old_ones_over() -> None:
    early = Link(3, LinkState.PENDING, "300")
    (relink,) = judge(ONE, early)
    assert (relink.kept, relink.superseded) == (ONE, (early,))


def test_a_merge_seen_before_is_left_alone() -> None:
    done = Link(1, LinkState.LINKED, "300", "t1")
    assert judge(known={"100": done, "200": done, "300": done}) == []
    assert judge() == []


def test_a_chain_of_merges_ends_in_one_link() -> None:
    last = Record("500", {}, merged_ids=frozenset({"100", "200", "300", "400"}))
    first = Link(1, LinkState.LINKED, "300", "t1")
    by_id = {"100": first, "200": first, "300": first, "400": Link(4, LinkState.LINKED, "400")}
    (relink,) = relinks({"300": last, "400": last}, by_id, {})
    assert (relink.kept, relink.new_id) == (first, "500")
    assert relink.old_ids == ("100", "200", "300", "400")


def test_a_superseded_link_plays_no_part() -> None:
    ended = Link(2, LinkState.SUPERSEDED, "200", "t2")
    (relink,) = judge(ONE, ended)
    assert relink.superseded == ()


def test_an_erased_persons_ids_stay_with_the_tombstone() -> None:
    gone = Link(1, LinkState.GONE, "100", "t1", reason=Reason.ERASED)
    (relink,) = judge(gone, TWO)
    assert (relink.kept, relink.superseded, relink.old_ids) == (TWO, (), ("200",))
    assert swallowed({"100": SURVIVOR}, {"100": gone, "200": TWO}) == {"300": "100"}
    assert swallowed({"100": SURVIVOR}, {"100": ONE, "200": TWO}) == {}
    assert judge(replace(gone, hubspot_id="300"), TWO) == []
