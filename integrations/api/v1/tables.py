"""Preparation, owners and stages of an integration: read, refresh, assign."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import TokenView
from integrations.api.serializers.tables import (
    AssignOwnerShape,
    AssignStageShape,
    OwnersShape,
    PreparationShape,
    SettingsShape,
    TableQuery,
    TableShape,
    TypedStageShape,
)
from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Stage
from integrations.models import Integration, SyncState
from integrations.services import activation, owners, pipelines, readiness, setting_values
from integrations.services.tokens import Scope


class OfIntegration(TokenView):
    """Base of the views of one integration that can be changed."""

    reads = Scope.INTEGRATIONS_READ
    writes = Scope.INTEGRATIONS_WRITE

    def live_integration(self, pk: UUID) -> Integration:
        """Return one to be changed; raises ConfigInvalid (409) when it was uninstalled."""
        row = self.integration(pk)
        if row.state == SyncState.UNINSTALLED:
            raise ConfigInvalid("The integration was uninstalled; connect it again.")
        return row


class Preparation(OfIntegration):
    """What an integration needs before it works."""

    @extend_schema(responses=PreparationShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show the steps as found last, and what is missing."""
        return _preparation(self.integration(pk))

    @extend_schema(request=SettingsShape, responses=PreparationShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Prepare the target, with other settings if some are sent; may be repeated."""
        row = self.live_integration(pk)
        wanted = self.sent(SettingsShape)["settings"]
        if wanted:
            activation.update_settings(row, wanted, self.user)
        else:
            activation.prepare(row, self.user)
        return _preparation(row)


class Owners(OfIntegration):
    """HubSpot's owners and the people of the target."""

    @extend_schema(responses=OwnersShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show who is joined with whom, as both systems are now."""
        return Response(OwnersShape(owners.report(self.integration(pk))).data)


class OwnersConnect(OfIntegration):
    """Matching owners with people."""

    @extend_schema(request=None, responses=OwnersShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Match owners again; what a person chose stays."""
        row = self.live_integration(pk)
        return Response(OwnersShape(owners.connect(row, self.user)).data)


class OwnersAssign(OfIntegration):
    """Assigning an owner by hand."""

    @extend_schema(request=AssignOwnerShape, responses=OwnersShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Join an owner with a person, or with nobody; records are corrected."""
        row = self.live_integration(pk)
        sent = self.sent(AssignOwnerShape)
        owners.assign(row, sent["owner"], sent["person"], self.user)
        return Response(OwnersShape(owners.report(row)).data)


class Stages(OfIntegration):
    """A table of stages."""

    @extend_schema(parameters=[TableQuery], responses=TableShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Show what each HubSpot stage is in the target."""
        row = self.integration(pk)
        return Response(TableShape(pipelines.report(row, self.asked(TableQuery)["table"])).data)


class StagesRefresh(OfIntegration):
    """Fetching HubSpot's stages."""

    @extend_schema(request=TableQuery, responses=TableShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Fetch HubSpot's stages again; what a person chose stays."""
        row = self.live_integration(pk)
        key = self.sent(TableQuery)["table"]
        return Response(TableShape(pipelines.refresh(row, key, self.user)).data)


class StagesAssign(OfIntegration):
    """Assigning a stage by hand."""

    @extend_schema(request=AssignStageShape, responses=TableShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Let a HubSpot stage mean a stage of the target, or none."""
        row = self.live_integration(pk)
        sent = self.sent(AssignStageShape)
        pipelines.assign(row, sent["table"], sent["value"], sent["target"], self.user)
        return Response(TableShape(pipelines.report(row, sent["table"])).data)


class StagesTyped(OfIntegration):
    """Typing in a stage."""

    @extend_schema(request=TypedStageShape, responses=TableShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Put a stage on the list that the target does not list itself."""
        row = self.live_integration(pk)
        sent = self.sent(TypedStageShape)
        stage = Stage(sent["id"], sent["label"], order=sent["order"], chance=sent["chance"])
        pipelines.type_stage(row, sent["table"], stage, self.user)
        return Response(TableShape(pipelines.report(row, sent["table"])).data)


def _preparation(row: Integration) -> Response:
    lack = readiness.lack_of(row)
    shown = {
        "ready": not lack,
        "lack": lack,
        "prepared_at": row.prepared_at,
        "steps": readiness.steps_of(row),
        "settings": setting_values.merged(row),
    }
    return Response(PreparationShape(shown).data)
