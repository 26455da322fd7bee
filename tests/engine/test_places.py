"""Countries, German states and words with several spellings, in both languages and both ways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.engine.countries import COUNTRY_CODES, COUNTRY_NAMES, STATE_CODES, STATE_NAMES
from integrations.engine.errors import MappingError
from integrations.engine.records import ABSENT, BLANK, Value
from integrations.engine.transforms import transform

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SPELLINGS = {"Herr": "herr", "Mr.": "herr", "Frau": "frau", "Ms.": "frau"}


def back(name: str, value: str, arguments: dict[str, str] | None = None) -> Value:
    step = transform(name, arguments).back
    assert step is not None
    return step(value, NOW)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Österreich", "AT"),
        ("oesterreich", "AT"),
        ("AUSTRIA", "AT"),
        (" Vereinigtes  Königreich ", "GB"),
        ("United Kingdom", "GB"),
        ("england", "GB"),
        ("Türkei", "TR"),
        ("TÜRKIYE", "TR"),
        ("Cote d'Ivoire", ""),
        ("Côte d'Ivoire", "CI"),
        ("USA", "US"),
        ("ch", "CH"),
        ("Germany", "DE"),
    ],
)
def test_a_country_is_known_by_its_names_and_its_code(typed: str, code: str) -> None:
    step = transform("country").forth
    if code:
        assert step(typed, NOW) == code
    else:
        with pytest.raises(MappingError, match="German or English name"):
            step(typed, NOW)


def test_a_country_comes_back_by_its_german_name() -> None:
    assert [back("country", code) for code in ("AT", "de", "GB", "CI")] == [
        "Österreich",
        "Deutschland",
        "Vereinigtes Königreich",
        "Côte d'Ivoire",
    ]
    assert back("country", "ZZ") == "ZZ", "a code nobody knows stays as it is"


def test_an_empty_country_is_a_blank() -> None:
    assert transform("country").forth("  ", NOW) is BLANK


def test_every_country_has_a_code_of_two_letters_and_no_name_leads_to_two() -> None:
    assert len(COUNTRY_NAMES) == 250
    assert all(len(code) == 2 and code.isupper() for code in COUNTRY_NAMES)
    assert set(COUNTRY_CODES.values()) == set(COUNTRY_NAMES)
    assert all(transform("country").forth(n, NOW) == code for code, n in COUNTRY_NAMES.items())


def test_the_sixteen_states_travel_by_their_codes() -> None:
    assert len(STATE_NAMES) == 16
    assert set(STATE_CODES.values()) == set(STATE_NAMES)
    forth = transform("german_state").forth
    for typed, code in (
        ("Thüringen", "TH"),
        ("Thuringia", "TH"),
        ("baden-wuerttemberg", "BW"),
        ("NRW", "NW"),
        ("by", "BY"),
    ):
        assert forth(typed, NOW) == code
    assert back("german_state", "TH") == "Thüringen"


@pytest.mark.parametrize("typed", ["Tirol", "CH-BE", "California"])
def test_states_of_other_countries_stay_as_they_are(typed: str) -> None:
    assert transform("german_state").forth(typed, NOW) == typed
    assert back("german_state", typed) == typed


def test_every_spelling_becomes_its_word_and_the_first_comes_back() -> None:
    forth = transform("synonyms", SPELLINGS).forth
    assert [forth(typed, NOW) for typed in ("mr.", " FRAU ", "Ms.")] == ["herr", "frau", "frau"]
    assert back("synonyms", "frau", SPELLINGS) == "Frau"


def test_what_has_no_entry_leaves_the_other_side_alone() -> None:
    assert transform("synonyms", SPELLINGS).forth("Dr.", NOW) is ABSENT
    assert back("synonyms", "firma", SPELLINGS) is ABSENT
