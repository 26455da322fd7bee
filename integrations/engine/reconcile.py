"""The flow, top to bottom: hints in, a plan out, and only then writes. Talks only to ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integrations.engine.closing import keep_closed
from integrations.engine.completing import finished, half_made, unasked
from integrations.engine.config import MergePolicy, SyncConfig
from integrations.engine.decide import Context, decide
from integrations.engine.errors import Duplicate, UnsafePlan
from integrations.engine.joining import granted, joined, wishes
from integrations.engine.looking import look, open_creates
from integrations.engine.mapping import Mapper
from integrations.engine.merges import Relink
from integrations.engine.pairs import Action, Decision, LinkState, Pair
from integrations.engine.plan import Plan, PlanItem, build_plan
from integrations.engine.ports import Connector, Hint, Ledger, Settlement
from integrations.engine.reading import Sources, Work, read
from integrations.engine.reasons import Reason
from integrations.engine.records import Record, Side
from integrations.engine.references import References
from integrations.engine.settling import Settler
from integrations.engine.sparing import Kinds, spare_deleted
from integrations.engine.writing import Job, Writer, jobs_of


@dataclass(frozen=True, slots=True)
class Planned:
    """The first step: everything is read and decided, nothing is written."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Settled:
    """A later step: these pairs are written and stored."""

    settlements: tuple[Settlement, ...]


def reconcile(
    hints: Sequence[Hint],
    config: SyncConfig,
    connectors: Mapping[Side, Connector],
    ledger: Ledger,
    *,
    now: datetime,
    digest_key: bytes,
    preread: Mapping[Side, Mapping[str, Record]] | None = None,
    linked_total: int = 0,
    changed_before: int = 0,
    approved: bool = False,
    batch_sizes: Mapping[Side, int] | None = None,
    timer: Callable[[], float] = lambda: 0.0,
    parents: Kinds | None = None,
    carries_merges: bool = False,
) -> Iterator[Planned | Settled]:
    """Bring the hinted records into step: plan first, and write only when resumed.

    Yields exactly one `Planned`; a dry run, a preview and "why?" stop there. `now` is an aware UTC
    instant. `preread` holds records of a strongly consistent read (a scan page). `linked_total`
    above 0 arms the breaker (runs pass their number of live links), `changed_before` is what the
    run's earlier slices changed, `approved` lets an unsafe plan run. `batch_sizes` are records
    per write call (default 100); `timer` gives seconds, `parents` what references point to;
    with `carries_merges` the extra records of merges are left to whoever keeps the ledger.

    Every hint ends in one settlement, unless a sync-wide error came before its write: then it is
    still due. Raises UnsafePlan, LeaseLost and sync-wide errors (after settling what was written).
    """
    mapper, references = mapper_of(config), References.of(config.rules, ledger)
    connectors, known = references.around(connectors), references.read_all(preread or {})
    fields = {side: config.fields(side) for side in Side}
    sources = Sources(config, connectors, ledger, known, fields, digest_key)
    works, relinks = read(hints, sources)
    spare_deleted(works, references, connectors, parents or {}, digest_key)
    choose = _Chooser(config, mapper, now, digest_key, references)
    seekers = [work for work in works if choose.wants_search(work)]
    works, joined = look(works, seekers, sources, mapper, digest_key, now)
    relinks += joined
    items = [*map(choose.item, works), *_extras(relinks, config, carries_merges)]
    plan = build_plan(items, relinks, config.breaker, linked_total, changed_before)
    yield Planned(plan)
    if plan.unsafe and not approved:
        raise UnsafePlan(plan.unsafe)
    if relinks:
        ledger.relink(relinks)
    failed = {work.link.key: work.failed_creates for work in works}
    settler = Settler(config, mapper, now, digest_key, failed)
    writer = Writer(config, connectors, ledger, digest_key, batch_sizes or {}, timer)
    yield from _carry_out(jobs_of(plan.items), writer, settler, ledger)


def _carry_out(
    jobs: Sequence[Job], writer: Writer, settler: Settler, ledger: Ledger
) -> Iterator[Settled]:
    """Settle what needs no write, then write and settle batch by batch."""
    quiet = [job for job in jobs if job.is_done]
    if quiet:
        yield _settle(quiet, settler, ledger)
    for ended in writer.run(jobs):
        if ended:
            yield _settle(ended, settler, ledger)
    if writer.broken is not None:
        halfway = [job for job in jobs if job.results and not job.is_done]
        if halfway:
            yield _settle(halfway, settler, ledger)
        raise writer.broken


