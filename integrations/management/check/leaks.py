"""Steps: nothing that must stay secret is readable in the database, the logs or the mails."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from django.db import connection as database

from integrations.management.check.mails import read_mails
from integrations.management.check.scene import Failed, Scene, expect

TOKENS = re.compile(r"(?<![\w-])(eu1-[0-9a-f]{40}|CJ[\w-]{214})(?![\w-])")
"""HubSpot's tokens as the sandbox makes them: also those that no step took note of."""
SHORTEST = 6
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
URLSAFE = str.maketrans("-_", "+/")


def search_database(scene: Scene) -> str:
    """A dump of every table holds no credential, token, health value or patient's name."""
    rows = 0
    for table, lines in _tables():
        rows += len(lines)
        _expect_clean(f"the table {table}", lines, scene.hidden | scene.names)
    return f"{rows} rows searched for {len(scene.hidden | scene.names)} values"


def search_logs(scene: Scene) -> str:
    """The logs of the whole check hold none of them either."""
    lines = 0
    for file in sorted((scene.directory / "log").iterdir()):
        text = file.read_text().splitlines()
        lines += len(text)
        _expect_clean(file.name, text, scene.hidden | scene.names)
    expect(lines, "there are no logs")
    return f"{lines} lines searched"


def search_mails(scene: Scene) -> str:
    """The mails name people, but hold no credential, token or health value."""
    mails = read_mails(scene.directory / "mail")
    for mail in mails:
        _expect_clean(f"the mail “{mail.subject}”", [mail.subject, mail.body], scene.hidden)
    expect(len(mails) > 2, f"there are only {len(mails)} mails")
    return f"{len(mails)} mails searched"


def _expect_clean(place: str, lines: Iterable[str], values: Iterable[str]) -> None:
    """Raise Failed if a line holds one of the values; the message does not repeat it."""
    wanted = [value.lower() for value in values if len(value) >= SHORTEST]
    pattern = re.compile("|".join(map(re.escape, wanted)))
    for line in lines:
        for text in (line, *_decoded(line)):
            if held := pattern.search(text.lower()) or TOKENS.search(text):
                raise Failed(f"{place} holds a hidden value of {len(held[0])} letters")


def _decoded(line: str) -> Iterator[str]:
    """Yield what stands in a line as base64, compressed or not: so are sessions and tasks."""
    for run in BASE64.findall(line):
        plain = run.translate(URLSAFE)
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4)) if len(plain) % 4 != 1 else b""
        with suppress(zlib.error):
            raw = zlib.decompress(raw)
        yield raw.decode("latin-1")


def _tables() -> Iterator[tuple[str, list[str]]]:
    with database.cursor() as cursor:
        for name in sorted(database.introspection.table_names(cursor)):
            quoted = database.ops.quote_name(name)
            cursor.execute(f"SELECT dumped::text FROM {quoted} AS dumped")  # noqa: S608 - our own
            yield name, [row[0] for row in cursor.fetchall()]


STEPS: Final = (search_database, search_logs, search_mails)
