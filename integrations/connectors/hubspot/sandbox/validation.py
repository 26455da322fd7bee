"""Checks a write before anything is stored: which values it sets, or every reason it may not.

No storage and no HTTP. Source: HubSpot docs, "contacts guide", "deals guide" and
"error handling", 2026-03-30; enforcement of required properties: HubSpot changelog,
"CRM API write validation enforcement", 2026.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .boards import pipeline_with
from .errors import ApiError, Problem, already_exists, invalid_values
from .kinds import DEALS, Kind
from .records import Record, RecordStore
from .refusals import refuse
from .values import Invalid, normalise

if TYPE_CHECKING:
    from .account import Account

Values = dict[str, str]
Claims = set[tuple[str, str]]
"""Unique values claimed by earlier items of the same batch."""

LIFECYCLE = "lifecyclestage"


def check_create(
    account: "Account",
    kind: Kind,
    raw: Mapping[str, object],
    *,
    claims: Claims | None = None,
    enforce: bool = True,
    person: bool = False,
) -> Values:
    """Return the values of a new record, defaults included; raises ApiError.

    `enforce` applies the rules an admin set in the account, as version 2026-09 does. What
    `refusals` holds is refused to programs only.
    """
    values = _accepted(account, kind, raw, None)
    if not person:
        refuse(account.refusals, kind, values)
    _require_one(kind, values)
    if kind is DEALS:
        values.setdefault("pipeline", next(iter(account.pipelines)))
    elif not values.get(LIFECYCLE):
        values[LIFECYCLE] = account.default_lifecycle
    _check_stage(account, kind, values, {})
    if enforce:
        _enforce(account, kind, values)
    _check_unique(account.stores[kind.plural], kind, values, None, claims)
    return {name: value for name, value in values.items() if value}


def check_update(
    account: "Account",
    kind: Kind,
    record: Record,
    raw: Mapping[str, object],
    *,
    claims: Claims | None = None,
    person: bool = False,
) -> Values:
    """Return the values that differ from the record ("" clears); raises ApiError.

    A person may move a contact's lifecycle stage backwards, the API may not. A person who chooses
    a deal's stage chooses its pipeline with it.
    """
    values = _accepted(account, kind, raw, record)
    if person:
        _follow_stage(account, kind, record, values)
    else:
        refuse(account.refusals, kind, values)
        _hold_lifecycle(account, kind, record, values)
    _check_stage(account, kind, values, record.properties)
    changed = {name: value for name, value in values.items() if value != record.get(name)}
    _check_unique(account.stores[kind.plural], kind, changed, record, claims)
    return changed


def _accepted(
    account: "Account", kind: Kind, raw: Mapping[str, object], record: Record | None
) -> Values:
    catalog = account.catalogs[kind.plural]
    values: Values = {}
    problems: list[Problem] = []
    for name, given in raw.items():
        definition = catalog.get(name)
        if definition is None:
            text = f'Property "{name}" does not exist'
            problems.append(Problem(name, "PROPERTY_DOESNT_EXIST", text))
        elif definition.read_only:
            text = f'"{name}" is a read only property; its value cannot be set.'
            problems.append(Problem(name, "READ_ONLY_VALUE", text))
        elif given is not None:
            try:
                values[name] = normalise(definition, given, record.get(name) if record else "")
            except Invalid as error:
                problems.append(error.problem)
            else:
                if definition.references == "OWNER":
                    problems += _owners(account, name, values[name], record)
    if problems:
        raise invalid_values(problems)
    return values


def _owners(account: "Account", name: str, value: str, record: Record | None) -> list[Problem]:
    """Check values whose options are not in the definition: owners."""
    owners = {owner.id: owner for owner in account.owners}
    kept = record.get(name).split(";") if record else []
    new = [part for part in value.split(";") if part and part not in kept]
    said = [(part, "does not exist") for part in new if part not in owners]
    if account.behaviour.refuse_archived_owners:
        said += [(p, "is not active") for p in new if p in owners and owners[p].archived]
    return [Problem(name, "INVALID_OWNER_ID", f"Owner {part} {why}") for part, why in said]


def _require_one(kind: Kind, values: Values) -> None:
    if any(values.get(name) for name in kind.needs_one) and (
        kind is not DEALS or values.get("dealstage")
    ):
        return
    wanted = kind.needs_one if kind is not DEALS else ("dealname", "dealstage")
    missing = [name for name in wanted if not values.get(name)]
    raise _missing("MISSING_REQUIRED_PROPERTY", missing)


def _missing(code: str, names: list[str]) -> ApiError:
    text = f"Error creating record. Some required properties were not set: {', '.join(names)}"
    error = {"message": text, "code": code, "context": {"properties": names}}
    return ApiError(400, text, "VALIDATION_ERROR", errors=[error])


def _enforce(account: "Account", kind: Kind, values: Values) -> None:
    required = account.required_on_create.get(kind.plural, [])
    if missing := [name for name in required if not values.get(name)]:
        raise _missing("MISSING_REQUIRED_PROPERTY", missing)
    conditional = [
        rule["requires"]
        for rule in account.conditional_rules
        if rule["type"] == kind.plural
        and values.get(rule["property"]) == rule["value"]
        and not values.get(rule["requires"])
    ]
    if conditional:
        raise _missing("MISSING_CONDITIONAL_REQUIRED_PROPERTY", conditional)


def _check_stage(account: "Account", kind: Kind, values: Values, stored: Mapping[str, str]) -> None:
    if kind is not DEALS or not values.keys() & {"pipeline", "dealstage"}:
        return
    pipeline = values.get("pipeline") or stored.get("pipeline", "")
    stage = values.get("dealstage") or stored.get("dealstage", "")
    if pipeline not in account.pipelines:
        allowed = ", ".join(account.pipelines)
        text = f"{pipeline} was not one of the allowed options: [{allowed}]"
        raise invalid_values([Problem("pipeline", "INVALID_OPTION", text)])
    stages = [stage["id"] for stage in account.pipelines[pipeline]["stages"]]
    if stage not in stages:
        text = f"{stage} was not one of the allowed options: [{', '.join(stages)}]"
        raise invalid_values([Problem("dealstage", "INVALID_OPTION", text)])


def _follow_stage(account: "Account", kind: Kind, record: Record, values: Values) -> None:
    """Choose the pipeline of the stage, unless one was chosen or the present one has it too."""
    stage = values.get("dealstage")
    if kind is not DEALS or not stage or "pipeline" in values:
        return
    present = account.pipelines.get(record.get("pipeline"), {"stages": []})
    if all(one["id"] != stage for one in present["stages"]):
        values["pipeline"] = pipeline_with(account, stage) or record.get("pipeline")


def _hold_lifecycle(account: "Account", kind: Kind, record: Record, values: Values) -> None:
    """Keep the stage from moving backwards; clearing it in a call of its own is allowed."""
    wanted, stored = values.get(LIFECYCLE), record.get(LIFECYCLE)
    definition = account.catalogs[kind.plural].get(LIFECYCLE)
    if not wanted or not stored or definition is None:
        return
    order = definition.values()
    if order.get(wanted, 0) >= order.get(stored, 0):
        return
    if account.behaviour.backward_lifecycle == "reject":
        text = f"lifecyclestage cannot be moved backwards from {stored} to {wanted}"
        raise invalid_values([Problem(LIFECYCLE, "INVALID_LIFECYCLE_STAGE", text)])
    del values[LIFECYCLE]


def _check_unique(
    store: RecordStore, kind: Kind, values: Values, record: Record | None, claims: Claims | None
) -> None:
    for name in store.unique:
        value = values.get(name)
        if not value:
            continue
        owner = store.owner_of(name, value)
        if owner is not None and (record is None or owner != record.id):
            raise _conflict(name, value, owner)
        if claims is not None:
            if (name, value) in claims:
                raise _conflict(name, value, 0)
            claims.add((name, value))


def _conflict(name: str, value: str, owner: int) -> ApiError:
    if name == "email":
        return already_exists(owner)
    text = f"Cannot set {name}={value}: the value is already in use on another record ({owner})."
    return invalid_values([Problem(name, "CONFLICTING_UNIQUE_VALUE", text)])
