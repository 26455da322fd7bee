"""What all pages of a draft share: the sync in the address, its draft, what it lacks, its frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from integrations.engine.checks import Problem, Severity, place
from integrations.engine.config import SyncConfig
from integrations.engine.drift import Drift
from integrations.engine.edits import EditRefused, Ground
from integrations.engine.errors import SyncError
from integrations.engine.importing import Lack, lacking
from integrations.engine.versions import Difference
from integrations.models import Draft, Integration, ObjectSync
from integrations.services import connectors, drafts, schemas, syncs
from integrations.views.access import Seat
from integrations.views.actions import error_text
from integrations.views.pages import show
from integrations.views.wording import named


@dataclass(frozen=True, slots=True)
class Pill:
    """One object pair in the row of objects."""

    url: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of the draft and the address of where to mend it."""

    sentence: str
    is_error: bool
    url: str


@dataclass
class Desk:
    """A draft on somebody's desk. `trouble` says why a system's fields cannot be read now."""

    seat: Seat
    integration: Integration
    object_sync: ObjectSync
    draft: Draft
    ground: Ground
    trouble: str = ""

    @cached_property
    def config(self) -> SyncConfig:
        """What the draft says now."""
        return drafts.config_of(self.draft)

    @cached_property
    def differences(self) -> Sequence[Difference]:
        """What the draft changes about what is published; nothing while nothing is."""
        found = drafts.differences(self.draft) if self.object_sync.version else ()
        return named(found, self.ground.target)

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """What keeps the draft from being published, or deserves a look."""
        return self.judged(self.config)

    @cached_property
    def drifts(self) -> Sequence[Drift]:
        """What changed in both systems' fields since publishing."""
        return schemas.drifts(self.object_sync)

    @cached_property
    def lacks(self) -> Sequence[Lack]:
        """The options that the target's picklists lack for what the draft says."""
        ground = self.ground
        if not ground.adds_options:
            return ()
        return lacking(self.config.rules, ground.hubspot, ground.target)

    @property
    def findings(self) -> list[Finding]:
        """The problems with their places, errors first."""
        labels = {place(rule): rule.label or rule.hubspot for rule in self.config.rules}
        return [
            Finding(
                said(each, labels.get(each.where, "")),
                each.severity is Severity.ERROR,
                self._place(each.where),
            )
            for each in self.problems
        ]

    @property
    def has_errors(self) -> bool:
        """Whether the draft cannot be previewed as it is."""
        return any(each.severity is Severity.ERROR for each in self.problems)

    @property
    def system(self) -> str:
        """What people call the other system."""
        return connectors.spec_of(self.integration.system).label

    def address(self, name: str) -> str:
        """Return the address of another page of this sync."""
        return reverse(
            name, args=[self.seat.tenant.slug, self.integration.pk, self.object_sync.key]
        )

    def judged(self, config: SyncConfig) -> Sequence[Problem]:
        """Return what is wrong with a configuration, nothing while the fields are not known."""
        if self.trouble:
            return ()
        return drafts.judged(config, self.ground)

    def _place(self, where: str) -> str:
        if where.startswith("filter:"):
            return f"{self.address('filters')}#{where.split(':')[1]}"
        return f"{self.address('fields')}#{anchor(where)}" if where else ""

    def save(self, request: HttpRequest, config: SyncConfig) -> bool:
        """Store an edited configuration, or tell why it is not stored."""
        try:
            drafts.save(self.draft, config, self.seat.user, self.revision(request))
        except drafts.DraftChanged as changed:
            messages.error(request, str(changed))
        except SyncError as error:
            messages.error(request, error.detail)
        else:
            return True
        return False

    def revision(self, request: HttpRequest) -> int:
        """Return the revision that the person's page showed."""
        given = request.POST.get("revision", "")
        return int(given[:9]) if given.isdecimal() else self.draft.revision

    def show(
        self, request: HttpRequest, template: str, context: Mapping[str, Any], *, tab: str
    ) -> HttpResponse:
        """Render a page of the draft in its frame."""
        frame = {
            "integration": self.integration,
            "object_sync": self.object_sync,
            "objects": pills(self.seat, self.integration, tab, self.object_sync.key),
            "desk": self,
            "system": self.system,
        }
        return show(request, self.seat, template, frame | dict(context), tab=tab)


def open_desk(seat: Seat, pk: UUID, key: str, *, fresh: bool = False) -> Desk:
    """Return the draft of one sync; raises Http404 for others' and for those that are fixed."""
    integration, row = sync_of(seat, pk, key)
    draft = drafts.of(row)
    try:
        return Desk(seat, integration, row, draft, drafts.ground(row, fresh=fresh))
    except SyncError as error:
        nothing = Ground(syncs.start_config_of(row), locked=syncs.spec_of(row).locked)
        return Desk(seat, integration, row, draft, nothing, error_text(error))


def sync_of(seat: Seat, pk: UUID, key: str) -> tuple[Integration, ObjectSync]:
    """Return a sync whose mapping people edit; raises Http404 for any other."""
    integration = seat.live_integration(pk)
    row = get_object_or_404(integration.object_syncs.select_related("version"), key=key)
    row.integration = integration
    if not syncs.spec_of(row).configurable:
        raise Http404
    return integration, row


def pills(seat: Seat, integration: Integration, page: str, current: str) -> list[Pill]:
    """Return the row of object pairs that leads to the same page of each."""
    return [
        Pill(
            reverse(page, args=[seat.tenant.slug, integration.pk, spec.key]),
            _(spec.hubspot_object.capitalize()),
            spec.key == current,
        )
        for spec in connectors.spec_of(integration.system).syncs
        if spec.configurable
    ]


def anchor(where: str) -> str:
    """Return the id of a rule's row, from "<hubspot field>|<target field>"."""
    return "map-" + blake2b(where.encode(), digest_size=5).hexdigest()


def said(problem: Problem, label: str) -> str:
    """Name the field where the sentence does not: away from its row it would say little."""
    sentence = _(problem.sentence)
    if not label or "“" in sentence:
        return sentence
    return _("“%(name)s”: %(sentence)s") % {"name": label, "sentence": sentence}


def refused(request: HttpRequest, refusal: EditRefused) -> None:
    """Tell why a step makes no sense."""
    messages.error(request, str(refusal))
