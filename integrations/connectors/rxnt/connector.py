"""The RXNT connector: patients can be saved and looked up by our own id, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Never

import requests

from integrations.connectors.auth import Vault
from integrations.connectors.budget import Budget
from integrations.connectors.outcomes import one_by_one
from integrations.connectors.rxnt.client import RxntClient
from integrations.connectors.rxnt.payloads import EXTERNAL_ID
from integrations.connectors.rxnt.spec import PATIENT_FIELDS
from integrations.engine.errors import ConfigInvalid
from integrations.engine.ports import (
    EXTERNAL_KEY,
    AccountInfo,
    CreateItem,
    Ensured,
    Outcome,
    UpdateItem,
)
from integrations.engine.records import Page, Record, is_value
from integrations.engine.specs import FieldSpec, GroupSpec

WARN_DAYS = 14
"""From this many days on a person is told that the RXNT password is about to expire."""


class RxntConnector:
    """One practice. Every write is an upsert by `external_key`, one patient per call."""

    def __init__(
        self,
        vault: Vault,
        options: Mapping[str, str],
        budget: Budget,
        session: requests.Session,
    ) -> None:
        self.client = RxntClient(vault, options, budget, session)

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        return self.client.api.calls

    def check(self) -> AccountInfo:
        """Sign in and name the practice; warns when RXNT says that the credentials expire soon."""
        extra = self.client.login().extra
        company, days = extra["DoctorCompanyId"], extra["NoOfDaysToExpire"]
        expiring = days.lstrip("-").isdecimal() and int(days) <= WARN_DAYS
        warning = f"RXNT counts {days} days until the interface password expires; renew it there."
        return AccountInfo(
            account_id=company,
            name=f"RXNT practice {company}",
            warnings=(warning,) if expiring else (),
        )

    def describe(self, object_type: str) -> Sequence[FieldSpec]:
        """Return the fields of a patient: RXNT cannot be asked, so the list is ours."""
        return PATIENT_FIELDS

    def find(
        self, object_type: str, field_name: str, values: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Record]]:
        """Tell which of our ids RXNT knows.

        The answer names no patient id, so the record's id is the external id; saves work by the
        external id alone and name the patient's own.
        """
        if field_name not in (EXTERNAL_KEY, EXTERNAL_ID):
            _cannot("find patients by anything but our own id")
        return {
            value: (Record(value, {EXTERNAL_ID: value}),)
            for value in values
            if self.client.exists(value)
        }

    def create(self, object_type: str, items: Sequence[CreateItem]) -> Sequence[Outcome]:
        """Save each patient under its external key."""
        return self._save(items)

    def update(self, object_type: str, items: Sequence[UpdateItem]) -> Sequence[Outcome]:
        """Save the fields given under the external key; RXNT keeps the others."""
        return self._save(items)

    def _save(self, items: Sequence[CreateItem | UpdateItem]) -> list[Outcome]:
        return one_by_one(((item.ref, item) for item in items), self._save_one)

    def _save_one(self, item: CreateItem | UpdateItem) -> Record:
        if not item.external_key:
            raise ConfigInvalid("A patient needs an external id.")
        patient_id = self.client.save(item.external_key, item.values)
        return Record(patient_id, {n: value for n, value in item.values.items() if is_value(value)})

    def scan(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Raise ConfigInvalid: RXNT lists no patients."""
        _cannot("list patients")

    def changes(self, object_type: str, cursor: str, fields: Sequence[str]) -> Page:
        """Raise ConfigInvalid: RXNT tells no changes."""
        _cannot("tell which patients changed")

    def changes_since(self, object_type: str, since: datetime) -> str:
        """Raise ConfigInvalid: RXNT tells no changes."""
        _cannot("tell which patients changed")

    def fetch(
        self, object_type: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Record]:
        """Raise ConfigInvalid: RXNT shows no patient's fields."""
        _cannot("show a patient's fields")

    def archive(self, object_type: str, ids: Sequence[str]) -> Sequence[Outcome]:
        """Raise ConfigInvalid: patients are never removed from a practice."""
        _cannot("archive patients")

    def ensure_field(
        self, object_type: str, spec: FieldSpec, group: GroupSpec | None = None
    ) -> Ensured:
        """Raise ConfigInvalid: RXNT has no fields of ours."""
        _cannot("create fields")


def _cannot(what: str) -> Never:
    raise ConfigInvalid(f"RXNT cannot {what} for other systems.")
