"""The draft of an object sync: read, replaced, judged, thrown away; and the fields to choose from.

Whoever writes says which revision they read, so that nobody undoes another's work unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api import configs
from integrations.api.base import TokenView
from integrations.api.openapi import IF_MATCH, page_of
from integrations.api.paging import named_page
from integrations.api.serializers.mappings import (
    DraftShape,
    FieldQuery,
    FieldSpecShape,
    NewConfigShape,
    NewGroupsShape,
    ProblemShape,
    ProblemsShape,
    PublishedShape,
    RepairShape,
    RevisionShape,
    SelectionShape,
    SideFilterShape,
    TriedShape,
    TryOutShape,
)
from integrations.api.serializers.publishing import DifferenceShape, DifferencesShape
from integrations.engine import edits, selecting
from integrations.engine.config import SyncConfig
from integrations.engine.edits import Ground
from integrations.engine.records import Side
from integrations.models import Draft
from integrations.services import drafts, schemas, syncs, tryouts
from integrations.services.tokens import Scope

Edit = Callable[[SyncConfig, Ground, dict[str, Any]], SyncConfig]


class MappingView(TokenView):
    """Base of the views of mappings."""

    reads = Scope.MAPPINGS_READ
    writes = Scope.MAPPINGS_WRITE

    def draft(self, pk: UUID) -> Draft:
        """Return an object sync's draft."""
        return drafts.of(self.live(pk))

    def edit(self, pk: UUID, shape: type[RevisionShape], step: Edit) -> Draft:
        """Take one step, with what was sent, on the draft that the caller has read."""
        draft = self.draft(pk)
        sent = self.sent(shape)
        revision = self._revision(sent)
        config = step(drafts.config_of(draft), drafts.ground(draft.object_sync), sent)
        return drafts.save(draft, config, self.user, revision)

    def _revision(self, sent: dict[str, Any]) -> int:
        if "revision" in sent:
            return int(sent["revision"])
        text = self.request.headers.get("If-Match", "").removeprefix("W/").strip('" ')
        if not text.isdecimal() or len(text) > 9:
            sentence = "Say which revision you read: here or in the header If-Match."
            raise ValidationError({"revision": [sentence]})
        return int(text)


