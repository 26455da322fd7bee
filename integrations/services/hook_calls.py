"""What a system's call of our address brings: events for the inbox, news of our app's installation.

Nothing that is sent here is used as data; of an installation only the app's own credentials are.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.connectors.hooks import PayloadError
from integrations.engine.errors import AuthFailed
from integrations.engine.extras import Installation, InstallKind
from integrations.engine.reasons import Reason
from integrations.models import Connection, ConnectionState, Publishing
from integrations.services import audit, connections, connectors, deliveries, inbox, vault, wakes
from integrations.services.hooks import find
from integrations.services.inbox import Receipt

__all__ = ["PayloadError", "find", "receive"]
log = logging.getLogger(__name__)

SEEN_EVERY: Final = timedelta(minutes=1)


def receive(connection: Connection, body: bytes, now: datetime) -> Receipt:
    """Store the events of one call and follow the news of an installation.

    What belongs to another account is dropped with a line in the log. Raises PayloadError when
    nothing can be read.
    """
    read = connectors.registration_of(connection.system).receive
    if read is None:
        raise PayloadError("This system sends nothing.")
    received = read(body)
    _seen(connection, now)
    for sentence in received.refused:
        log.warning("A notice of connection %s was dropped: %s", connection.pk, sentence)
    if not _is_own(connection, received.account_id):
        return Receipt(stored=0, dropped=len(received.events) + len(received.refused))
    own = [event for event in received.events if _is_own(connection, event.account_id)]
    stored = inbox.store([(connection, event) for event in own], now)
    if received.installation is not None:
        _follow(connection, received.installation)
    return Receipt(stored, len(received.events) - len(own) + len(received.refused))


def _is_own(connection: Connection, account_id: str) -> bool:
    if account_id in ("", connection.account_id):
        return True
    log.warning("Connection %s was sent a notice of another account", connection.pk)
    return False


def _seen(connection: Connection, now: datetime) -> None:
    """Remember that the system reaches us, writing at most once a minute."""
    stale = Q(hook_seen_at=None) | Q(hook_seen_at__lt=now - SEEN_EVERY)
    if connection.hook_seen_at is None or connection.hook_seen_at < now - SEEN_EVERY:
        Connection.objects.filter(stale, pk=connection.pk).update(hook_seen_at=now)


def _follow(connection: Connection, news: Installation) -> None:
    """Take over or forget the app's credentials; the connection's other ones are never touched."""
    with transaction.atomic():
        row = (
            Connection.objects.select_for_update(no_key=True, of=("self",))
            .select_related("tenant")
            .exclude(state=ConnectionState.UNINSTALLED)
            .filter(pk=connection.pk)
            .first()
        )
        if row is None:
            return
        if news.kind is InstallKind.UNINSTALLED:
            _uninstalled(row)
        else:
            _installed(row, news.secrets)


def _installed(row: Connection, fresh: Mapping[str, str]) -> None:
    names = connectors.spec_of(row.system).app_secrets
    stored = vault.secrets_of(row)
    merged = stored | {name: fresh[name] for name in names if fresh.get(name)}
    parked = row.state == ConnectionState.PAUSED and row.reason == Reason.APP_REMOVED
    if merged == stored and not parked:
        return
    vault.set_secrets(row, merged)
    deliveries.follow_secrets(row, merged)
    row.state_changed_at = timezone.now()
    row.save(update_fields=["secrets", "state_changed_at", *deliveries.PUBLISH_FIELDS])
    audit.record(row.tenant, "app.installed", connection=row)
    if parked:
        connections.resume(row.pk)
    if row.publishing == Publishing.ON:
        wakes.call(deliveries.TASK, timezone.now())


def _uninstalled(row: Connection) -> None:
    names = connectors.spec_of(row.system).app_secrets
    stored = vault.secrets_of(row)
    left = {name: value for name, value in stored.items() if name not in names}
    if left != stored:
        vault.set_secrets(row, left)
        deliveries.follow_secrets(row, left)
        row.save(update_fields=["secrets", *deliveries.PUBLISH_FIELDS])
    if left != stored or row.state == ConnectionState.ACTIVE:
        audit.record(row.tenant, "app.uninstalled", connection=row)
    label = connectors.spec_of(row.system).label
    connections.pause(row.pk, AuthFailed(f"{label} told us so.", reason=Reason.APP_REMOVED))
