"""Checking credentials that are not stored yet: their shape, the address, the system's own word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.connectors.auth import MemoryVault, TokenSet
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import AccountInfo
from integrations.engine.specs import CredentialField
from integrations.services import connectors, outbound


@dataclass(frozen=True, slots=True)
class Checked:
    """Credentials that have just been accepted."""

    account: AccountInfo
    secrets: Mapping[str, str]
    tokens: TokenSet | None


def check(system: str, credentials: Mapping[str, str]) -> Checked:
    """Ask the system whether it takes these credentials; inputs left out have their defaults.

    An address must be encrypted and lead to public hosts, unless the portal's own settings name
    the system's address. Raises ConfigInvalid about the first input that cannot be used, or the
    SyncError with which the system refused them.
    """
    fields = {field.key: field for field in connectors.spec_of(system).credentials}
    wanted = {key: credentials.get(key) or field.default for key, field in fields.items()}
    given = {key: value for key, value in wanted.items() if value}
    for key, field in fields.items():
        _check_one(system, field, given.get(key, ""))
    memory = MemoryVault(given)
    return Checked(connectors.probe(system, memory).check(), given, memory.stored)


def _check_one(system: str, field: CredentialField, value: str) -> None:
    if not value:
        if field.required:
            raise ConfigInvalid(f"{field.label} is missing.")
        return
    if field.options and value not in {option.value for option in field.options}:
        raise ConfigInvalid(f"{field.label}: choose one of the list.")
    if field.is_address and not connectors.stands_in(system):
        try:
            outbound.check(value)
        except outbound.AddressRefused as refused:
            raise ConfigInvalid(f"{field.label}: {refused}") from None
