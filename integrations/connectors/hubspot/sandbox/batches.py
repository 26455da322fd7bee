"""The batch calls and their 200, 201, 204 and 207 answers.

Source: HubSpot docs, "using object APIs" and "error handling", 2026-03-30; that ids merged away
are left out of batch/update without a word was seen in real traffic.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from integrations.connectors.sandbox_kit import JsonObject, SandboxResponse, empty, json_response

from . import writes
from .call import Call
from .errors import ApiError, bad_request, missing_records
from .kinds import Kind, kind_named
from .objects import BASES, Wanted, associate, wanted_links
from .records import Record
from .times import iso
from .validation import Claims, Values, check_create, check_update
from .views import by_unique, history, shown_names, view, write_view

if TYPE_CHECKING:
    from .server import HubSpotSandbox

MOST = 100
TRACE = "objectWriteTraceId"


class BatchApi:
    """Handlers of batch read, create, update, upsert and archive."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        for base in BASES:
            path = f"{base}/{{object_type}}/batch"
            sandbox.api("POST", f"{path}/read", self.read)
            sandbox.api("POST", f"{path}/create", self.create)
            sandbox.api("POST", f"{path}/update", self.update)
            sandbox.api("POST", f"{path}/upsert", self.upsert)
            sandbox.api("POST", f"{path}/archive", self.archive)

    def read(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/batch/read: found records in order of their ids, the rest as one error."""
        kind = kind_named(object_type)
        call.need(kind, "read")
        body = call.json()
        id_property = str(body.get("idProperty") or "")
        with_history = call.texts(body, "propertiesWithHistory")
        asked = call.texts(body, "properties") + with_history
        names = shown_names(call.account, kind, asked)
        archived = call.flag("archived")
        found: list[Record] = []
        missing: list[str] = []
        for item in _inputs(call, body):
            given = call.id_of(item)
            record = _readable(call, kind, id_property, given, archived=archived)
            if record is None:
                missing.append(given)
            else:
                found.append(record)
        found.sort(key=lambda record: record.id)
        results = [view(call.account, kind, record, names) for record in found]
        if with_history:
            known = call.account.catalogs[kind.plural].known(with_history)
            for shown, record in zip(results, found, strict=True):
                shown["propertiesWithHistory"] = history(record, known)
        errors = [missing_records(kind.singular, missing)] if missing else []
        return _answer(call, results, errors, 200)

    def create(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/batch/create: partial success only where every input has its trace id."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        inputs = _inputs(call, call.json())
        errors = _Errors(inputs)
        claims: Claims = set()
        accepted: list[tuple[JsonObject, Values, list[Wanted]]] = []
        for item in inputs:
            try:
                wanted = wanted_links(call, kind, item)
                values = check_create(
                    call.account,
                    kind,
                    call.member(item, "properties", dict),
                    claims=claims,
                    enforce=call.enforces,
                )
            except ApiError as error:
                errors.add(item, error)
            else:
                accepted.append((item, values, wanted))
        results = []
        for item, values, wanted in accepted:
            record = writes.create(call.account, kind, values, call.source, call.at)
            associate(call, record, wanted)
            results.append(_traced(write_view(call.account, kind, record, values), item))
        return _answer(call, results, errors.entries, 201)

    def update(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/batch/update: unknown ids are an error entry, merged-away ids simply vanish."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        inputs = _inputs(call, call.json())
        _refuse_repeats(call, inputs)
        store = call.account.stores[kind.plural]
        missing: list[str] = []
        chosen: list[tuple[JsonObject, Record]] = []
        for item in inputs:
            given = call.id_of(item)
            record = _by(call, kind, str(item.get("idProperty") or ""), given)
            if record is None:
                missing.append(given)
            elif given.isdecimal() and int(given) in store.aliases and not item.get("idProperty"):
                continue
            else:
                chosen.append((item, record))
        errors = _Errors(inputs)
        results = self._write(call, kind, chosen, errors)
        if missing:
            errors.entries.append(missing_records(kind.singular, missing))
        return _answer(call, results, errors.entries, 200)

    def upsert(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/batch/upsert: `id` is the value of the unique property `idProperty`."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        inputs = _inputs(call, call.json())
        _refuse_repeats(call, inputs)
        errors = _Errors(inputs)
        claims: Claims = set()
        known: list[tuple[JsonObject, Record]] = []
        fresh: list[tuple[JsonObject, Values]] = []
        for item in inputs:
            name, value = call.member(item, "idProperty", str), call.id_of(item)
            record = by_unique(call.account, kind, name, value)
            if record is not None:
                known.append((item, record))
                continue
            given = {name: value, **call.member(item, "properties", dict)}
            try:
                values = check_create(
                    call.account, kind, given, claims=claims, enforce=call.enforces
                )
            except ApiError as error:
                errors.add(item, error)
            else:
                fresh.append((item, values))
        results = self._write(call, kind, known, errors)
        for shown in results:
            shown["new"] = False
        for item, values in fresh:
            record = writes.create(call.account, kind, values, call.source, call.at)
            shown = write_view(call.account, kind, record, values)
            results.append({**_traced(shown, item), "new": True})
        return _answer(call, results, errors.entries, 200)

    def archive(self, call: Call, object_type: str) -> SandboxResponse:
        """POST P/batch/archive: 204, unknown ids are ignored."""
        kind = kind_named(object_type)
        call.need(kind, "write")
        for item in _inputs(call, call.json()):
            record = _by(call, kind, "", call.id_of(item))
            if record is not None:
                writes.archive(call.account, kind, record, call.source, call.at)
        return empty()

    def _write(
        self,
        call: Call,
        kind: Kind,
        chosen: list[tuple[JsonObject, Record]],
        errors: "_Errors",
    ) -> list[JsonObject]:
        """Check every update before the first one is stored."""
        claims: Claims = set()
        accepted = []
        for item, record in chosen:
            given = call.member(item, "properties", dict)
            try:
                changed = check_update(call.account, kind, record, given, claims=claims)
            except ApiError as error:
                errors.add(item, error)
            else:
                accepted.append((item, record, changed, given))
        results = []
        for item, record, changed, given in accepted:
            writes.update(call.account, kind, record, changed, call.source, call.at)
            results.append(_traced(write_view(call.account, kind, record, given), item))
        return results


class _Errors:
    """Collects failures, or raises the first where the inputs carry no trace ids."""

    def __init__(self, inputs: list[JsonObject]) -> None:
        traces = [str(item.get(TRACE) or "") for item in inputs]
        self._partial = all(traces) and len(set(traces)) == len(traces)
        self.entries: list[JsonObject] = []

    def add(self, item: JsonObject, error: ApiError) -> None:
        if not self._partial:
            raise error
        context = {TRACE: [str(item[TRACE])]}
        if "id" in item:
            context["ids"] = [str(item["id"])]
        self.entries.append(error.entry(context))


def _inputs(call: Call, body: JsonObject) -> list[JsonObject]:
    inputs: list[JsonObject] = call.member(body, "inputs", list)
    if not inputs or not all(isinstance(item, dict) for item in inputs):
        raise bad_request("Invalid input JSON: inputs must be a list of objects")
    if len(inputs) > MOST:
        raise bad_request(f"The maximum number of inputs in a batch request is {MOST}")
    return inputs


def _refuse_repeats(call: Call, inputs: Iterable[JsonObject]) -> None:
    seen: set[str] = set()
    for item in inputs:
        given = call.id_of(item)
        if given in seen:
            raise bad_request(f"Duplicate IDs found in batch input: [{given}]. IDs must be unique")
        seen.add(given)


def _by(
    call: Call, kind: Kind, id_property: str, given: str, *, archived: bool = False
) -> Record | None:
    if id_property and id_property != "hs_object_id":
        return by_unique(call.account, kind, id_property, given)
    if not given.isdecimal():
        return None
    return call.account.stores[kind.plural].find(int(given), archived=archived)


def _readable(
    call: Call, kind: Kind, id_property: str, given: str, *, archived: bool
) -> Record | None:
    record = _by(call, kind, id_property, given, archived=archived)
    merged = record is not None and not id_property and str(record.id) != given
    if merged and call.account.behaviour.batch_read_merged == "missing":
        return None
    return record


def _traced(shown: JsonObject, item: JsonObject) -> JsonObject:
    return {**shown, TRACE: item[TRACE]} if item.get(TRACE) else shown


def _answer(
    call: Call, results: list[JsonObject], errors: list[JsonObject], status: int
) -> SandboxResponse:
    body: JsonObject = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": iso(call.at),
        "completedAt": iso(call.at),
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return json_response(body, 207 if errors else status)
