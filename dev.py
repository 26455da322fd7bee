#!/usr/bin/env python3
"""Every command of the project, on the standard library alone: `python3 dev.py` lists them.

Makes .venv, installs what the lock files name, and starts itself again in there. What needs
packages is a manage.py command or a tool; only the order of things is here.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = [ROOT / "requirements-build.lock", ROOT / "requirements-dev.lock"]
MANAGE = [str(PYTHON), str(ROOT / "manage.py")]


def enter_venv() -> None:
    """Go on inside a virtual environment that holds exactly what the lock files name."""
    if sys.version_info < (3, 11):  # noqa: UP036  it may be run by any Python
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if not PYTHON.exists():
        make_venv()
    stamp = VENV / "installed"
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        install()
        stamp.write_text(wanted)
    if Path(sys.prefix).resolve() != VENV.resolve():
        arguments = [str(PYTHON), str(ROOT / "dev.py"), *sys.argv[1:]]
        if os.name == "nt":
            sys.exit(subprocess.call(arguments))
        os.execv(PYTHON, arguments)  # noqa: S606


def make_venv() -> None:
    """Make .venv, or say what the machine lacks."""
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments. On Debian or Ubuntu: "
            "apt-get install python3-venv. Then run this again."
        )
    print("Making .venv ...", flush=True)
    venv.create(VENV, with_pip=True, clear=True)


def install() -> None:
    """Install the locked packages. The build tools go first, since isolation would fetch others."""
    print("Installing the locked packages ...", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for lock in LOCKS:
        command = [*pip, "--no-input", "--no-build-isolation", "--require-hashes", "-r", str(lock)]
        if subprocess.call(command, cwd=ROOT):
            sys.exit("The packages could not be installed; pip's message is above.")


def fresh_secrets() -> dict[str, str]:
    """Return new values for the secrets the portal makes itself."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(64)).decode()
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": f"k1:{key}",
        "DIGEST_KEY": secrets.token_urlsafe(32),
    }


def demo_environment(var: Path, web: int = 8000, sandbox: int = 8100) -> dict[str, str]:
    """Return the demo's environment; its secrets are made once and stay in `var`/demo.env."""
    file = var / "demo.env"
    if file.exists():
        kept = dict(line.split("=", 1) for line in file.read_text().splitlines())
    else:
        app = {"HUBSPOT_CLIENT_ID": "demo-app", "HUBSPOT_APP_ID": "1"}
        kept = fresh_secrets() | app | {"HUBSPOT_CLIENT_SECRET": secrets.token_urlsafe(24)}
    stand_in = f"http://127.0.0.1:{sandbox}"
    values = kept | {
        "PORTAL_DEMO": "1",
        "PORTAL_VAR": str(var),
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "HUBSPOT_API_URL": f"{stand_in}/hubspot",
        "HUBSPOT_APP_URL": f"{stand_in}/hubspot",
        "RXNT_API_URL": f"{stand_in}/rxnt",
        "THENA_API_URL": f"{stand_in}/thena",
        "THENA_APPS_URL": f"{stand_in}/thena",
        "XENTRAL_API_URL": f"{stand_in}/xentral",
        "THENA_RATE": "0",  # the stand-in sets its own limits
        "THENA_EVENTS_RATE": "0",
        "MAGENTRIX_API_URL": f"{stand_in}/magentrix",
        "MAGENTRIX_RATE": "0",
        "XENTRAL_RATE": "0",
        "EMAIL_URL": f"filemail:///{quote(str(var / 'mail'))}",  # its reader drops one slash
        "LOG_FORMAT": "plain",
    }
    for folder in ("mail", "log", "static"):
        (var / folder).mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return {**os.environ, **values, "PORTAL_ENV_FILE": str(file), "PYTHONUNBUFFERED": "1"}


def scratch_environment(purpose: str) -> tuple[Path, dict[str, str]]:
    """Return an empty directory and an environment with ports and a database of its own."""
    var = VAR / f"{purpose}-{os.getpid()}"
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        environment = demo_environment(var, one.getsockname()[1], two.getsockname()[1])
    environment.pop("DATABASE_URL", None)
    return var, environment


