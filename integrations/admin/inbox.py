"""Incoming notices as received, and their outcomes. They can be replayed, never changed."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from integrations.admin.base import ReadOnlyAdmin, ReadOnlyInline, moment
from integrations.models import Event, EventOutcome
from integrations.services import inbox


class OutcomeInline(ReadOnlyInline):
    """What each object sync made of the event."""

    model = EventOutcome
    fields = ("object_sync", "side", "record_id", "outcome", "settled_at")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin[Event]):
    """Search by record id, exactly."""

    hidden = ("raw",)
    search_fields = ("record_id",)
    search_help_text = "record id, exactly"
    list_display = (
        "id", moment("received_at", "received"), "tenant", "kind", "object_type", "record_id",
        "property", "outcomes_of", moment("routed_at", "routed"),
    )  # fmt: skip
    list_select_related = ("tenant",)
    inlines = (OutcomeInline,)
    actions = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Read the outcomes of a page in one query."""
        return super().get_queryset(request).prefetch_related("outcomes")

    @admin.display(description="outcome")
    def outcomes_of(self, row: Event) -> str:
        """Return every outcome code."""
        found = [outcome.outcome or "open" for outcome in row.outcomes.all()]
        return ", ".join(found) or row.outcome or "open"

    @admin.action(description="Replay the chosen events", permissions=("replay",))
    def replay(self, request: HttpRequest, events: QuerySet[Event]) -> None:
        """Route the events again, as if they had just come in."""
        chosen = Event.objects.filter(pk__in=list(events.values_list("pk", flat=True)))
        count = inbox.replay(chosen, request.user)  # type: ignore[arg-type]
        text = ngettext("%d event is replayed.", "%d events are replayed.", count) % count
        self.message_user(request, text, messages.SUCCESS)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Ask for the change permission: nobody can edit an event, but this acts on it."""
        return request.user.has_perm("integrations.change_event")
