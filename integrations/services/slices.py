"""One slice of a lane's work: a hundred hints, through the engine into the ledger.

Who may work is in `lanes.py`; what a run reads is in `pages.py`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from integrations.engine.config import SyncConfig
from integrations.engine.pairs import Action, Decision, Link, LinkState
from integrations.engine.plan import Plan
from integrations.engine.ports import Connector, Hint, Priority, Settlement
from integrations.engine.reasons import Reason
from integrations.engine.reconcile import Planned, Settled, reconcile
from integrations.engine.records import Side
from integrations.models import ObjectSync
from integrations.services import (
    carriage,
    connectors,
    mass_deletion,
    plans,
    runs,
    schemas,
    syncs,
    tables,
)
from integrations.services.carriage import NOTHING, Off
from integrations.services.hints import Taken
from integrations.services.ledger import DjangoLedger
from integrations.services.mass_deletion import ManyDeletions
from integrations.services.progress import Meter, Progress
from integrations.services.sided import sided

SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class Session:
    """Everything one slice needs: configuration, both connectors, the right to write."""

    object_sync: ObjectSync
    fence: int
    config: SyncConfig
    pair: Mapping[Side, Connector]
    ladder: Sequence[int]
    meter: Meter

    @classmethod
    def of(
        cls,
        object_sync: ObjectSync,
        fence: int,
        priority: Priority,
        *,
        config: SyncConfig | None = None,
        off: Off | None = None,
    ) -> Session:
        """Open one with the published configuration or, for a preview, with another.

        Whatever works by the published one minds what a person has just said about deletions.
        `off` is what does not travel, as the lane's holder found it. Raises ConfigInvalid.
        """
        if config is None:
            config = schemas.effective(object_sync, syncs.config_of(object_sync))
            config = mass_deletion.answered(object_sync, config)
        config = syncs.by_settings(object_sync, config)
        config = tables.fill(object_sync.integration, config)
        config = (carriage.of(object_sync) if off is None else off).closing(config)
        ladder = syncs.spec_of(object_sync).retry_minutes
        pair = connectors.open_pair(object_sync, priority)
        return cls(object_sync, fence, config, sided(pair), ladder, Meter(pair.values()))

    def ledger(
        self, *, taken: Sequence[Taken] = (), progress: Progress | None = None
    ) -> DjangoLedger:
        """Return the memory of this lane."""
        return DjangoLedger(
            self.object_sync,
            self.fence,
            self.config,
            ladder=self.ladder,
            taken=taken,
            progress=progress,
        )

    def flow(
        self, hints: Sequence[Hint], ledger: DjangoLedger, **options: Any
    ) -> Iterator[Planned | Settled]:
        """Start the engine's flow; `options` are those of `reconcile`."""
        return reconcile(
            hints,
            self.config,
            self.pair,
            ledger,
            now=timezone.now(),
            digest_key=digest_key(self.object_sync),
            batch_sizes=self._batch_sizes(),
            timer=time.perf_counter,
            carries_merges=True,
            parents={
                sync.key: {Side.HUBSPOT: sync.hubspot_object, Side.TARGET: sync.target_object}
                for sync in connectors.spec_of(self.object_sync.integration.system).syncs
            },
            **options,
        )

    def _batch_sizes(self) -> dict[Side, int]:
        row = self.object_sync
        systems = {
            Side.HUBSPOT: (row.integration.hubspot.system, row.hubspot_object),
            Side.TARGET: (row.integration.system, row.target_object),
        }
        return {
            side: connectors.spec_of(system).object(kind).batch_size
            for side, (system, kind) in systems.items()
        }


def digest_key(object_sync: ObjectSync) -> bytes:
    """Return the key of one tenant's digests: equal values of two tenants look different."""
    secret = hashlib.sha256(settings.DIGEST_KEY.encode()).digest()
    return hashlib.blake2b(object_sync.tenant_id.bytes, key=secret, digest_size=32).digest()


def work_hints(
    object_sync: ObjectSync, fence: int, taken: Sequence[Taken], off: Off = NOTHING
) -> None:
    """Bring taken hints to their outcomes; raises what the engine raises."""
    priority = min(item.hint.priority for item in taken)
    session = Session.of(object_sync, fence, priority, off=off)
    progress = Progress(runs.of_notices(object_sync, timezone.now()), session.meter)
    ledger = session.ledger(taken=taken, progress=progress)
    for step in session.flow([item.hint for item in taken], ledger):
        if isinstance(step, Planned):
            _ask_before_many_deletions(session, step.plan)


def _ask_before_many_deletions(session: Session, plan: Plan) -> None:
    """Stop before the first write if a person has to look at the plan; raises UnsafePlan."""
    try:
        mass_deletion.check(session.object_sync, session.config, plan)
    except ManyDeletions as error:
        mass_deletion.ask(session.object_sync, session.fence, error, plans.summary(plan))
        raise


def give_way(object_sync: ObjectSync, fence: int, taken: Taken) -> None:
    """Put off a record on which this portal itself fails, so that it does not stop the others.

    After the last attempt it has failed for good and a person is told.
    """
    session = Session.of(object_sync, fence, taken.hint.priority)
    progress = Progress(runs.of_notices(object_sync, timezone.now()), session.meter)
    ledger = session.ledger(taken=[taken], progress=progress)
    hint = taken.hint
    link = ledger.links(hint.side, [hint.record_id]).get(hint.record_id) or _unseen(hint)
    state = LinkState.FAILING if link.state is LinkState.PENDING else link.state
    ledger.settle(
        [
            Settlement(
                link=link,
                decision=Decision(Action.FAIL, Reason.INTERNAL_ERROR, state),
                state=state,
                reason=Reason.INTERNAL_ERROR,
                hints=(hint,),
                hubspot_id=link.hubspot_id,
                target_id=link.target_id,
                external_key=link.external_key,
                missing_since=link.missing_since,
                retry_after=0.0,
            )
        ]
    )


def _unseen(hint: Hint) -> Link:
    if hint.side is Side.HUBSPOT:
        return Link(0, hubspot_id=hint.record_id)
    return Link(0, target_id=hint.record_id)
