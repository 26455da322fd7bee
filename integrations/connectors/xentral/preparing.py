"""What must be there in Xentral before anything is synced: found, made, or said how to make it.

Seed: help.xentral.com, "old Hubspot integration" (two empty free fields, the group, the columns of
the address table), read 2026-11-20. Nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.connectors.xentral.errors import NoRoute
from integrations.connectors.xentral.fields import FREE, FREE_READABLE
from integrations.connectors.xentral.groups import OWN, V3, VERBAND, Groups
from integrations.connectors.xentral.payloads import id_of, text_of
from integrations.connectors.xentral.present import FreeField, Present
from integrations.connectors.xentral.stages import NO_STAGES, Stages
from integrations.engine.errors import MissingScope, Rejected
from integrations.engine.extras import Prepared, Step, StepState
from integrations.engine.specs import Option

Lists = Mapping[str, Sequence[Option]]

FREE_FIELDS: Final = 20
STATUS_FIELDS: Final = (
    ("lead_field", "Hubspot Lead-Status", "contacts.hs_lead_status"),
    ("lifecycle_field", "Hubspot Lifecycle-Stage", "contacts.lifecyclestage"),
)
"""The derived setting, the name in Xentral, and the HubSpot field whose options it holds."""
MENU: Final = "Administration, Settings, System, Basic settings, Settings, Free fields"
_OWN_GROUP: Final = (
    "This Xentral lets nobody be put into the group from outside. Which addresses belong to it is "
    "kept here instead. To see them in the group in Xentral, enable version 3 of customers for "
    "the token, or give the group the kind “Verband”."
)


@dataclass(frozen=True, slots=True)
class Preparation:
    """The parts of one instance that are looked at. `check` proves that the access works."""

    check: Callable[[], object]
    groups: Groups
    present: Present
    stages: Stages

    def run(self, settings: Mapping[str, str], lists: Lists) -> Prepared:
        """Find or make what these settings need. Raises AuthFailed, Unavailable and the like."""
        self.check()
        steps = [Step("access", "Access to Xentral", StepState.FOUND)]
        derived: dict[str, str] = {}
        if settings.get("sync_contacts", "yes") == "yes":
            steps += self._group(settings.get("group") or "Hubspot", derived)
            steps += self._free_fields(settings, lists, derived)
        automatic = settings.get("stage_mode", "automatic") == "automatic"
        if settings.get("sync_deals", "yes") == "yes" and automatic:
            steps.append(self._view(settings.get("view") or "Hubspot"))
        return Prepared(tuple(steps), derived)

    # ------------------------------------------------------------ group

    def _group(self, name: str, derived: dict[str, str]) -> Iterator[Step]:
        label, state = f"Group “{name}”", StepState.FOUND
        group = self.groups.named(name)
        if group is None:
            try:
                group, state = self.groups.make(name), StepState.MADE
            except (MissingScope, Rejected) as error:
                detail = f"{error.detail} Make a group “{name}” in Xentral: Master data, Groups."
                yield Step("group", label, StepState.BY_HAND, detail)
                return
        derived["group_id"] = id_of(group["id"])
        if self.present.has_groups():
            mode = V3
        else:
            mode = VERBAND if text_of(group.get("art")) == VERBAND else OWN
        derived["group_mode"] = mode
        yield Step("group", label, state)
        if mode == OWN:
            yield Step("membership", "Members of the group", StepState.REMARK, _OWN_GROUP)

    # ------------------------------------------------------------ free fields

    def _free_fields(
        self, settings: Mapping[str, str], lists: Lists, derived: dict[str, str]
    ) -> Iterator[Step]:
        try:
            known = self._made(settings, lists)
        except (MissingScope, Rejected, NoRoute) as error:
            yield _by_hand(error.detail, lists)
            return
        before, after = known
        for setting, name, source in STATUS_FIELDS:
            field = _of(after, name, settings.get(setting, ""))
            if field is None:
                yield _by_hand(_too_few(after), lists)
                return
            if not 1 <= field.number <= FREE_READABLE:
                detail = (
                    f"“{name}” is free field {field.number}, but the interface shows the first "
                    f"{FREE_READABLE} only. Move it to one of these."
                )
                yield Step(setting, f"Free field “{name}”", StepState.BY_HAND, detail)
                continue
            derived[setting] = f"{FREE}{field.number}"
            was_there = _of(before, name, settings.get(setting, "")) is not None
            state = StepState.FOUND if was_there else StepState.MADE
            yield Step(setting, f"Free field “{name}”", state)
            yield from _missing_options(field, lists.get(source, ()))
        yield Step(
            "columns",
            "Columns of the address table",
            StepState.REMARK,
            "To see both in the address table: on the tab System of the same page, choose them as "
            "columns 1 and 2 under “Additional fields address table”. No interface can do that.",
        )

    def _made(
        self, settings: Mapping[str, str], lists: Lists
    ) -> tuple[Sequence[FreeField], Sequence[FreeField]]:
        """Return the free fields as they were and as they are with those that were missing.

        If there is not room for all of them none is made.
        """
        known = self.present.free_fields()
        missing = [
            (name, source)
            for setting, name, source in STATUS_FIELDS
            if _of(known, name, settings.get(setting, "")) is None
        ]
        if not missing or len(_empty(known)) < len(missing):
            return known, known
        for name, source in missing:
            self.present.make_free_field(name, lists.get(source, ()))
        return known, self.present.free_fields()

    # ------------------------------------------------------------ stages

    def _view(self, board: str) -> Step:
        """Find or make the view; its stages follow when HubSpot's are read."""
        label = f"View “{board}” for deals"
        if not self.stages.can_list:
            return Step("view", label, StepState.REMARK, NO_STAGES)
        made = self.stages.ensure_board(board)
        return Step("view", label, StepState.MADE if made else StepState.FOUND)


