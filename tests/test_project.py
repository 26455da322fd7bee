"""The project as a whole: settings, environment, lock files, migrations, what a start says."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "portal" / "settings.py"
REQUIRED = [
    "SECRET_KEY",
    "PUBLIC_URL",
    "ENCRYPTION_KEYS",
    "DIGEST_KEY",
    "HUBSPOT_CLIENT_ID",
    "HUBSPOT_CLIENT_SECRET",
]


def reads() -> Iterator[tuple[str, str]]:
    """Yield (function, variable) for every variable that settings.py reads."""
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first, function = node.args[0], ast.unparse(node.func)
        if isinstance(first, ast.Constant) and re.fullmatch(r"env\.\w+|required", function):
            yield function, str(first.value)


def load(**environment: str) -> dict[str, Any]:
    """Return the settings a process with this environment on top of the tests' would have."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))


def test_the_example_lists_exactly_the_variables_that_are_read() -> None:
    listed = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    composed = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    assert sorted(listed) == sorted({name for _, name in reads()} | set(composed))


def test_no_secret_has_a_default() -> None:
    secret = {name for _, name in reads() if re.search(r"SECRET|PASSWORD|_KEYS?$", name)}
    assert secret
    assert secret <= {name for function, name in reads() if function == "required"}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_start_without_a_required_variable_says_what_to_set(name: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match=rf"^{name} is not set\. It is .+ dev.py secrets"
    ):
        load(**{name: ""})


def test_every_required_variable_is_tested() -> None:
    assert {name for function, name in reads() if function == "required"} == set(REQUIRED)


def test_plain_http_is_for_the_demo_only() -> None:
    with pytest.raises(ImproperlyConfigured, match="https://"):
        load(PUBLIC_URL="http://portal.example")
    demo = load(PUBLIC_URL="http://127.0.0.1:8000", PORTAL_DEMO="1")
    assert demo["SESSION_COOKIE_SECURE"] is False
    assert demo["ALLOWED_HOSTS"] == ["127.0.0.1"]
    assert demo["DEBUG"] is False


def test_only_postgresql_is_accepted() -> None:
    with pytest.raises(ImproperlyConfigured, match="postgres://"):
        load(DATABASE_URL="sqlite:///portal.sqlite3")
    given = load(DATABASE_URL="postgres://u:p@db:5432/portal")["DATABASES"]["default"]
    assert given["HOST"] == "db"
    assert given["CONN_MAX_AGE"] == 600


def test_every_option_a_connector_names_is_a_setting() -> None:
    from integrations.connectors import REGISTRY

    named = {option for entry in REGISTRY.values() for option in entry.spec.options}
    assert named
    assert named <= load().keys()


def test_the_content_policy_allows_nothing_from_elsewhere() -> None:
    policy = load()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert policy["default-src"] == ["'self'"]
    assert not [source for sources in policy.values() for source in sources if "unsafe" in source]
    assert policy["form-action"] == ["'self'", "https://app.hubspot.com"]


def test_a_waiting_task_is_never_delivered_twice() -> None:
    queue = load(WORKERS="1")["Q_CLUSTER"]
    assert queue["retry"] > queue["timeout"] * (1 + queue["queue_limit"] + queue["bulk"])


ASYNC_UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the project with this environment on top of the tests'.

    A browser test may have run in this process before: what it sets is not for production.
    """
    own = {name: value for name, value in os.environ.items() if name != ASYNC_UNSAFE}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**own, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deploy_check_is_clean_on_production_settings() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_start_without_secrets_ends_with_one_sentence() -> None:
    done = run("manage.py", "check", SECRET_KEY="")
    assert done.returncode == 1
    assert done.stderr.startswith("Cannot start: SECRET_KEY is not set.")
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_no_model_change_lacks_its_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-build"])
def test_every_locked_package_has_a_version_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / f"{name}.lock").read_text()
    pinned = re.findall(
        r"^[a-z0-9][\w.-]*==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE
    )
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert "//" not in text


def test_the_development_lock_agrees_with_the_production_lock() -> None:
    locked = [
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert locked[0] <= locked[1]


def test_dev_lists_its_verbs_without_any_package() -> None:
    done = run("-S", "dev.py")
    assert done.returncode == 0
    for verb in ("demo", "test", "lint", "shell", "manage", "bench", "lock", "secrets"):
        assert re.search(rf"^  {verb} +\w", done.stdout, re.MULTILINE)


def test_fresh_secrets_are_enough_to_start_with() -> None:
    lines = run("-S", "dev.py", "secrets").stdout.splitlines()
    fresh = dict(line.split("=", 1) for line in lines)
    assert sorted(fresh) == ["DIGEST_KEY", "ENCRYPTION_KEYS", "SECRET_KEY"]
    assert fresh != dict(line.split("=", 1) for line in run("dev.py", "secrets").stdout.split())
    assert load(**fresh)["SECRET_KEY"] == fresh["SECRET_KEY"]