def mapper_of(config: SyncConfig) -> Mapper:
    """Bind a configuration's rules. Raises ConfigInvalid where a transform cannot be used."""
    always = {side: config.side(side).always_send for side in Side}
    return Mapper(config.rules, config.groups, always)


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision and exactly what it was made from."""

    pair: Pair
    context: Context
    decision: Decision

    def holds_for(self, pair: Pair, context: Context) -> bool:
        mine, other = self.pair, pair
        same = mine.link is other.link and mine.hubspot is other.hubspot
        return same and mine.target is other.target and self.context == context


@dataclass(frozen=True, slots=True)
class _Chooser:
    """Asks the decision table about works; a search that changes nothing costs no second look."""

    config: SyncConfig
    mapper: Mapper
    now: datetime
    key: bytes
    references: References
    made: dict[int, _Made] = field(default_factory=dict)

    def item(self, work: Work) -> PlanItem:
        """Return a work as an item of the plan."""
        unmet = self.references.waiting(work.records)
        return PlanItem(work.pair, self.decision(work), tuple(work.hints), unmet)

    def decision(self, work: Work) -> Decision:
        if work.postponed:
            return Decision(Action.WAIT, Reason.PENDING, work.link.state)
        context = Context(
            self.now,
            self.key,
            fired=any(hint.fired for hint in work.hints),
            asked=any(hint.asked for hint in work.hints),
            candidates=work.candidates,
            matched=work.matched,
            unresolved=work.unresolved,
            unmet=self.references.waiting(work.records),
        )
        pair, made = work.pair, self.made.get(id(work))
        if made is None or not made.holds_for(pair, context):
            made = _Made(pair, context, self._decided(work, pair, context))
            self.made[id(work)] = made
        return made.decision

    def _decided(self, work: Work, pair: Pair, context: Context) -> Decision:
        """Ask the table, and add what the record is still to be given."""
        half = half_made(work, self.config)
        wanted = wishes(pair, self.config, half)
        asked = unasked(granted(self.config, wanted), half)
        decision = decide(pair, asked, self.mapper, context)
        decision = joined(decision, pair, self.config, wanted, self.key)
        return keep_closed(finished(decision, self.config, pair, half), pair, self.config)

    def wants_search(self, work: Work) -> bool:
        """Tell whether another record must be looked for: before a create, and after a lost one."""
        if work.pair.is_linked or work.candidates:
            return False
        if any(open_creates(work, side) for side in Side):
            return True
        decision = self.decision(work)
        return decision.action is Action.CREATE or decision.reason is Reason.CANNOT_CREATE


def _extras(relinks: Sequence[Relink], config: SyncConfig, carried: bool) -> list[PlanItem]:
    """Return what becomes of the target records whose HubSpot records were merged away."""
    items = []
    for relink in relinks:
        for link in relink.superseded:
            if not link.target_id or not relink.old_ids:
                continue
            detail = f"Its HubSpot record is now {relink.new_id}."
            if relink.kept.target_id:
                detail += f" {relink.kept.target_id} is kept up to date instead."
            action, reason = Action.NOTHING, Reason.SUPERSEDED
            if config.merge is MergePolicy.HOLD and relink.kept.target_id:
                action, reason = Action.HOLD, Reason.MERGE_CONFLICT
            pair = Pair(link)
            archives = config.merge is MergePolicy.ARCHIVE and config.target.can_archive
            if archives and not carried:
                action, reason = Action.ARCHIVE, Reason.SUPERSEDED
                pair = Pair(link, None, Record(link.target_id, {}))
            items.append(PlanItem(pair, Decision(action, reason, LinkState.SUPERSEDED, detail)))
    return items


def _settle(jobs: Sequence[Job], settler: Settler, ledger: Ledger) -> Settled:
    """Store the ends of some jobs in one transaction."""
    owned: set[tuple[Side, str]] = set()
    for side in Side:
        refused = {
            job.error.existing_id
            for job in jobs
            if isinstance(job.error, Duplicate) and job.results[-1].side is side
        } - {""}
        if refused:
            owned.update((side, found) for found in ledger.links(side, sorted(refused)))
    settlements = tuple(
        settler.settle(job, taken=_named(job) in owned if job.error else False) for job in jobs
    )
    ledger.settle(settlements)
    return Settled(settlements)


def _named(job: Job) -> tuple[Side, str]:
    """Return the side and id of the record that refused a create."""
    found = job.error.existing_id if isinstance(job.error, Duplicate) else ""
    return job.results[-1].side, found
