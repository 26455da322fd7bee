"""Addresses of version 1 of the REST API."""

from __future__ import annotations

from django.urls import path, re_path, register_converter

from integrations.api.openapi import SchemaView
from integrations.api.v1 import (
    audit,
    catalogue,
    drafts,
    erasing,
    integrations,
    jobs,
    merges,
    previews,
    records,
    restoring,
    reviews,
    runs,
    tables,
    token,
    versions,
)
from integrations.engine.records import Side


class SideConverter:
    """`hubspot` or `target`."""

    regex = "|".join(Side)

    def to_python(self, value: str) -> Side:
        """Return the side."""
        return Side(value)

    def to_url(self, value: Side) -> str:
        """Return its name."""
        return value.value


register_converter(SideConverter, "side")
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("token/", token.Token.as_view()),
    path("catalogue/", catalogue.Catalogue.as_view()),
    path("integrations/", integrations.Integrations.as_view()),
    path("integrations/<uuid:pk>/", integrations.IntegrationDetail.as_view()),
    path("integrations/<uuid:pk>/pause/", integrations.IntegrationPause.as_view()),
    path("integrations/<uuid:pk>/resume/", integrations.IntegrationResume.as_view()),
    path("integrations/<uuid:pk>/sync/", runs.IntegrationSync.as_view()),
    path("integrations/<uuid:pk>/jobs/", jobs.Jobs.as_view()),
    path("integrations/<uuid:pk>/jobs/<str:key>/", jobs.JobDetail.as_view()),
    path("integrations/<uuid:pk>/jobs/<str:key>/run/", jobs.JobRunNow.as_view()),
    path("integrations/<uuid:pk>/preparation/", tables.Preparation.as_view()),
    path("integrations/<uuid:pk>/owners/", tables.Owners.as_view()),
    path("integrations/<uuid:pk>/owners/connect/", tables.OwnersConnect.as_view()),
    path("integrations/<uuid:pk>/owners/assign/", tables.OwnersAssign.as_view()),
    path("integrations/<uuid:pk>/stages/", tables.Stages.as_view()),
    path("integrations/<uuid:pk>/stages/refresh/", tables.StagesRefresh.as_view()),
    path("integrations/<uuid:pk>/stages/assign/", tables.StagesAssign.as_view()),
    path("integrations/<uuid:pk>/stages/typed/", tables.StagesTyped.as_view()),
    path("object-syncs/", integrations.ObjectSyncs.as_view()),
    path("object-syncs/<uuid:pk>/", integrations.ObjectSyncDetail.as_view()),
    path("object-syncs/<uuid:pk>/pause/", integrations.ObjectSyncPause.as_view()),
    path("object-syncs/<uuid:pk>/resume/", integrations.ObjectSyncResume.as_view()),
    path("object-syncs/<uuid:pk>/fields/", drafts.Fields.as_view()),
    path("object-syncs/<uuid:pk>/config/", drafts.PublishedConfig.as_view()),
    path("object-syncs/<uuid:pk>/draft/", drafts.DraftDetail.as_view()),
    path("object-syncs/<uuid:pk>/draft/selection/", drafts.DraftSelection.as_view()),
    path("object-syncs/<uuid:pk>/draft/problems/", drafts.DraftProblems.as_view()),
    path("object-syncs/<uuid:pk>/draft/differences/", drafts.DraftDifferences.as_view()),
    path("object-syncs/<uuid:pk>/draft/repair/", drafts.DraftRepair.as_view()),
    path("object-syncs/<uuid:pk>/draft/try-out/", drafts.DraftTryOut.as_view()),
    path("object-syncs/<uuid:pk>/draft/filters/<side:side>/", drafts.DraftFilter.as_view()),
    path("object-syncs/<uuid:pk>/versions/", versions.Versions.as_view()),
    path("object-syncs/<uuid:pk>/versions/<int:number>/", versions.VersionDetail.as_view()),
    path(
        "object-syncs/<uuid:pk>/versions/<int:number>/differences/",
        versions.VersionDifferences.as_view(),
    ),
    path(
        "object-syncs/<uuid:pk>/versions/<int:number>/roll-back/",
        versions.VersionRollBack.as_view(),
    ),
    path("previews/", previews.Previews.as_view()),
    path("previews/<int:pk>/", previews.PreviewDetail.as_view()),
    path("previews/<int:pk>/items/", previews.PreviewItems.as_view()),
    path("previews/<int:pk>/publish/", previews.PreviewPublish.as_view()),
    path("runs/", runs.Runs.as_view()),
    path("runs/<int:pk>/", runs.RunDetail.as_view()),
    path("runs/<int:pk>/cancel/", runs.RunCancel.as_view()),
    path("runs/<int:pk>/approve/", runs.RunApprove.as_view()),
    path("records/", records.Records.as_view()),
    path("records/why/", records.Why.as_view()),
    path("records/retry/", records.RecordsRetry.as_view()),
    path("records/<int:pk>/", records.RecordDetail.as_view()),
    path("records/<int:pk>/why/", records.RecordWhy.as_view()),
    path("records/<int:pk>/retry/", records.RecordRetry.as_view()),
    path("records/<int:pk>/restore/", restoring.RecordRestore.as_view()),
    path("records/<int:pk>/erase/", erasing.RecordErase.as_view()),
    path("reviews/", reviews.Reviews.as_view()),
    path("reviews/decide/", reviews.ReviewsDecide.as_view()),
    path("reviews/resolve/", reviews.ReviewsResolve.as_view()),
    path("reviews/<int:pk>/", reviews.ReviewDetail.as_view()),
    path("reviews/<int:pk>/resolve/", reviews.ReviewResolve.as_view()),
    path("merges/", merges.Merges.as_view()),
    path("merges/<int:pk>/", merges.MergeDetail.as_view()),
    path("merges/<int:pk>/decide/", merges.MergeDecide.as_view()),
    path("merges/<int:pk>/undo/", merges.MergeUndo.as_view()),
    path("audit/", audit.AuditLog.as_view()),
    re_path(r"^(?P<path>.*)$", token.Unknown.as_view()),
]
