"""The answer to an HTTP Digest challenge (RFC 7616, MD5, qop "auth"). Calls nothing.

Xentral's old interface wants it: realm "Xentral-API", a nonce that is good for a day, and an opaque
value that has to come back (docs.raml of the open-source edition, read 2026-11-20). The nonce count
is not enforced there, so each call uses a fresh client nonce and counts as the first.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

import requests

_SCHEME: Final = "digest "
_MEMBER: Final = re.compile(r"""(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))""")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the other side wants signed."""

    realm: str
    nonce: str
    opaque: str = ""
    qop: str = "auth"

    @classmethod
    def of(cls, response: requests.Response) -> Challenge | None:
        """Read the challenge of a 401, None when it is none of this kind."""
        header = response.headers.get("WWW-Authenticate", "")
        if not header.lower().startswith(_SCHEME):
            return None
        members = _MEMBER.findall(header[len(_SCHEME) :])
        said = {name.lower(): quoted or plain for name, quoted, plain in members}
        nonce = said.get("nonce")
        if not nonce:
            return None
        return cls(said.get("realm") or "", nonce, said.get("opaque") or "")

    @classmethod
    def load(cls, members: Mapping[str, str]) -> Challenge:
        """Return the challenge that `dump` stored."""
        return cls(**members)

    def dump(self) -> dict[str, str]:
        """Return the challenge as plain texts."""
        return asdict(self)

    def answer(self, user: str, password: str, method: str, uri: str) -> str:
        """Return the Authorization header of one call; `uri` is its path with the query."""
        own, count = secrets.token_hex(8), "00000001"
        identity = _md5(f"{user}:{self.realm}:{password}")
        what = _md5(f"{method}:{uri}")
        proof = _md5(f"{identity}:{self.nonce}:{count}:{own}:{self.qop}:{what}")
        members = {
            "username": user,
            "realm": self.realm,
            "nonce": self.nonce,
            "uri": uri,
            "response": proof,
            "opaque": self.opaque,
            "algorithm": "MD5",
            "cnonce": own,
        }
        quoted = ", ".join(f'{name}="{_quoted(text)}"' for name, text in members.items())
        return f"Digest {quoted}, qop={self.qop}, nc={count}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
