"""The scenario of `dev.py demo --check`, for real: web, worker and sandbox as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CHECK = "import sys, dev; sys.exit(dev.demo(['--check']))"


def test_the_demo_passes_its_own_check() -> None:
    own = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "steps passed" in done.stdout
    assert "FAILED" not in done.stdout
