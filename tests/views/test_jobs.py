"""The page of scheduled jobs: what it shows, and what its buttons do for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connectors import REGISTRY
from integrations.engine.records import Side
from integrations.engine.specs import JobSpec
from integrations.models import Integration, Job, JobRun
from integrations.services import schedules
from tests.services.desk import Desk
from tests.views.conftest import Enter


def address(desk: Desk, name: str = "jobs", *key: str) -> str:
    """Return the address of the page, or of a button of one job."""
    return reverse(name, args=[desk.acme.slug, desk.sync.integration_id, *key])


def page_of(client: Client, desk: Desk) -> str:
    """Return the page."""
    return client.get(address(desk)).content.decode()


@pytest.fixture
def live(desk: Desk) -> Desk:
    """Give a desk whose sync is published, so that its jobs start by themselves."""
    desk.publish()
    return desk


def test_every_job_is_shown_with_its_period_next_start_and_last_run(
    live: Desk, ada: Client
) -> None:
    ada.post(address(live, "job-run", "changes:contacts"))
    live.work()
    page = page_of(ada, live)
    run = JobRun.objects.get(job__key="changes:contacts")
    for text in ("Recent changes", "Safety pass", "Full pass", "in 24 h", f"#{run.pk}"):
        assert text in page
    assert page.count("<time") >= 4
    assert '<option value="10080" selected>7 days</option>' in page


def test_a_period_is_chosen(live: Desk, ada: Client) -> None:
    page = ada.post(
        address(live, "job-period", "changes:contacts"), {"minutes": "15"}, follow=True
    ).content.decode()
    assert "The period of “Recent changes” is saved." in page
    assert Job.objects.get(key="changes:contacts").minutes == 15


@pytest.mark.parametrize("wrong", ["3", "", "x"])
def test_a_period_that_is_not_offered_is_refused(wrong: str, live: Desk, ada: Client) -> None:
    page = ada.post(
        address(live, "job-period", "safety:contacts"), {"minutes": wrong}, follow=True
    ).content.decode()
    assert "Choose one of the periods" in page
    assert Job.objects.get(key="safety:contacts").minutes == 240


def test_a_free_period_that_is_too_short_is_refused_in_words(
    live: Desk, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = JobSpec("queue", "Queue", ("contacts",), sides=(Side.TARGET,), minutes=10, least=5)
    entry = REGISTRY["desk"]
    spec = replace(entry.spec, jobs=(queue,))
    monkeypatch.setitem(REGISTRY, "desk", replace(entry, spec=spec))
    schedules.follow(live.sync)
    page = ada.post(
        address(live, "job-period", "queue"), {"minutes": "2"}, follow=True
    ).content.decode()
    assert "cannot start more often than every 5 minutes" in page
    assert 'type="number"' in page


def test_a_job_is_switched_off_and_on(live: Desk, ada: Client) -> None:
    switch = address(live, "job-switch", "full:contacts")
    page = ada.post(switch, {"on": "0"}, follow=True).content.decode()
    assert "“Full pass” is switched off." in page
    assert ">Off<" in page
    assert not Job.objects.get(key="full:contacts").enabled
    page = ada.post(switch, {"on": "1"}, follow=True).content.decode()
    assert "is switched on" in page


def test_a_start_by_hand_that_meets_an_open_run_says_so(live: Desk, ada: Client) -> None:
    button = address(live, "job-run", "safety:contacts")
    assert "“Safety pass” started." in ada.post(button, follow=True).content.decode()
    page = ada.post(button, follow=True).content.decode()
    assert "an earlier run is not over yet" in page
    assert "Skipped, an earlier run was not over:" in page
    assert JobRun.objects.filter(job__key="safety:contacts").count() == 1


def test_before_publishing_nothing_starts(desk: Desk, ada: Client) -> None:
    schedules.follow(desk.sync)
    page = ada.post(address(desk, "job-run", "full:contacts"), follow=True).content.decode()
    assert "Nothing started" in page


# ---------------------------------------------------------------- who may


def test_a_viewer_reads_and_presses_nothing(live: Desk, enter: Enter) -> None:
    vic = enter(live.vic)
    main = page_of(vic, live).partition("<main")[2]
    assert "Full pass" in main
    assert "<button" not in main
    for name in ("job-period", "job-switch", "job-run"):
        assert vic.post(address(live, name, "full:contacts")).status_code == 403


def test_a_stranger_finds_nothing_and_an_unknown_job_is_none(
    live: Desk, ada: Client, enter: Enter
) -> None:
    bob = enter(live.bob)
    assert bob.get(address(live)).status_code == 404
    for name in ("job-period", "job-switch", "job-run"):
        assert bob.post(address(live, name, "full:contacts"), {"on": "0"}).status_code == 404
        assert ada.post(address(live, name, "full:nothing"), {"on": "0"}).status_code == 404
        assert ada.get(address(live, name, "full:contacts")).status_code == 405
    assert Job.objects.filter(enabled=True).count() == 3


def test_an_integration_that_needs_no_jobs_has_no_tab(joined: Integration, enter: Enter) -> None:
    client = enter(joined.tenant.memberships.get(role="owner").user)
    tab = reverse("jobs", args=["acme", joined.pk])
    page = client.get(reverse("status", args=["acme", joined.pk])).content.decode()
    assert tab not in page
    assert "no scheduled jobs" in client.get(tab).content.decode()
