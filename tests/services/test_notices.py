"""Mails: to whom, what they say, what they never say, and that none is sent twice or lost."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django_q.models import OrmQ

from integrations.engine.errors import AuthFailed
from integrations.engine.reasons import Reason
from integrations.models import Integration, Notice, RecordLink
from integrations.services import connections, notices
from tests.services.stage import Stage

INSTALLER = "admin@acme-health.example"


@pytest.fixture
def integration(stage: Stage) -> Integration:
    made = stage.connect()
    OrmQ.objects.all().delete()
    return made


def fail(integration: Integration, *, label: str = "Ida Brandt", attempt: str = "7:1") -> Notice:
    now = timezone.now()
    row = integration.object_syncs.get()
    link, _ = RecordLink.objects.get_or_create(
        object_sync=row,
        hubspot_id="901",
        defaults={
            "tenant": integration.tenant,
            "state": "failing",
            "reason": Reason.REQUIRED_MISSING,
            "created_at": now,
            "decided_at": now,
        },
    )
    notices.record_failed(
        link,
        reason=Reason.REQUIRED_MISSING,
        detail="Date of Birth",
        label=label,
        attempt_key=attempt,
    )
    return Notice.objects.filter(kind="record_failed").latest("occurred_at")


def sent() -> EmailMultiAlternatives:
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


def everything(message: EmailMultiAlternatives) -> str:
    return "\n".join([str(message.subject), str(message.body), str(message.alternatives[0][0])])


# ---------------------------------------------------------------- a record failed


def test_the_installer_reads_who_failed_why_when_and_where_to_look(
    integration: Integration,
) -> None:
    notice = fail(integration)
    assert notices.send(notice.pk)
    message = sent()
    assert message.to == [INSTALLER]
    for text in (str(message.body), str(message.alternatives[0][0])):
        assert "Ida Brandt" in text
        assert "Required fields are empty: Date of Birth" in text
        assert f"{notice.occurred_at:%Y-%m-%d %H:%M} UTC" in text
        assert str(integration.pk) in text
        assert "?id=901" in text
        assert "https://portal.test/" in text


def test_the_name_is_in_the_mails_body_only(integration: Integration) -> None:
    notices.send(fail(integration).pk)
    assert "Ida" not in sent().subject


def test_the_name_is_sealed_until_it_was_sent_and_then_destroyed(integration: Integration) -> None:
    notice = fail(integration)
    assert notice.label
    assert "Ida" not in notice.label
    notices.send(notice.pk)
    notice.refresh_from_db()
    assert notice.label == ""
    assert notice.sent_at is not None


def test_a_name_with_markup_stays_text(integration: Integration) -> None:
    notices.send(fail(integration, label="<b>Ida</b> & Co").pk)
    message = sent()
    assert "<b>Ida</b> & Co could not" in str(message.body)
    assert "&lt;b&gt;Ida&lt;/b&gt; &amp; Co could not" in str(message.alternatives[0][0])


def test_a_record_without_a_name_is_called_by_its_id(integration: Integration) -> None:
    notices.send(fail(integration, label="").pk)
    assert "HubSpot record 901" in str(sent().body)


def test_the_time_is_the_tenants(integration: Integration) -> None:
    integration.tenant.time_zone = "America/New_York"
    integration.tenant.save()
    notices.send(fail(integration).pk)
    assert " ES" in str(sent().body) or " ED" in str(sent().body)


def test_repeats_of_one_attempt_cause_one_mail_and_the_next_attempt_another(
    integration: Integration,
) -> None:
    for _ in range(3):
        fail(integration, attempt="7:1")
    assert (Notice.objects.count(), OrmQ.objects.count()) == (1, 1)
    fail(integration, attempt="8:1")
    assert (Notice.objects.count(), OrmQ.objects.count()) == (2, 2)


def test_the_queued_task_carries_an_id_and_nothing_else(integration: Integration) -> None:
    notice = fail(integration)
    (task,) = OrmQ.objects.all()
    assert task.func() == "integrations.tasks.send_notice"
    assert task.task["args"] == (str(notice.pk),)
    assert not task.task["kwargs"]


# ---------------------------------------------------------------- an outage


def test_an_outage_asks_to_authenticate_with_a_button(integration: Integration) -> None:
    assert integration.target is not None
    connections.pause(integration.target.pk, AuthFailed("RXNT refuses this user name."))
    notice = Notice.objects.get(kind="reauth_needed")
    notices.send(notice.pk)
    message = sent()
    assert message.to == [INSTALLER]
    assert message.subject == "RXNT: please authenticate again"
    html = str(message.alternatives[0][0])
    assert ">Authenticate</a>" in html
    assert f"{integration.target.pk}" in html
    assert str(integration.target.pk) in str(message.body)
    assert "RXNT refuses this user name." in everything(message)


def test_without_an_installers_address_an_owner_is_told(
    stage: Stage, integration: Integration
) -> None:
    integration.hubspot.installer_email = ""
    integration.hubspot.save()
    connections.pause(integration.hubspot.pk, AuthFailed("revoked"))
    assert Notice.objects.get().recipient == stage.ada.email


def test_no_mail_holds_a_credential(integration: Integration) -> None:
    assert integration.target is not None
    connections.pause(integration.target.pk, AuthFailed("refused"))
    for notice in (Notice.objects.get(), fail(integration)):
        notices.send(notice.pk)
    for message in mail.outbox:
        assert isinstance(message, EmailMultiAlternatives)
        assert "s3cret" not in everything(message)
        assert "acme_iface" not in everything(message)


# ---------------------------------------------------------------- sending


def test_a_task_delivered_twice_sends_one_mail(integration: Integration) -> None:
    notice = fail(integration)
    assert notices.send(notice.pk)
    assert notices.send(str(notice.pk))
    assert len(mail.outbox) == 1


def test_a_notice_that_is_gone_is_done(stage: Stage) -> None:
    assert notices.send(uuid4())


def test_a_failing_mail_server_keeps_the_notice_and_counts(
    integration: Integration, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: EmailMultiAlternatives) -> int:
        raise smtplib.SMTPRecipientsRefused({INSTALLER: (550, b"no such user")})

    notice = fail(integration)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMultiAlternatives, "send", refuse)
        assert not notices.send(notice.pk)
    notice.refresh_from_db()
    assert (notice.attempts, notice.sent_at) == (1, None)
    assert notice.label, "the name is kept for the next attempt"
    assert INSTALLER not in caplog.text
    assert notices.send(notice.pk)
    assert len(mail.outbox) == 1


def test_failed_mails_are_queued_again_with_growing_waits(integration: Integration) -> None:
    notice = fail(integration)
    OrmQ.objects.all().delete()
    assert notices.resend() == 0, "its task is still on the way"
    Notice.objects.update(occurred_at=timezone.now() - timedelta(minutes=5), attempts=1)
    assert notices.resend() == 1
    Notice.objects.update(attempts=2)
    assert notices.resend() == 0
    Notice.objects.update(attempts=notices.MOST_ATTEMPTS)
    assert notices.resend() == 0
    assert notices.send(notice.pk), "given up"
    assert mail.outbox == []