def _of(known: Sequence[FreeField], name: str, chosen: str) -> FreeField | None:
    """Return the free field of a name, or the one chosen earlier that was renamed since."""
    by_name = (f for f in known if f.name.casefold() == name.casefold())
    renamed = (f for f in known if f.name and chosen == f"{FREE}{f.number}")
    return next(by_name, None) or next(renamed, None)


def _empty(known: Sequence[FreeField]) -> list[int]:
    taken = {field.number for field in known if field.name}
    return [number for number in range(1, FREE_READABLE + 1) if number not in taken]


def _too_few(known: Sequence[FreeField]) -> str:
    used = sum(1 for field in known if field.name)
    return (
        f"{used} of {FREE_FIELDS} free fields of addresses are in use, and fewer than two of the "
        f"first {FREE_READABLE} are empty."
    )


def _by_hand(why: str, lists: Lists) -> Step:
    """Return what a person does to get both fields."""
    values = "; ".join(
        f"“{name}” with the values {_listed(lists.get(source, ()))}"
        for _setting, name, source in STATUS_FIELDS
    )
    return Step(
        "free_fields",
        "Two free fields of addresses",
        StepState.BY_HAND,
        f"{why} In Xentral, open {MENU}. Empty two of the first {FREE_READABLE} address free "
        f"fields, or make them yourself as fields to choose from: {values}. Then check again.",
    )


def _listed(options: Sequence[Option]) -> str:
    return ", ".join(option.value for option in options) or "of HubSpot"


def _missing_options(field: FreeField, options: Sequence[Option]) -> Iterator[Step]:
    known = {option.value for option in field.options}
    missing = [option.value for option in options if option.value not in known]
    if field.options and missing:
        yield Step(
            f"options_{field.number}",
            f"Values of “{field.name}”",
            StepState.REMARK,
            f"Add these values to the free field in Xentral ({MENU}): {', '.join(missing)}.",
        )