class DraftDetail(MappingView):
    """The draft of one object sync."""

    @extend_schema(responses=DraftShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show the draft; without one it starts from what is published."""
        return answer(self.draft(pk))

    @extend_schema(request=NewConfigShape, responses=DraftShape, parameters=[IF_MATCH])
    def put(self, request: Request, pk: UUID) -> Response:
        """Replace the whole draft; members left out of a rule take their defaults."""

        def step(config: SyncConfig, ground: Ground, sent: dict[str, Any]) -> SyncConfig:
            return configs.edited(config, sent["config"], ground)

        return answer(self.edit(pk, NewConfigShape, step))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Throw the draft away; what is published stays."""
        drafts.discard(self.draft(pk), self.user)
        return Response(status=204)


class DraftSelection(MappingView):
    """Which HubSpot fields are synced."""

    @extend_schema(request=SelectionShape, responses=DraftShape, parameters=[IF_MATCH])
    def post(self, request: Request, pk: UUID) -> Response:
        """Choose the synced HubSpot fields; new ones get the rule that suits them best."""

        def step(config: SyncConfig, ground: Ground, sent: dict[str, Any]) -> SyncConfig:
            return selecting.select_fields(config, sent["fields"], ground)

        return answer(self.edit(pk, SelectionShape, step))


class DraftProblems(MappingView):
    """What is wrong with the draft."""

    @extend_schema(responses=ProblemsShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Judge the draft against both systems' fields as they are now."""
        draft = self.draft(pk)
        found: Any = drafts.problems(draft, fresh=True)
        problems = ProblemShape(found, many=True).data
        return Response({"revision": draft.revision, "problems": problems})


class DraftDifferences(MappingView):
    """What publishing the draft would change."""

    @extend_schema(responses=DifferencesShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Say in sentences what publishing the draft would change."""
        found: Any = drafts.differences(self.draft(pk))
        return Response({"differences": DifferenceShape(found, many=True).data})


class DraftRepair(MappingView):
    """Accepting a repair."""

    @extend_schema(request=RepairShape, responses=DraftShape, parameters=[IF_MATCH])
    def post(self, request: Request, pk: UUID) -> Response:
        """Put the repair proposed for a changed field into the draft."""
        draft = self.draft(pk)
        sent = self.sent(RepairShape)
        known = {drift.key: drift for drift in schemas.drifts(draft.object_sync)}
        if sent["drift"] not in known:
            raise ValidationError({"drift": ["No field changed in this way (any more)."]})
        revision = self._revision(sent)
        return answer(drafts.repair(draft, known[sent["drift"]], self.user, revision))


class DraftTryOut(MappingView):
    """Trying a rule: it shows a record's value, so it needs the scope of records too."""

    also = (Scope.RECORDS_READ,)

    @extend_schema(request=TryOutShape, responses=TriedShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Read one record and say what a rule makes of its value. Writes nothing."""
        draft = self.draft(pk)
        sent = self.sent(TryOutShape)
        ground = drafts.ground(draft.object_sync)
        rule = configs.rule_of(sent["rule"], drafts.config_of(draft), ground)
        tried = tryouts.try_out(draft.object_sync, rule, sent["record"], Side(sent["side"]))
        return Response(TriedShape(tried).data)


class DraftFilter(MappingView):
    """The draft's filter of one side."""

    @extend_schema(responses=SideFilterShape)
    def get(self, request: Request, pk: UUID, side: Side) -> Response:
        """Show which records of a side are in."""
        return _filter(self.draft(pk), side)

    @extend_schema(request=NewGroupsShape, responses=SideFilterShape, parameters=[IF_MATCH])
    def put(self, request: Request, pk: UUID, side: Side) -> Response:
        """Replace the filter of a side."""

        def step(config: SyncConfig, _ground: Ground, sent: dict[str, Any]) -> SyncConfig:
            return edits.set_filter(config, side, configs.filter_of(sent))

        return _filter(self.edit(pk, NewGroupsShape, step), side)


class PublishedConfig(MappingView):
    """The configuration in force."""

    @extend_schema(responses=PublishedShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show what is published; 409 when nothing was published yet."""
        config = syncs.config_of(self.object_sync(pk))
        return Response({"version": config.version, "config": configs.shown(config)})


class Fields(MappingView):
    """The fields of one side."""

    @extend_schema(parameters=[FieldQuery], responses=page_of(FieldSpecShape))
    def get(self, request: Request, pk: UUID) -> Response:
        """List the fields of a side by name, as the system described them last."""
        row = self.live(pk)
        asked = self.asked(FieldQuery)
        known = schemas.of_sync(row, fresh=asked["fresh"])[Side(asked["side"])]
        rows = sorted(known.values(), key=lambda spec: spec.name)
        return named_page(request, rows, FieldSpecShape, asked["limit"], asked["after"])


def answer(draft: Draft) -> Response:
    """Answer with a draft and its revision as entity tag."""
    made = Response(
        {
            "object_sync": str(draft.object_sync_id),
            "revision": draft.revision,
            "based_on": draft.based_on,
            "edited_at": draft.edited_at,
            "edited_by": draft.edited_by.get_username() if draft.edited_by else "",
            "config": configs.shown(drafts.config_of(draft)),
        }
    )
    made["ETag"] = f'"{draft.revision}"'
    return made


def _filter(draft: Draft, side: Side) -> Response:
    shown = configs.groups_shown(drafts.config_of(draft).filter_for(side))
    made = Response({"revision": draft.revision, **shown})
    made["ETag"] = f'"{draft.revision}"'
    return made
