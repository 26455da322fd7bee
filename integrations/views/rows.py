"""How the pages show a draft's field pairs, and the HubSpot fields that can be added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from integrations.engine.catalogue import CONFLICT_POLICIES, OVERWRITES, TRANSFORM_ENTRIES
from integrations.engine.checks import Problem, Severity, place
from integrations.engine.drift import Drift, Remedy, Repair, repaired
from integrations.engine.edits import is_new
from integrations.engine.mapping import Direction, FieldRule, Overwrite
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.engine.transforms.tables import TABLE
from integrations.forms.choices import said, way_of
from integrations.services import syncs
from integrations.views.desk import Desk, Finding, anchor

MOST_OFFERED = 1_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A field whose definition changed since publishing, and what can be done about it.

    `key` is "" where the draft holds the proposed repair already, or none is proposed.
    """

    sentence: str
    pauses: bool
    proposal: str
    key: str


@dataclass(frozen=True, slots=True)
class Row:
    """One field pair. `hubspot` and `target` are None for fields that do not exist (any more)."""

    rule: FieldRule
    anchor: str
    query: str
    hubspot: FieldSpec | None
    target: FieldSpec | None
    is_new: bool
    is_locked: bool
    has_table: bool
    way: str
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    changed: tuple[Changed, ...] = ()

    @property
    def label(self) -> str:
        """What people call the pair."""
        return self.rule.label or (self.hubspot.label if self.hubspot else self.rule.hubspot)

    @property
    def arrow(self) -> str:
        """The direction as a sign."""
        return {Direction.BOTH: "⇄", Direction.TO_TARGET: "→"}.get(self.rule.direction, "←")


@dataclass(frozen=True, slots=True)
class Offer:
    """HubSpot fields of one property group that can be added."""

    name: str
    fields: tuple[FieldSpec, ...]


def rows_of(desk: Desk) -> list[Row]:
    """Return all pairs, the fixed ones first."""
    rows = [row_of(desk, rule) for rule in desk.config.rules]
    return sorted(rows, key=lambda row: not row.is_locked)


def row_of(desk: Desk, rule: FieldRule, problems: Sequence[Problem] | None = None) -> Row:
    """Return one pair as it is shown; `problems` are the draft's unless others are given."""
    ground, where = desk.ground, place(rule)
    found = desk.problems if problems is None else problems
    return Row(
        rule=rule,
        anchor=anchor(where),
        query=urlencode({"hubspot": rule.hubspot, "target": rule.target}),
        hubspot=ground.hubspot.get(rule.hubspot),
        target=ground.target.get(rule.target),
        is_new=is_new(rule),
        is_locked=rule.hubspot in ground.locked,
        has_table=rule.transform == TABLE,
        way=way_of(rule.direction, desk.system),
        notes=tuple(_notes(desk, rule)),
        findings=tuple(
            Finding(_(each.sentence), each.severity is Severity.ERROR, "")
            for each in found
            if each.where == where
        ),
        changed=tuple(_changed(desk, drift) for drift in desk.drifts if _is_about(drift, rule)),
    )


def unplaced(desk: Desk) -> list[Changed]:
    """Return the changed definitions that no pair of the draft is about."""
    return [
        _changed(desk, drift)
        for drift in desk.drifts
        if not any(_is_about(drift, rule) for rule in desk.config.rules)
    ]


def _is_about(drift: Drift, rule: FieldRule) -> bool:
    name = rule.hubspot if drift.side is Side.HUBSPOT else rule.target
    return drift.field == name or place(rule) in drift.pauses


def _changed(desk: Desk, drift: Drift) -> Changed:
    is_open = drift.repairs and repaired(desk.config, drift.repairs) != desk.config
    words = ", ".join(dict.fromkeys(_proposal(desk, each) for each in drift.repairs))
    return Changed(
        _(drift.sentence), bool(drift.pauses or drift.spoils), words, drift.key if is_open else ""
    )


def _proposal(desk: Desk, repair: Repair) -> str:
    """Say what a proposed repair does."""
    if repair.remedy is Remedy.DROP:
        return _("stop syncing this field")
    if repair.remedy is Remedy.MASK:
        return _("keep its values masked")
    if repair.remedy is Remedy.VALUE_LIST:
        return _("bring the value list up to date")
    if repair.remedy is Remedy.TRANSFORM and repair.transform in TRANSFORM_ENTRIES:
        label = _(TRANSFORM_ENTRIES[repair.transform].label)
        return _("convert it with “%(name)s”") % {"name": label}
    return way_of(repair.direction, desk.system)


def available(desk: Desk, query: str) -> list[Offer]:
    """Return the HubSpot fields that are not selected, by group, narrowed to a search.

    Those that the portal made for itself, or handles in another way, are not offered.
    """
    mapped = {rule.hubspot for rule in desk.config.rules}
    pair = syncs.spec_of(desk.object_sync)
    mapped |= {field.name for field in pair.hubspot_fields} | set(pair.hidden)
    words = query.casefold().split()
    groups: dict[str, list[FieldSpec]] = {}
    free = [spec for name, spec in desk.ground.hubspot.items() if name not in mapped]
    for spec in free[:MOST_OFFERED]:
        text = f"{spec.label} {spec.name}".casefold()
        if all(word in text for word in words):
            groups.setdefault(spec.group, []).append(spec)
    return [
        Offer(_group_label(name), tuple(sorted(specs, key=lambda spec: spec.label.casefold())))
        for name, specs in sorted(groups.items())
    ]


def _group_label(name: str) -> str:
    """HubSpot's own groups are one word, like "contactinformation"; people's have underscores."""
    words = name.replace("_", " ").replace("information", " information")
    return " ".join(words.split()).capitalize() or _("Other")


def _notes(desk: Desk, rule: FieldRule) -> Iterator[str]:
    """Say in a few words what is special about a pair."""
    if rule.transform in TRANSFORM_ENTRIES and rule.transform:
        yield _(TRANSFORM_ENTRIES[rule.transform].label)
    if rule.overwrite is not Overwrite.ALWAYS:
        yield said(OVERWRITES[rule.overwrite], desk.system)
    if rule.conflict is not None and rule.conflict is not desk.config.conflict:
        yield _("Both changed: %(policy)s") % {
            "policy": said(CONFLICT_POLICIES[rule.conflict], desk.system)
        }
    if not rule.clears:
        yield _("Blank values stay behind")
