"""The search for leaks finds what it is meant to find, wherever it lies."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django_q.tasks import async_task

from integrations.management.check import leaks
from integrations.management.check.scene import Failed, Scene
from integrations.models import Tenant
from tests.management.test_check_tools import firm, scene

__all__ = ["firm", "scene"]
BORN = "1988-02-29"
TOKEN = "CJ" + "x" * 214


@pytest.fixture
def watching(scene: Scene) -> Scene:
    """Give a scene with a value to hide, a person's name, and a clean log."""
    scene.hidden, scene.names = {BORN, "4105550142", "F"}, {"Quillfeather"}
    (scene.directory / "log").mkdir()
    (scene.directory / "log" / "web.log").write_text("GET / 200\n")
    return scene


def in_a_column() -> None:
    Tenant.objects.create(name=f"born {BORN}", slug="a")


def in_another_case() -> None:
    Tenant.objects.create(name="QUILLFEATHER", slug="a")


def in_a_queued_task() -> None:
    async_task("integrations.tasks.sweep", {"phone": "4105550142"})


def in_a_session() -> None:
    session = SessionStore()
    session["form"] = {"born": BORN, "more": "." * 40}
    session.save()


def a_token_no_step_knows() -> None:
    Tenant.objects.create(name=TOKEN[:200], slug=f"eu1-{'0123456789' * 4}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "leak", [in_a_column, in_another_case, in_a_queued_task, in_a_session, a_token_no_step_knows]
)
def test_a_leak_into_the_database_is_found(watching: Scene, leak: Callable[[], None]) -> None:
    leaks.search_database(watching)
    leak()
    with pytest.raises(Failed, match="holds a hidden value") as found:
        leaks.search_database(watching)
    assert BORN not in str(found.value)


@pytest.mark.parametrize(
    "line",
    [
        f"patient born {BORN}",
        f"token={TOKEN}",
        f"body {base64.b64encode(f'x born {BORN} x'.encode()).decode()}",
    ],
)
def test_a_leak_into_a_log_is_found(watching: Scene, line: str) -> None:
    assert leaks.search_logs(watching) == "1 lines searched"
    (watching.directory / "log" / "worker.log").write_text(f"fine\n{line}\n")
    with pytest.raises(Failed, match=r"worker\.log holds"):
        leaks.search_logs(watching)


def test_without_logs_the_search_proves_nothing(scene: Scene) -> None:
    (scene.directory / "log").mkdir()
    with pytest.raises(Failed, match="no logs"):
        leaks.search_logs(scene)


def test_mails_may_name_people_but_not_their_health(watching: Scene) -> None:
    put_mails(watching.directory / "mail", "Ida Quillfeather could not be sent", count=3)
    assert leaks.search_mails(watching) == "3 mails searched"
    put_mails(watching.directory / "mail", f"Ida, born {BORN}", count=1)
    with pytest.raises(Failed, match="holds a hidden value of 10 letters"):
        leaks.search_mails(watching)


def put_mails(directory: Path, body: str, *, count: int) -> None:
    directory.mkdir(exist_ok=True)
    text = f"To: a@b.example\nSubject: Failed\n\n{body}\n{'-' * 79}\n" * count
    (directory / f"{len(list(directory.iterdir()))}.log").write_text(text)
