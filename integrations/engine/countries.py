"""The countries and their names in German and English, and Germany's states. Facts, no rules.

Sources: ISO 3166-1 (two-letter codes, English short names) and ISO 3166-2:DE; German names as the
German Foreign Office spells them. After these come other names in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_COUNTRIES = """
AD Andorra|AE Vereinigte Arabische Emirate/United Arab Emirates/UAE/VAE|AF Afghanistan
AG Antigua und Barbuda/Antigua and Barbuda|AI Anguilla|AL Albanien/Albania|AM Armenien/Armenia
AO Angola|AQ Antarktis/Antarctica|AR Argentinien/Argentina|AS Amerikanisch-Samoa/American Samoa
AT Österreich/Austria|AU Australien/Australia|AW Aruba|AX Åland/Åland Islands/Ålandinseln
AZ Aserbaidschan/Azerbaijan|BA Bosnien und Herzegowina/Bosnia and Herzegovina/Bosnien-Herzegowina
BB Barbados|BD Bangladesch/Bangladesh|BE Belgien/Belgium|BF Burkina Faso|BG Bulgarien/Bulgaria
BH Bahrain|BI Burundi|BJ Benin|BL Saint-Barthélemy/Saint Barthélemy|BM Bermuda
BN Brunei Darussalam/Brunei|BO Bolivien/Bolivia
BQ Bonaire, Sint Eustatius und Saba/Bonaire, Sint Eustatius and Saba/Bonaire
BR Brasilien/Brazil|BS Bahamas/The Bahamas|BT Bhutan|BV Bouvetinsel/Bouvet Island
BW Botsuana/Botswana|BY Belarus/Weißrussland|BZ Belize|CA Kanada/Canada
CC Kokosinseln/Cocos (Keeling) Islands/Cocos Islands
CD Demokratische Republik Kongo/Democratic Republic of the Congo/Kongo-Kinshasa/DR Congo
CF Zentralafrikanische Republik/Central African Republic|CG Kongo/Congo/Republik Kongo
CH Schweiz/Switzerland/Die Schweiz|CI Côte d'Ivoire/Ivory Coast/Elfenbeinküste
CK Cookinseln/Cook Islands|CL Chile|CM Kamerun/Cameroon|CN China/People's Republic of China
CO Kolumbien/Colombia|CR Costa Rica|CU Kuba/Cuba|CV Cabo Verde/Cape Verde/Kap Verde|CW Curaçao
CX Weihnachtsinsel/Christmas Island|CY Zypern/Cyprus
CZ Tschechien/Czechia/Czech Republic/Tschechische Republik
DE Deutschland/Germany/Bundesrepublik Deutschland/BRD|DJ Dschibuti/Djibouti|DK Dänemark/Denmark
DM Dominica|DO Dominikanische Republik/Dominican Republic|DZ Algerien/Algeria|EC Ecuador
EE Estland/Estonia|EG Ägypten/Egypt|EH Westsahara/Western Sahara|ER Eritrea|ES Spanien/Spain
ET Äthiopien/Ethiopia|FI Finnland/Finland|FJ Fidschi/Fiji
FK Falklandinseln/Falkland Islands/Falkland Islands (Malvinas)
FM Mikronesien/Micronesia/Federated States of Micronesia|FO Färöer/Faroe Islands
FR Frankreich/France|GA Gabun/Gabon
GB Vereinigtes Königreich/United Kingdom/Großbritannien/Great Britain/UK/England
GB Schottland/Scotland|GB Wales|GB Nordirland/Northern Ireland
GD Grenada|GE Georgien/Georgia|GF Französisch-Guayana/French Guiana|GG Guernsey|GH Ghana
GI Gibraltar|GL Grönland/Greenland|GM Gambia/The Gambia|GN Guinea|GP Guadeloupe
GQ Äquatorialguinea/Equatorial Guinea|GR Griechenland/Greece
GS Südgeorgien und die Südlichen Sandwichinseln/South Georgia and the South Sandwich Islands
GT Guatemala|GU Guam|GW Guinea-Bissau|GY Guyana|HK Hongkong/Hong Kong
HM Heard und McDonaldinseln/Heard Island and McDonald Islands|HN Honduras|HR Kroatien/Croatia
HT Haiti|HU Ungarn/Hungary|ID Indonesien/Indonesia|IE Irland/Ireland/Republic of Ireland
IL Israel|IM Isle of Man/Insel Man|IN Indien/India
IO Britisches Territorium im Indischen Ozean/British Indian Ocean Territory|IQ Irak/Iraq
IR Iran/Islamic Republic of Iran|IS Island/Iceland|IT Italien/Italy|JE Jersey|JM Jamaika/Jamaica
JO Jordanien/Jordan|JP Japan|KE Kenia/Kenya|KG Kirgisistan/Kyrgyzstan|KH Kambodscha/Cambodia
KI Kiribati|KM Komoren/Comoros|KN St. Kitts und Nevis/Saint Kitts and Nevis
KP Nordkorea/North Korea/Democratic People's Republic of Korea
KR Südkorea/South Korea/Republik Korea/Republic of Korea/Korea|KW Kuwait
KY Kaimaninseln/Cayman Islands|KZ Kasachstan/Kazakhstan|LA Laos|LB Libanon/Lebanon
LC St. Lucia/Saint Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho
LT Litauen/Lithuania|LU Luxemburg/Luxembourg|LV Lettland/Latvia|LY Libyen/Libya
MA Marokko/Morocco|MC Monaco|MD Moldau/Moldova/Moldawien|ME Montenegro|MF Saint-Martin/Saint Martin
MG Madagaskar/Madagascar|MH Marshallinseln/Marshall Islands
MK Nordmazedonien/North Macedonia/Mazedonien/Macedonia|ML Mali|MM Myanmar/Burma/Birma
MN Mongolei/Mongolia|MO Macau/Macao|MP Nördliche Marianen/Northern Mariana Islands|MQ Martinique
MR Mauretanien/Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Malediven/Maldives|MW Malawi
MX Mexiko/Mexico|MY Malaysia|MZ Mosambik/Mozambique|NA Namibia|NC Neukaledonien/New Caledonia
NE Niger|NF Norfolkinsel/Norfolk Island|NG Nigeria|NI Nicaragua
NL Niederlande/Netherlands/The Netherlands/Holland|NO Norwegen/Norway|NP Nepal|NR Nauru|NU Niue
NZ Neuseeland/New Zealand|OM Oman|PA Panama|PE Peru|PF Französisch-Polynesien/French Polynesia
PG Papua-Neuguinea/Papua New Guinea|PH Philippinen/Philippines|PK Pakistan|PL Polen/Poland
PM Saint-Pierre und Miquelon/Saint Pierre and Miquelon|PN Pitcairninseln/Pitcairn/Pitcairn Islands
PR Puerto Rico|PS Palästina/Palestine/State of Palestine|PT Portugal|PW Palau|PY Paraguay
QA Katar/Qatar|RE Réunion|RO Rumänien/Romania|RS Serbien/Serbia
RU Russland/Russia/Russische Föderation/Russian Federation|RW Ruanda/Rwanda
SA Saudi-Arabien/Saudi Arabia|SB Salomonen/Solomon Islands|SC Seychellen/Seychelles|SD Sudan
SE Schweden/Sweden|SG Singapur/Singapore
SH St. Helena, Ascension und Tristan da Cunha/Saint Helena, Ascension and Tristan da Cunha
SI Slowenien/Slovenia|SJ Svalbard und Jan Mayen/Svalbard and Jan Mayen|SK Slowakei/Slovakia
SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SR Suriname|SS Südsudan/South Sudan
ST São Tomé und Príncipe/Sao Tome and Principe|SV El Salvador|SX Sint Maarten|SY Syrien/Syria
SZ Eswatini/Swasiland/Swaziland|TC Turks- und Caicosinseln/Turks and Caicos Islands
TD Tschad/Chad|TF Französische Süd- und Antarktisgebiete/French Southern Territories|TG Togo
TH Thailand|TJ Tadschikistan/Tajikistan|TK Tokelau|TL Timor-Leste/Osttimor/East Timor
TM Turkmenistan|TN Tunesien/Tunisia|TO Tonga|TR Türkei/Turkey/Türkiye
TT Trinidad und Tobago/Trinidad and Tobago|TV Tuvalu|TW Taiwan|TZ Tansania/Tanzania
UA Ukraine|UG Uganda
UM Kleinere Amerikanische Überseeinseln/United States Minor Outlying Islands
US Vereinigte Staaten/United States/USA/Vereinigte Staaten von Amerika/United States of America
UY Uruguay|UZ Usbekistan/Uzbekistan|VA Vatikanstadt/Vatican City/Holy See/Vatikan
VC St. Vincent und die Grenadinen/Saint Vincent and the Grenadines|VE Venezuela
VG Britische Jungferninseln/British Virgin Islands
VI Amerikanische Jungferninseln/U.S. Virgin Islands/US Virgin Islands|VN Vietnam/Viet Nam
VU Vanuatu|WF Wallis und Futuna/Wallis and Futuna|WS Samoa|XK Kosovo|YE Jemen/Yemen
YT Mayotte|ZA Südafrika/South Africa|ZM Sambia/Zambia|ZW Simbabwe/Zimbabwe
"""
_GERMAN_STATES = """
BW Baden-Württemberg|BY Bayern/Bavaria|BE Berlin|BB Brandenburg|HB Bremen
HB Freie Hansestadt Bremen|HH Hamburg|HE Hessen/Hesse
MV Mecklenburg-Vorpommern/Mecklenburg-Western Pomerania|NI Niedersachsen/Lower Saxony
NW Nordrhein-Westfalen/North Rhine-Westphalia/NRW|RP Rheinland-Pfalz/Rhineland-Palatinate
SL Saarland|SN Sachsen/Saxony|ST Sachsen-Anhalt/Saxony-Anhalt|SH Schleswig-Holstein
TH Thüringen/Thuringia
"""
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def spelled(name: str) -> str:
    """Return the form by which names are compared: without case, and umlauts written out."""
    return " ".join(name.split()).casefold().translate(_UMLAUTS)


def _rows(table: str) -> Iterator[tuple[str, list[str]]]:
    for entry in table.strip().replace("\n", "|").split("|"):
        code, _, names = entry.partition(" ")
        yield code, names.split("/")


def _names(table: str) -> dict[str, str]:
    """Return the name of each code that is shown: the first one."""
    names: dict[str, str] = {}
    for code, known in _rows(table):
        names.setdefault(code, known[0])
    return names


def _codes(table: str) -> dict[str, str]:
    """Return the code of each name, and of each code."""
    codes = {spelled(name): code for code, known in _rows(table) for name in known}
    return codes | {spelled(code): code for code, _ in _rows(table)}


COUNTRY_NAMES: Final = _names(_COUNTRIES)
"""German name by code."""
COUNTRY_CODES: Final = _codes(_COUNTRIES)
"""Code by name or code, as `spelled`."""
STATE_NAMES: Final = _names(_GERMAN_STATES)
"""German name by the second part of the ISO 3166-2:DE code."""
STATE_CODES: Final = _codes(_GERMAN_STATES)
"""Code by name or code, as `spelled`."""
