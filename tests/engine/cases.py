"""Small records, links and questions for the tests of the decision table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from integrations.engine.config import (
    SideObject,
    SyncConfig,
)
from integrations.engine.decide import Context, decide
from integrations.engine.mapping import (
    FieldRule,
)
from integrations.engine.pairs import (
    Action,
    Base,
    Decision,
    Link,
    LinkState,
    Pair,
)
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import mapper_of
from integrations.engine.records import Record, Side, Value, digest

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KEY = b"test"
H, T = Side.HUBSPOT, Side.TARGET
CONFIG = SyncConfig(
    hubspot=SideObject("contacts", can_archive=True),
    target=SideObject("accounts", can_archive=True),
    rules=(FieldRule("name", "title", label="Name"),),
    create_in=(H, T),
    grace_seconds=300,
)
LINK = Link(7, LinkState.LINKED, "1", "9")


def rule(**changes: object) -> SyncConfig:
    """Return the configuration with its one rule changed."""
    return replace(CONFIG, rules=(replace(CONFIG.rules[0], **changes),))  # type: ignore[arg-type]


def based(name: Value = "old", title: Value = "old", **more: object) -> Link:
    """Return a link whose sides last agreed on these values."""
    base = Base({"name": digest(name, KEY)}, {"title": digest(title, KEY)})
    return replace(LINK, base=base, **more)  # type: ignore[arg-type]


def hubspot(name: Value = "old", **more: object) -> Record:
    """Return a HubSpot record."""
    return Record("1", {"name": name}, **more)  # type: ignore[arg-type]


def target(title: Value = "old", **more: object) -> Record:
    """Return a target record."""
    return Record("9", {"title": title}, **more)  # type: ignore[arg-type]


def verdict(pair: Pair, config: SyncConfig = CONFIG, **context: object) -> Decision:
    """Ask the table."""
    asked = Context(NOW, KEY, **context)  # type: ignore[arg-type]
    return decide(pair, config, mapper_of(config), asked)


def short(decision: Decision) -> tuple[Action, Reason, LinkState]:
    """Return the three codes of a decision."""
    return decision.action, decision.reason, decision.state


def moved(name: Value, title: Value, config: SyncConfig = CONFIG) -> Decision:
    """Decide a linked pair whose sides last agreed on "old"."""
    return verdict(Pair(based(), hubspot(name), target(title)), config)
