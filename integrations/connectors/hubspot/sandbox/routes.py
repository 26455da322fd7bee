"""Which modules answer which paths; the one list of everything the sandbox serves."""

from typing import TYPE_CHECKING

from .admin import AdminApi
from .admin_accounts import AccountsAdmin
from .admin_records import RecordsAdmin
from .associations import AssociationsApi
from .batches import BatchApi
from .directory import DirectoryApi
from .oauth import OAuthApi
from .oauth_page import ConsentPage
from .objects import ObjectsApi
from .pipelines import PipelinesApi
from .properties import PropertiesApi
from .search import SearchApi

if TYPE_CHECKING:
    from .server import HubSpotSandbox


def add_routes(sandbox: "HubSpotSandbox") -> None:
    """Register every endpoint on a sandbox."""
    for part in (
        ConsentPage,
        OAuthApi,
        ObjectsApi,
        BatchApi,
        SearchApi,
        PropertiesApi,
        AssociationsApi,
        DirectoryApi,
        PipelinesApi,
        AdminApi,
        AccountsAdmin,
        RecordsAdmin,
    ):
        part(sandbox)
