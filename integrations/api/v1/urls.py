"""Addresses of version 1 of the REST API."""

from __future__ import annotations

from django.urls import path, re_path

from integrations.api.openapi import SchemaView
from integrations.api.v1 import audit, integrations, records, runs, token

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("token/", token.Token.as_view()),
    path("integrations/", integrations.Integrations.as_view()),
    path("integrations/<uuid:pk>/", integrations.IntegrationDetail.as_view()),
    path("integrations/<uuid:pk>/pause/", integrations.IntegrationPause.as_view()),
    path("integrations/<uuid:pk>/resume/", integrations.IntegrationResume.as_view()),
    path("object-syncs/", integrations.ObjectSyncs.as_view()),
    path("object-syncs/<uuid:pk>/", integrations.ObjectSyncDetail.as_view()),
    path("object-syncs/<uuid:pk>/pause/", integrations.ObjectSyncPause.as_view()),
    path("object-syncs/<uuid:pk>/resume/", integrations.ObjectSyncResume.as_view()),
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
    path("audit/", audit.AuditLog.as_view()),
    re_path(r"^(?P<path>.*)$", token.Unknown.as_view()),
]
