"""Writing records in batches, and telling for each item what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.connectors.hubspot import stages
from integrations.connectors.hubspot.client import HubSpotClient
from integrations.connectors.hubspot.partners import PartnerWriter, first_wide, only_partners
from integrations.connectors.hubspot.payloads import JsonObject, batches, write_properties
from integrations.connectors.hubspot.records import RecordReader
from integrations.connectors.hubspot.replies import TRACE, BatchReply
from integrations.connectors.hubspot.sending import not_attempted, send_each
from integrations.connectors.hubspot.spec import SYNC_KEY
from integrations.engine.errors import NotFound, Rejected, ReplyLost, SyncError
from integrations.engine.ports import CreateItem, Outcome, UpdateItem
from integrations.engine.records import ABSENT, Record, Value
from integrations.engine.specs import FieldSpec


@dataclass(frozen=True, slots=True)
class _Call:
    """One input of a batch. `id` is the record's, or the unique value of an upsert, or ""."""

    ref: str
    id: str
    values: Mapping[str, Value]
    body: JsonObject


class Writer:
    """Writes records of one object type whose properties are described by `schema`."""

    def __init__(
        self, client: HubSpotClient, object_type: str, schema: Mapping[str, FieldSpec]
    ) -> None:
        self._client = client
        self._type = object_type
        self._schema = schema
        self._partners = PartnerWriter(client, object_type)
        self._readers: dict[tuple[str, ...], RecordReader] = {}

    def create(self, items: Sequence[CreateItem]) -> list[Outcome]:
        """Create the items; those with an external key by upsert where the account allows it."""
        keyed = SYNC_KEY.name in self._schema
        unfit = _unfit(items)
        fit = [item for item in items if item.ref not in unfit]
        upserts = [item for item in fit if keyed and item.external_key]
        plain = [item for item in fit if not (keyed and item.external_key)]
        calls = [("upsert", self._upsert(item)) for item in upserts]
        calls += [("create", self._create(item)) for item in plain]
        return self._partners.write(items, self._in_order(calls) | unfit)

    def update(self, items: Sequence[UpdateItem]) -> list[Outcome]:
        """Patch the items; one of associations only is not sent as an empty patch."""
        unfit = _unfit(items)
        calls = [
            ("update", self._call(item.ref, item.id, item.values))
            for item in items
            if not only_partners(item) and item.ref not in unfit
        ]
        found = self._in_order(calls) | unfit
        broken = first_wide(found.values())
        for item in items:
            if broken is not None:
                found.setdefault(item.ref, Outcome(item.ref, error=not_attempted(broken)))
            else:
                found.setdefault(item.ref, Outcome(item.ref, Record(item.id, {})))
        return self._partners.write(items, found)

    def archive(self, ids: Sequence[str]) -> list[Outcome]:
        """Archive the ids."""

        def send(calls: Sequence[_Call]) -> dict[str, Outcome]:
            self._client.batch_archive(self._type, [call.id for call in calls])
            return {c.ref: Outcome(c.ref, Record(c.id, {}, archived=True)) for c in calls}

        distinct = [_Call(wanted, wanted, {}, {}) for wanted in dict.fromkeys(ids)]
        found = _outcomes(send_each(batches(distinct), send))
        return [found[wanted] for wanted in ids]

    def _call(self, ref: str, record_id: str, values: Mapping[str, Value]) -> _Call:
        staged = values.get(stages.STAGE, ABSENT)
        own = {**values, **({} if staged is ABSENT else stages.split(staged))}
        body: JsonObject = {"properties": write_properties(own, self._schema), TRACE: ref}
        if record_id:
            body["id"] = record_id
        return _Call(ref, record_id, values, body)

    def _create(self, item: CreateItem) -> _Call:
        """Return a create with its associations, which only this verb takes along."""
        call = self._call(item.ref, "", item.values)
        if inputs := self._partners.inline(item):
            call.body["associations"] = inputs
        return call

    def _upsert(self, item: CreateItem) -> _Call:
        values = {**item.values, SYNC_KEY.name: item.external_key}
        call = self._call(item.ref, item.external_key, values)
        call.body["idProperty"] = SYNC_KEY.name
        return call

    def _in_order(self, calls: Sequence[tuple[str, _Call]]) -> dict[str, Outcome]:
        verbs = {call.ref: verb for verb, call in calls}
        chunks = [
            chunk
            for verb in dict.fromkeys(verbs.values())
            for chunk in batches([call for its, call in calls if its == verb])
        ]
        found = _outcomes(send_each(chunks, lambda chunk: self._write(verbs[chunk[0].ref], chunk)))
        for _, call in calls:
            error = found[call.ref].error
            if error is not None and stages.STAGE in call.values:
                stages.spoken(error)
        return found

    def _write(self, verb: str, calls: Sequence[_Call]) -> dict[str, Outcome]:
        reply = self._client.batch_write(verb, self._type, [call.body for call in calls])
        stored = _answers(verb, calls, reply)
        unanswered = [c for c in calls if c.ref not in stored and not _named(c, reply)]
        outcomes = {}
        for call in calls:
            if call.ref in stored:
                record = self._reader(call.values).read(stored[call.ref])
                outcomes[call.ref] = Outcome(call.ref, record)
            else:
                error = _named(call, reply)
                if error is None and len(unanswered) == 1:
                    error = reply.errors.get("")
                outcomes[call.ref] = Outcome(call.ref, error=error or _silence(verb))
        return outcomes

    def _reader(self, values: Mapping[str, Value]) -> RecordReader:
        names = tuple(values)
        if names not in self._readers:
            self._readers[names] = RecordReader.build(self._type, names, self._schema)
        return self._readers[names]


def _unfit(items: Sequence[CreateItem | UpdateItem]) -> dict[str, Outcome]:
    """Return the outcomes of items whose stage cannot be one, so that nothing of them is sent."""
    found = {}
    for item in items:
        try:
            staged = item.values.get(stages.STAGE, ABSENT)
            if staged is not ABSENT:
                stages.split(staged)
        except Rejected as error:
            found[item.ref] = Outcome(item.ref, error=error)
    return found


def _answers(verb: str, calls: Sequence[_Call], reply: BatchReply) -> dict[str, JsonObject]:
    """Return the stored payload by ref. Answers come in any order and need not name the trace."""
    found = reply.by_trace()
    if verb == "update":
        by_key = reply.by_id()
    elif verb == "upsert":
        by_key = {str((r.get("properties") or {}).get(SYNC_KEY.name)): r for r in reply.results}
    else:
        by_key = {}
    for call in calls:
        if call.id in by_key:
            found.setdefault(call.ref, by_key[call.id])
    return found


def _named(call: _Call, reply: BatchReply) -> SyncError | None:
    return reply.errors.get(call.ref) or (reply.errors.get(call.id) if call.id else None)


def _silence(verb: str) -> SyncError:
    """Return what it means that an accepted batch says nothing about an item."""
    if verb == "update":
        # HubSpot docs, object APIs, 2026-03-30: batch updates leave merged ids out silently.
        return NotFound("HubSpot left this id out: the record was merged or deleted.")
    return ReplyLost("HubSpot's answer does not mention this record.")


def _outcomes(sent: tuple[dict[str, Outcome], dict[str, SyncError]]) -> dict[str, Outcome]:
    found, errors = sent
    return found | {ref: Outcome(ref, error=error) for ref, error in errors.items()}