def demo(arguments: list[str]) -> int:
    """Start web, worker and sandbox and wait for Ctrl-C; --check: play the scenario and end."""
    parser = argparse.ArgumentParser(prog="dev.py demo", description=demo.__doc__)
    parser.add_argument("--check", action="store_true", help="play the whole scenario by itself")
    parser.add_argument("--port", type=int, default=8000, help="of the portal (default 8000)")
    parser.add_argument("--sandbox-port", type=int, default=8100, help="(default 8100)")
    chosen = parser.parse_args(arguments)
    from portal import supervisor

    if not chosen.check:
        return supervisor.demo(demo_environment(VAR, chosen.port, chosen.sandbox_port))
    var, environment = scratch_environment("check")
    code = supervisor.check(environment)
    if code == 0:
        shutil.rmtree(var)
    else:
        for log in sorted((var / "log").iterdir()):
            print(f"\n== the end of {log}", *log.read_text().splitlines()[-20:], sep="\n")
    return code


def scratch(purpose: str, command: str, arguments: list[str]) -> int:
    """Run a manage.py command on a database and ports of its own."""
    var, environment = scratch_environment(purpose)
    code = subprocess.call([*MANAGE, command, *arguments], cwd=ROOT, env=environment)
    shutil.rmtree(var)
    return code


def bench(arguments: list[str]) -> int:
    """Measure the rows of the speed table on this machine, on a database of its own."""
    return scratch("bench", "bench", arguments)


def kills(arguments: list[str]) -> int:
    """Kill the worker at random moments of its work, then check that nothing is lost or doubled."""
    return scratch("kills", "kill_check", arguments)


def manage(arguments: list[str]) -> int:
    """Run a manage.py command: on your .env if there is one, else on the demo's data."""
    own = (ROOT / ".env").exists() or "SECRET_KEY" in os.environ
    environment = None if own else demo_environment(VAR)
    return subprocess.call([*MANAGE, *arguments], cwd=ROOT, env=environment)


def shell(arguments: list[str]) -> int:
    """Open a Python shell with the models imported."""
    return manage(["shell", *arguments])


def lint(arguments: list[str]) -> int:
    """Check style, format and types."""
    codes = [
        step("ruff check", *arguments),
        step("ruff format --check"),
        step("mypy"),
    ]
    return next((code for code in codes if code), 0)


def test(arguments: list[str]) -> int:
    """Lint, then run the tests; further arguments go to pytest."""
    # The longest test takes minutes: whoever is idle takes over what waits behind it.
    codes = [lint([]), step("pytest", "-q", "-n", "2", "--dist", "worksteal", *arguments)]
    return next((code for code in codes if code), 0)


def step(command: str, *arguments: str) -> int:
    """Run one tool under a header."""
    words = [*command.split(), *arguments]
    print(f"\n== {' '.join(words)}", flush=True)
    return subprocess.call([str(PYTHON), "-m", *words], cwd=ROOT)


def lock(arguments: list[str]) -> int:
    """Write the lock files anew from pyproject.toml; --upgrade takes newer versions."""
    options = (
        "--quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-build-isolation "
        "--no-emit-index-url --no-emit-find-links --no-emit-trusted-host"
    ).split()
    tool = [str(PYTHON), "-m", "piptools", "compile", *options, *arguments]
    sources = {
        "requirements-build.lock": ["-"],
        "requirements.lock": ["pyproject.toml"],
        "requirements-dev.lock": ["--extra", "dev", "pyproject.toml"],
    }
    return max(
        subprocess.run(
            [*tool, "-o", name, *source], cwd=ROOT, input="setuptools<81\n", text=True, check=False
        ).returncode
        for name, source in sources.items()
    )


def print_secrets(_: list[str]) -> int:
    """Print fresh secrets for a .env file."""
    print("\n".join(f"{name}={value}" for name, value in fresh_secrets().items()))
    return 0


VERBS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "shell": shell,
    "manage": manage,
    "bench": bench,
    "kills": kills,
    "lock": lock,
    "secrets": print_secrets,
}


def main() -> int:
    """Run the verb, or list them all."""
    verb = VERBS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if verb is None:
        print("Usage: python3 dev.py VERB [arguments]\n")
        for name, function in VERBS.items():
            print(f"  {name:<8} {(function.__doc__ or '').splitlines()[0]}")
        return 0 if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help") else 2
    if verb is not print_secrets:
        enter_venv()
    try:
        return verb(sys.argv[2:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
