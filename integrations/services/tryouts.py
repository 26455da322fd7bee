"""What a rule makes of one real value, both ways, before it is saved. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.edits import is_new
from integrations.engine.errors import ConfigInvalid, MappingError
from integrations.engine.mapping import BoundRule, FieldRule, Mapper, Privacy
from integrations.engine.ports import Priority
from integrations.engine.records import BLANK, Side, Value, is_value
from integrations.models import ObjectSync
from integrations.services import connectors
from integrations.services.explain import shown


@dataclass(frozen=True, slots=True)
class TryOut:
    """One value as the record holds it, as the other side would get it, and brought back again.

    `problem` is a sentence on why it cannot travel, "" if it can. Health values are masked.
    """

    before: str = ""
    after: str = ""
    back: str = ""
    problem: str = ""


def try_out(object_sync: ObjectSync, rule: FieldRule, record_id: str, side: Side) -> TryOut:
    """Read one record of one side now and apply the rule's transform to its field.

    Raises a sync-wide SyncError when the system cannot be read.
    """
    try:
        (bound,) = Mapper((rule,)).rules
    except ConfigInvalid as error:
        return TryOut(problem=error.detail)
    name = bound.name(side)
    if side is Side.TARGET and is_new(rule):
        return TryOut(problem=_("This field is made by publishing and holds nothing yet."))
    object_type = object_sync.hubspot_object if side is Side.HUBSPOT else object_sync.target_object
    connector = connectors.open_pair(object_sync, Priority.PERSON)[side]
    record = connector.fetch(object_type, [record_id], [name]).get(record_id)
    if record is None:
        return TryOut(problem=_("There is no record with this id."))
    return _applied(bound, record.get(name), side)


def _applied(bound: BoundRule, value: Value, side: Side) -> TryOut:
    masked = bound.rule.privacy is Privacy.HEALTH
    before = shown(value, masked)
    if side.other not in bound.ways:
        return TryOut(before, problem=_("This field does not travel in this direction."))
    now = timezone.now()
    try:
        after = bound.translate(value, side.other, now) if is_value(value) else BLANK
    except MappingError as error:
        return TryOut(before, problem=f"{bound.label} {error.detail}.")
    back = ""
    if side in bound.ways and is_value(after):
        try:
            back = shown(bound.translate(after, side, now), masked)
        except MappingError as error:
            return TryOut(before, shown(after, masked), problem=f"{bound.label} {error.detail}.")
    return TryOut(before, shown(after, masked), back)
