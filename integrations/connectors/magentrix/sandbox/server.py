"""The stand-in itself: sign-in, error bodies, state. No call and no rule of records lives here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from itertools import chain

from integrations.connectors.sandbox_kit import (
    TOOLS,
    BadJson,
    Clock,
    Handler,
    JsonObject,
    Sandbox,
    SandboxRequest,
    SandboxResponse,
    utc_now,
)

from .admin import AdminRoutes
from .behaviour import Behaviour
from .call import Call, Handle
from .calls import API, RecordCalls
from .errors import ApiError
from .metadata import MetadataCalls, sign_in
from .person import Person
from .records import Records
from .seeds import DEMO_KEY, USERS, SeedUser
from .setup import SetupCalls
from .state import Portal
from .trouble import Trouble


class MagentrixSandbox(Sandbox):
    """One Magentrix portal with its users and the API key DEMO_KEY of its administrator."""

    portal: Portal
    records: Records

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.behaviour = Behaviour()
        self.trouble = Trouble()
        self.router.add("POST", f"{API}/token", lambda request: sign_in(self, request))
        families = (RecordCalls(self), MetadataCalls(self), SetupCalls(self))
        for method, path, handle in chain.from_iterable(each.routes() for each in families):
            self.router.add(method, path, self._signed(handle))
        for method, path, handler in AdminRoutes(self).routes():
            self.router.add(method, TOOLS + path, handler)
        self.reset()

    # ------------------------------------------------------------ behind the scenes

    def reset(self) -> None:
        """Start over with the seeded users alone; the behaviour stays."""
        with self.lock:
            self._use(Portal.fresh())
            self.trouble.clear()
            self.faults.clear()
            self.counters.clear()
            first, *others = USERS
            admin = self._hire(first, "")
            self.portal.keys[DEMO_KEY] = admin
            for user in others:
                self._hire(user, admin)

    def person(self, user_id: str = "") -> Person:
        """Return what a user can do, by default the administrator."""
        return Person(self, user_id or self.portal.entities["User"].store.live[0])

    def revoke(self, key: str = DEMO_KEY, fresh: str = "") -> None:
        """Refuse a key and its tokens from now on, and accept a fresh key in its place."""
        with self.lock:
            user = self.portal.revoke(key)
            if fresh:
                self.portal.keys[fresh] = user or self.person().id

    def expire_tokens(self) -> None:
        """Let every token run out now."""
        with self.lock:
            self.portal.tokens.clear()

    def advance(self, seconds: float) -> None:
        """Move this sandbox's clock."""
        with self.lock:
            self.clock_offset += timedelta(seconds=seconds)

    def _hire(self, user: SeedUser, actor: str) -> str:
        names = {"Firstname": user.first, "Lastname": user.last, "UserType": user.kind}
        body = {"Username": user.email, "Email": user.email, "IsActive": user.active, **names}
        users = self.portal.entities["User"]
        made = self.records.create(users, body, actor)
        if not actor:
            users.store.rows[made] |= {"CreatedById": made, "ModifiedById": made}
        return made

    def _use(self, portal: Portal) -> None:
        self.portal = portal
        self.records = Records(portal, self.behaviour, self.trouble, self.now)

    # ------------------------------------------------------------ the rules of every call

    def dispatch(
        self,
        request: SandboxRequest,
        family: str,
        handler: Handler | None,
        names: Mapping[str, str],
    ) -> SandboxResponse:
        """Run the handler; refusals become bodies, and every answer tells the time."""
        try:
            if handler is None:
                raise ApiError(405 if family else 404, f"Not found: {request.path}")
            answer = handler(request, **names)
        except ApiError as error:
            answer = error.response()
        except (BadJson, UnicodeDecodeError):
            answer = ApiError(400, "The body is not valid JSON.").response()
        answer.headers["Date"] = format_datetime(self.now(), usegmt=True)
        return answer

    def _signed(self, handle: Handle) -> Handler:
        def checked(request: SandboxRequest, **names: str) -> SandboxResponse:
            scheme, _, sid = request.headers.get("Authorization", "").partition(" ")
            session = self.portal.caller(sid, self.now()) if scheme.lower() == "bearer" else None
            if session is None:
                raise ApiError(401, "The session is invalid or has expired.")
            return handle(Call(request, session.user), **names)

        return checked

    # ------------------------------------------------------------ dump and load

    def dump(self) -> JsonObject:
        """Return the whole state as JSON-able data."""
        with self.lock:
            return {
                "behaviour": self.behaviour.dump(),
                "clock_offset": self.clock_offset.total_seconds(),
                "rules": self.trouble.dump(),
                "portal": self.portal.dump(),
            }

    def load(self, state: JsonObject) -> None:
        """Replace everything by what `dump` returned."""
        with self.lock:
            self.behaviour.change(**state["behaviour"])
            self.clock_offset = timedelta(seconds=state["clock_offset"])
            self.trouble.load(state["rules"])
            self._use(Portal.load(state["portal"]))
