"""The two-letter postal codes of US states, the District of Columbia and the territories.

Source: USPS Publication 28, appendix B (two-letter state and possession abbreviations).
"""

from __future__ import annotations

from typing import Final

_NAMES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa
KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota
MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey
NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon
PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah
VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming
AS American Samoa|GU Guam|MP Northern Mariana Islands|PR Puerto Rico|VI Virgin Islands
VI U.S. Virgin Islands|VI US Virgin Islands|DC Washington DC|DC Washington, D.C.
MH Marshall Islands|FM Federated States of Micronesia|PW Palau
"""
_PAIRS = [entry.split(" ", 1) for entry in _NAMES.strip().replace("\n", "|").split("|")]

STATE_CODES: Final = {name.casefold(): code for code, name in _PAIRS} | {
    code.casefold(): code for code in (*(code for code, _ in _PAIRS), "AA", "AE", "AP")
}
"""Name or code in lower case to code; military "states" by code only."""
