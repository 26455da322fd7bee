"""Mails to the person who installed: what failed, and that a log-in is refused. One per event.

A mail names the record and its fields, never a value; the name is sealed until it was sent and
then destroyed. A mail that cannot be sent never fails what caused it.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_q.tasks import async_task

from integrations.engine.explanations import explain, remedy
from integrations.engine.reasons import Reason
from integrations.models import (
    Connection,
    Integration,
    Membership,
    Notice,
    NoticeKind,
    RecordLink,
    Role,
)
from integrations.services import connectors, links, vault

log = logging.getLogger(__name__)

TASK: Final = "integrations.tasks.send_notice"
MOST_ATTEMPTS: Final = 8
STUCK: Final = timedelta(minutes=2)


def record_failed(
    link: RecordLink, *, reason: str, detail: str, label: str, attempt_key: str
) -> None:
    """Store and queue the mail about one record, in the caller's transaction.

    `label` is the record's name; `attempt_key` is equal for repeats of one attempt, which then
    cause one mail. `detail` names fields and must hold no values.
    """
    hubspot = link.object_sync.integration.hubspot
    notice = Notice(
        id=uuid4(),
        tenant_id=link.tenant_id,
        kind=NoticeKind.RECORD_FAILED,
        dedup_key=f"record:{link.pk}:{attempt_key}"[:120],
        connection=hubspot,
        link=link,
        reason=reason,
        detail=detail[:1000],
        recipient=_recipient(hubspot),
        occurred_at=timezone.now(),
    )
    notice.label = vault.seal(label.encode(), aad=vault.place(notice, "label")) if label else ""
    _store(notice)


def reauth_needed(connection: Connection) -> None:
    """Store and queue the mail about a connection's outage, in the caller's transaction."""
    _store(
        Notice(
            id=uuid4(),
            tenant_id=connection.tenant_id,
            kind=NoticeKind.REAUTH_NEEDED,
            dedup_key=f"outage:{connection.outage}",
            connection=connection,
            reason=connection.reason,
            detail=connection.reason_detail,
            recipient=_recipient(connection),
            occurred_at=timezone.now(),
        )
    )


def events_stopped(integration: Integration, reason: Reason, detail: str) -> None:
    """Store and queue the mail that synced-events are not sent any more, in the transaction.

    At most one per integration, reason and day.
    """
    if integration.target is not None:
        now = timezone.now()
        _store(
            Notice(
                id=uuid4(),
                tenant_id=integration.tenant_id,
                kind=NoticeKind.EVENTS_STOPPED,
                dedup_key=f"events:{integration.pk}:{reason}:{now:%Y-%m-%d}",
                connection=integration.target,
                reason=reason,
                detail=detail[:1000],
                recipient=_recipient(integration.target),
                occurred_at=now,
            )
        )


def send(notice_id: UUID | str) -> bool:
    """Send a notice unless it was sent; tells whether it is done. Attempts count beforehand.

    The row is held while sending, so that a task delivered twice sends one mail.
    """
    due = Notice.objects.filter(pk=notice_id, sent_at=None, attempts__lt=MOST_ATTEMPTS)
    counted = due.first()
    if counted is None or not due.filter(attempts=counted.attempts).update(
        attempts=counted.attempts + 1
    ):
        return True
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .select_related(
                "tenant", "connection__tenant", "link__object_sync__integration__tenant"
            )
            .filter(pk=notice_id, sent_at=None)
            .first()
        )
        if notice is None:
            return True
        try:
            _message(notice).send()
        except (smtplib.SMTPException, OSError) as error:
            # The recipient is personal, and a server's answer may repeat it: only the kind.
            log.warning("Notice %s was not sent (%s)", notice_id, type(error).__name__)
            return False
        notice.sent_at, notice.label = timezone.now(), ""
        notice.save(update_fields=["sent_at", "label"])
    return True


def resend() -> int:
    """Queue notices again whose mail failed or whose task was lost; returns how many."""
    now = timezone.now()
    waiting = Notice.objects.filter(
        sent_at=None,
        attempts__lt=MOST_ATTEMPTS,
        recipient__gt="",
        occurred_at__gt=now - timedelta(days=1),
        occurred_at__lt=now - STUCK,
    ).order_by("occurred_at")
    due = [notice.pk for notice in waiting[:100] if _due(notice)]
    for notice_id in due:
        async_task(TASK, str(notice_id))
    return len(due)


def _due(notice: Notice) -> bool:
    """Tell whether the wait after the last attempt is over: 2, 4, 8 ... minutes."""
    wait: timedelta = STUCK * 2**notice.attempts
    return timezone.now() >= notice.occurred_at + wait


def _store(notice: Notice) -> None:
    stored = Notice.objects.bulk_create([notice], ignore_conflicts=True)
    if not notice.recipient:
        log.warning("Nobody to send notice %s to", notice.pk)
    elif stored and Notice.objects.filter(pk=notice.pk).exists():
        async_task(TASK, str(notice.pk))


def _recipient(connection: Connection) -> str:
    """Return who installed the app; without an address, an owner of the organisation."""
    if connection.installer_email:
        return connection.installer_email
    owners = Membership.objects.filter(tenant=connection.tenant_id, role=Role.OWNER)
    emails = owners.exclude(user__email="").order_by("pk").values_list("user__email", flat=True)
    return emails.first() or ""


def _message(notice: Notice) -> EmailMultiAlternatives:
    context = CONTEXTS[NoticeKind(notice.kind)](notice)
    with timezone.override(ZoneInfo(notice.tenant.time_zone)):
        subject = render_to_string(f"mail/{notice.kind}_subject.txt", context)
        text = render_to_string(f"mail/{notice.kind}.txt", context)
        html = render_to_string(f"mail/{notice.kind}.html", context)
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[notice.recipient])
    message.attach_alternative(html, "text/html")
    return message


def _record_context(notice: Notice) -> dict[str, object]:
    assert notice.link is not None  # noqa: S101  the caller chose by it
    integration = notice.link.object_sync.integration
    sealed = notice.label
    name = vault.unseal(sealed, aad=vault.place(notice, "label")).decode() if sealed else ""
    return _context(notice, connectors.spec_of(integration.system).label) | {
        "name": name,
        "record_id": notice.link.hubspot_id,
        "merged": notice.reason == Reason.MERGE_CONFLICT,
        "url": links.why(integration, notice.link.hubspot_id),
    }


def _events_context(notice: Notice) -> dict[str, object]:
    assert notice.connection is not None  # noqa: S101  only stored with one
    target = notice.connection
    joined = target.target_integrations.select_related("tenant").order_by("created_at").first()
    url = links.settings_of(joined) if joined else links.reauthenticate(target)
    return _context(notice, connectors.spec_of(target.system).label) | {"url": url}


def _outage_context(notice: Notice) -> dict[str, object]:
    assert notice.connection is not None  # noqa: S101  outages are of connections
    return _context(notice, connectors.spec_of(notice.connection.system).label) | {
        "account": notice.connection.label or notice.connection.account_id,
        "url": links.reauthenticate(notice.connection),
    }


def _context(notice: Notice, system: str) -> dict[str, object]:
    return {
        "system": system,
        "tenant": notice.tenant.name,
        "occurred_at": notice.occurred_at,
        "sentence": explain(notice.reason, notice.detail),
        "remedy": remedy(notice.reason),
    }


CONTEXTS: Final = {
    NoticeKind.RECORD_FAILED: _record_context,
    NoticeKind.REAUTH_NEEDED: _outage_context,
    NoticeKind.EVENTS_STOPPED: _events_context,
}
