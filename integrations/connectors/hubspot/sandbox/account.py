"""One HubSpot account (portal): its people, settings and everything it stores.

State only; changes to records go through `writes`, `merges` and `links`.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from integrations.connectors.sandbox_kit import JsonObject

from .behaviour import Behaviour
from .catalog import Catalog, fixture
from .kinds import KINDS, Kind
from .links import LinkGraph
from .records import RecordStore, Source
from .refusals import Refusal
from .search_index import SearchIndex


class Happening(NamedTuple):
    """Something a webhook may tell: `event` is the last part of a subscription type."""

    portal_id: int
    event: str
    kind: Kind
    source: Source
    at: int
    details: JsonObject


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in to the account; `admin` may install apps."""

    id: int
    email: str
    admin: bool = True


@dataclass(frozen=True, slots=True)
class Owner:
    """A record owner; its id is not the id of its user."""

    id: str
    email: str
    first_name: str
    last_name: str
    user_id: int
    archived: bool = False


@dataclass(slots=True)
class Account:
    """Everything one portal holds.

    `required_on_create` names properties by type; a conditional rule is
    `{type, property, value, requires}`. `listener` receives every happening.
    """

    portal_id: int
    name: str
    behaviour: Behaviour
    listener: Callable[[Happening], None]
    users: list[User] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)
    time_zone: str = "Europe/Berlin"
    currency: str = "EUR"
    ui_domain: str = "app-eu1.hubspot.com"
    account_type: str = "DEVELOPER_TEST"
    default_lifecycle: str = "lead"
    required_on_create: dict[str, list[str]] = field(default_factory=dict)
    conditional_rules: list[dict[str, str]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    blocked_emails: set[str] = field(default_factory=set)
    pipelines: dict[str, JsonObject] = field(default_factory=dict)
    catalogs: dict[str, Catalog] = field(default_factory=dict)
    stores: dict[str, RecordStore] = field(default_factory=dict)
    indexes: dict[str, SearchIndex] = field(default_factory=dict)
    links: LinkGraph = field(default_factory=LinkGraph)

    def __post_init__(self) -> None:
        self.pipelines = {row["id"]: row for row in deepcopy(fixture("pipelines")["deals"])}
        for kind in KINDS:
            self.catalogs[kind.plural] = Catalog(kind.plural)
            self.stores[kind.plural] = RecordStore()
            self.indexes[kind.plural] = SearchIndex(self.behaviour)
            self.watch_unique(kind)

    @property
    def hublet(self) -> str:
        """Return the data centre, as service keys name it."""
        return self.ui_domain.removeprefix("app-").partition(".")[0]

    def watch_unique(self, kind: Kind) -> None:
        """Bring the unique index in step with the definitions."""
        self.stores[kind.plural].watch(self.unique_names(kind))

    def unique_names(self, kind: Kind) -> list[str]:
        """Return the properties that identify a record; e-mail covers additional addresses."""
        names = self.catalogs[kind.plural].unique()
        return [name for name in names if name != "hs_additional_emails"]

    def notify(self, event: str, kind: Kind, source: Source, at: int, details: JsonObject) -> None:
        """Tell the listener that something happened."""
        self.listener(Happening(self.portal_id, event, kind, source, at, details))

    def add_lifecycle_stage(self, label: str, after: str) -> str:
        """Add a custom lifecycle stage behind another one and return its numeric value."""
        value = str(
            900_000_000 + len(self.catalogs["contacts"].definitions["lifecyclestage"].options)
        )
        for plural in ("contacts", "companies"):
            options = self.catalogs[plural].definitions["lifecyclestage"].options
            place = [option["value"] for option in options].index(after) + 1
            options.insert(place, {"value": value, "label": label, "hidden": False})
            for index, option in enumerate(options):
                option["displayOrder"] = index
        return value

    def dump(self) -> JsonObject:
        """Return the state as JSON-able data."""
        return {
            "settings": {name: getattr(self, name) for name in _SETTINGS},
            "blocked_emails": sorted(self.blocked_emails),
            "users": [asdict(user) for user in self.users],
            "owners": [asdict(owner) for owner in self.owners],
            "refusals": [asdict(refusal) for refusal in self.refusals],
            "catalogs": {name: catalog.dump() for name, catalog in self.catalogs.items()},
            "stores": {name: store.dump() for name, store in self.stores.items()},
            "links": self.links.dump(),
        }

    def load(self, state: JsonObject) -> None:
        """Replace the state by one that `dump` returned; search sees all of it at once."""
        for name, value in state["settings"].items():
            setattr(self, name, value)
        self.blocked_emails = set(state["blocked_emails"])
        self.users = [User(**user) for user in state["users"]]
        self.owners = [Owner(**owner) for owner in state["owners"]]
        self.refusals = [Refusal(**refusal) for refusal in state.get("refusals", ())]
        self.links.load(state["links"])
        for kind in KINDS:
            self.catalogs[kind.plural].load(state["catalogs"][kind.plural])
            store = self.stores[kind.plural]
            store.load(state["stores"][kind.plural], self.unique_names(kind))
            self.indexes[kind.plural].rebuild(store.records[record_id] for record_id in store.live)


_SETTINGS = (
    "portal_id",
    "name",
    "time_zone",
    "currency",
    "ui_domain",
    "account_type",
    "default_lifecycle",
    "required_on_create",
    "conditional_rules",
    "pipelines",
)
