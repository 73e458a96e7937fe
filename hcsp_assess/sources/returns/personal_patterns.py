"""Recognise personal data by their form: contact details, official numbers, addresses, coordinates, dates of birth.

Every pattern has a fixed longest match and a fixed first character, so that a hostile text takes time in
proportion to its length.
"""

import re
from collections.abc import Callable
from typing import Final

from hcsp_assess.sources.returns.personal_lists import is_ordinary, reviewed

HAS_DIGIT: Final = re.compile(r"\d")
_NOT_A_HOUSE = (
    "metres?|meters?|yards?|miles?|km|mph|m|incidents?|calls?|complaints?|reports?|residents?|people|persons?|near|from|"
    "of|on|at|the|in|and|cars?|vehicles?|times?|minutes?|mins?|hours?|days?|weeks?|months?|years?|cases?|crimes?|offences?|"
    "signs?|concerns?|per|cent|homes|houses|shops|am|pm"
)
_NUMBERED = rf"(?<![\d/.])\b(?!(?:19|20)\d\d\b)\d{{1,4}}[A-Za-z]?,?\s{{1,3}}(?:(?!(?i:{_NOT_A_HOUSE})\b)"
_ADDRESS: Final = re.compile(
    # "Way", "Court", "Close" and the like are ordinary words too: with those, every word must begin with a capital
    rf"{_NUMBERED}[A-Za-z'’.]{{1,25}}\s{{1,3}}){{1,3}}(?i:street|st|road|rd|lane|ln|avenue|ave|crescent|terrace|gardens|mews|"
    r"cottages)\b|"
    rf"{_NUMBERED}[A-Z][A-Za-z'’.]{{0,25}}\s{{1,3}}){{1,3}}(?:Close|Drive|Place|Court|Grove|Row|Square|Walk|Rise|Orchard|Way|"
    r"View|Hill|Meadows?|Villas|Flats|Park|Green|CLOSE|DRIVE|PLACE|COURT|GROVE|ROW|SQUARE|WALK|RISE|WAY|VIEW|HILL)\b|"
    r"(?i:\b(?:flat|apartment|apt)\s{1,3}\d{1,4}[a-z]?\b)|"
    r"(?:^|[,;:] )\d{1,4}[A-Za-z]? The [A-Z][a-z]{2,20}(?:,|$)|"
    r"(?<![\d/.])\b\d{1,4}[A-Za-z]?,? (?:Ffordd|Heol|Stryd|Clos|Maes|Rhodfa|Llys|Bryn|Cae|Erw|Parc|Trem|Gerddi|Rhes|"
    r"Teras|Tan|Pen|L[oô]n)(?: [A-Za-z'’]{1,20}){1,3}|"
    r"(?i:\b(?:at|no|number|house|nr)\.? \d{1,4}[a-z]? [a-z'’]{2,25}(?: [a-z'’]{2,25})? (?:walk|close|drive|court|"
    r"grove|rise|way|view|hill|place|row|square|park|green|gardens|mews|road|street|lane|avenue)\b)|"
    r"(?:^|[,;:] )\d{1,3}[/-]\d{1,3},? [A-Z][a-z'’]{2,25} (?:[A-Z][a-z'’]{2,25} )?(?:Close|Drive|Place|"
    r"Court|Grove|Row|Square|Walk|Rise|Way|View|Hill|House|Park|Green|Mews|Gardens)\b"
)
_STREETS = (
    "street|st|road|rd|lane|ln|avenue|ave|crescent|terrace|gardens|mews|cottages|close|drive|place|court|grove|row|square|"
    "walk|rise|orchard|way|view|hill|meadows?|villas|flats|park|green|approach|fields?|bank|croft|paddocks?|maltings|"
    "parade|wharf|quay|gate|yard|heights|common|end|side"
)
_HOUSE_NAME: Final = re.compile(
    r"\b[A-Z][a-z]{2,20} (?:(?:House|Farm|Lodge), [A-Z][a-z]{2,20} (?:Lane|Road|Street)\b|"
    r"(?:Cottage|Barn|Farmhouse|Bungalow), [A-Z][a-z]{2,20})"
    r"|(?:^|(?<=[,;:] ))(?i:(?:the )?(?:old )?(?:rectory|vicarage|forge|schoolhouse|school house|coach house|manse|"
    r"granary|smithy|farmhouse|stables|oast house|gatehouse|bungalow|cottage), [a-z][a-z'’ ]{3,40}$)"
)
_WHOLE_ADDRESS: Final = re.compile(
    rf"(?:(?:house|house no|no|number|nr|at|flat)\.? )?\d{{1,4}}[a-z]?,? (?:the [a-z]{{3,20}}|"
    rf"(?!(?:{_NOT_A_HOUSE})\b)(?:[a-z][a-z'’.]{{1,25}} ){{1,3}}(?:{_STREETS}))(?:,.{{0,60}})?",
    re.IGNORECASE,
)
_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|"
    "GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|"
    "PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|"
    "WV|YO|ZE"
)
_POSTCODE: Final = re.compile(
    rf"\b(?=[A-Z]{{1,2}}\d)(?:{_AREAS})\d[A-Z\d]?[\s.-]{{0,3}}(?!\d(?-i:st|nd|rd|th|hr|wd|ft|lb|lbs)\b)\d[ABD-HJLNP-UW-Z]{{2}}\b"
    rf"|(?:^|(?<=[,;:] ))(?=[A-Z]{{1,2}}\d)(?:{_AREAS})\s?\d[A-Z\d]?\s\d\s?[ABD-HJLNP-UW-Z]{{2}}$",
    re.IGNORECASE,
)
_DOTTED = r"(?:\.|\s{0,2}[\[({<]\s?dot\s?[\])}>]\s{0,2}|\s{1,2}dot\s{1,2})"
_EMAIL: Final = re.compile(
    r"(?<=[\w.+'-])@[\w-]{1,63}\.[\w-]{1,63}"
    rf"|(?<=\w)\s{{0,3}}[\[({{<]\s?(?:at|@)\s?[\])}}>]\s{{0,3}}[\w-]{{1,63}}{_DOTTED}[a-z]{{2,20}}"
    r"|(?<=\w)\s{1,3}at\s{1,3}[\w-]{1,63}(?:\s{1,2}dot\s{1,2}[\w-]{1,63}){1,4}"
    r"|(?<=\w)\sat\s[\w-]{1,63}\.(?:[\w-]{1,63}\.){0,3}(?:com|org|net|uk|eu|ie|info)\b"
    r"|(?<=\w)\s{1,3}@\s{1,3}[\w-]{1,63}\s{0,3}\.\s{0,3}[a-z]{2,20}",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\d.+/£-])(?:\+44|0044|\(?0(?!\.))(?:[\s().-]{0,3}\d){9,11}(?![\d/:]|\.\d)")
_DATED: Final = re.compile(r"\d{1,2}[-./ ]\d{1,2}[-./ ]\d{2,4}")
_BARE_MOBILE: Final = re.compile(r"(?<![\w./-])(?:44)?7[1-57-9]\d{8}(?![\w./-])")
_TEN_DIGITS: Final = re.compile(r"(?<![\d./-])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\d/.-])")
_POLICE_NUMBER: Final = re.compile(
    r"\b(?<!URN )(?<!urn )(?<!(?i:crime no) )(?<!(?i:crime no\.) )(?<!(?i:crime ref) )(?!\d[A-Z]{2}/)"
    r"\d{2}[A-Z]{1,2}/(?!(?:19|20)\d\d/)\d{3,6}/\d{2,4}\b"  # custody: "22CP/1234/11"
    r"|\b(?:19|20)?\d{2}/(?:\d{1,7}[A-Z]|\d{4,7}[a-z])\b"  # Police National Computer
    r"|\b\d{4,6}/\d{2}[A-Z]\b"  # Criminal Records Office
    r"|\b[A-Z]\d{4}[A-Z]{2}\b"  # prison
    r"|\b(?:custody|pnc|cro|prison(?:er)?|passport|hospital|driving licen[cs]e|national insurance)"
    r"(?: (?:record|id|ref|reference|no|number))?[.:# ]{1,3}[A-Z]{0,3}[\d/]{4,12}"
    # National Insurance, QQ (used in examples) included
    r"|\b(?i:(?!BG|GB|NK|KN|TN|NT|ZZ)(?:QQ|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])(?:[\s.-]{0,2}\d){6}[\s.-]{0,2}[A-D])\b"
    # driving licence: five letters of the surname, day and month of birth inside
    r"|\b(?i:[A-Z]{2,5}9{0,3}[\s-]?\d(?:[05][1-9]|[16][0-2])(?:[0-2]\d|3[01])\d[\s-]?[A-Z][A-Z9][A-Z\d][A-Z]{2})"
    r"(?: ?\d\d)?\b"
    r"|\b(?i:collar|shoulder|warrant)(?i: ?(?:card|no|num|number|id))?[.:# ]{1,3}\d{2,6}\b"
    r"|\b(?:PC|PCSO|DC|DS|PS|Sgt|SGT|WPC|[Oo]fficer|Special Constable)\s?(?!(?:19|20)\d\d\b)\d{3,5}\b"
    r"|\b(?i:passport)(?i: no| number)?[.:# ]{1,3}(?=[A-Z]{0,8}\d)[A-Z\d]{8,9}\b"
    r"|\b[A-Z]{0,2}\d{7,9}\b.{0,12}\b(?i:passport|driving licen[cs]e)",
    re.ASCII,
)
_LABELLED_NUMBER: Final = re.compile(
    r"\b(?:custody|pnc|cro|prison(?:er)?|passport|driving licen[cs]e|national insurance|nino)"
    r"(?: (?:record|id|ref|reference|no|number))?[.:# ]{1,3}[A-Z]{0,3}\d[\d/]{3,12}",
    re.IGNORECASE,
)
_LOWER_PRISON: Final = re.compile(r"\b[a-z]\d{4}[a-z]{2}\b")
_NOT_A_PLATE = (
    "and|the|for|was|has|not|off|out|all|per|had|are|but|can|did|get|her|him|his|how|its|may|new|now|old|one|our|own|see|she|"
    "too|two|use|way|who|why|yes|you|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|asb|rtc|cid|pcc|"
    "gbh|abh|twoc|csp|kph|mph|kgs|mls|est|gmt|bst|utc|max|min|avg|sum|pct|end|via"
)
_PLATE: Final = re.compile(
    rf"\b(?i:[A-HJ-PR-Y][A-HJ-PR-Y][\s-]?\d\d[\s-]?(?!(?:{_NOT_A_PLATE})\b)[A-HJ-PR-Z]{{3}})\b"
    rf"|\b(?!(?:{_NOT_A_PLATE.upper()})\b)[A-HJ-PR-TV-Y][ ]?\d{{1,3}}[ ]?"
    rf"(?!(?:{_NOT_A_PLATE.upper()})\b)[A-HJ-PR-Z]{{3}}\b"
    rf"|\b(?!(?:{_NOT_A_PLATE.upper()})\b)[A-HJ-PR-Z]{{3}}[ ]?\d{{1,3}}[ ]?[A-HJ-PR-TV-Y]\b"
    rf"|\b[a-hj-pr-tv-y]\d{{2,3}}(?!(?:{_NOT_A_PLATE})\b)[a-hj-pr-y]{{3}}\b"
    rf"|\b(?!(?:{_NOT_A_PLATE})\d)[a-hj-pr-y]{{3}}\d{{2,3}}[a-hj-pr-tv-y]\b"
)
# Without a letter for the year, until 1963: nothing else may be in the cell.
_DATELESS: Final = re.compile(r"([A-Z]{3}) \d{3}|\d{3,4} ([A-Z]{2,3})|\d{3}([A-Z]{3})")
# Northern Ireland: the code of a county has an I or a Z.
_NORTHERN_IRISH: Final = re.compile(r"\b(?=[A-Z]{0,2}[IZ])([A-Z]{2,3}) ?(?!(?:19|20)\d\d\b)\d{3,4}\b(?![-/])")
_OF_A_VEHICLE: Final = re.compile(
    r"\b(?:car|van|vehicle|motorbike|moped|scooter|lorry|taxi|golf|corsa|fiesta|focus|astra|polo|clio|bmw|audi|mercedes|"
    r"transit|vw|ford|vauxhall|renault|peugeot|toyota|nissan|honda|suzuki|kawasaki|yamaha|land rover),? "
    rf"(?:(?!(?:{_NOT_A_PLATE})\b)[a-hj-pr-tv-y] ?\d{{1,3}} ?[a-hj-pr-y]{{3}}"
    r"|[a-hj-pr-y]{3} ?\d{1,3} ?[a-hj-pr-y])\b",
    re.IGNORECASE,
)
_WHOLE_PLATE: Final = re.compile(
    r"[a-hj-pr-tv-y] ?\d{1,3} ?[a-hj-pr-y]{3}|[a-hj-pr-y]{3} ?\d{1,3} ?[a-hj-pr-tv-y]|"
    r"(?!run|log|inc|ref|job|no)[a-z]{2,3} ?(?!(?:19|20)\d\d)\d{4}"
)
_LABELLED_PLATE: Final = re.compile(
    r"\b(?:vrm|vrn|reg(?:istration)?(?: (?:no|number|mark|plate))?|number plate|index(?: no| number)?|plate)\b"
    r"[.:# ]{1,3}(?=[a-z]{0,6}\d)[a-z\d]{1,4} ?[a-z\d]{1,4}\b",
    re.IGNORECASE,
)
_UPRN: Final = re.compile(
    r"\bu\.?p\.?r\.?n\b\D{0,20}\d{4,12}|(?<![\d.])(?:10\d{9,10}|2000\d{7,8})(?![\d.])", re.IGNORECASE
)
_SQUARES: Final = "N[A-DF-HJ-OR-UX-Z]|S[CDEHJKM-PR-Z]|T[AFGLMQRV]|H[PTUWXYZ]"  # of the national grid
_COORDINATES: Final = re.compile(
    r"(?<![\d.])(?:49|5\d|60)\.\d{4,15}°?\s?N?\s{0,2}[,;/ ]\s{0,2}(?:(?:long?(?:itude)?|lng)[:= ]{1,3})?"
    r"[-−+]?[0-8]\.\d{4,15}(?![\d.])"
    r"|(?<![\d.])[0-8]\.\d{4,15}°?\s?[EW]?\s{0,2}[,;/ ]\s{0,2}(?:49|5\d|60)\.\d{4,15}"
    rf"|\b(?:{_SQUARES})\s?(?:\d{{4}}\s?\d{{4}}|\d{{5}}\s?\d{{5}})\b"
    r"|\bN\s?(?:49|5\d|60)\.\d{3,15}.{0,3}\b[EW]\s?[0-8]\.\d{3,15}"
    r"|\blat(?:itude)?[:= ]{1,3}(?:49|5\d|60)\.\d{4,15}|\b(?:long?(?:itude)?|lng)[:= ]{1,3}[-−+]?[0-8]\.\d{4,15}"
    r"|\b(?:what ?3 ?words|w3w|what three words)[:= ]{1,3}[^\W\d_]{3,20}\.[^\W\d_]{3,20}\.[^\W\d_]{3,20}"
    r"|(?<![\d.,])[1-6]\d{5}(?:\.\d{1,3})?\s{0,2}[,;/]\s{0,2}\d{6,7}(?:\.\d{1,3})?(?![\d.,])"
    r"|\b(?:e|easting)[:= ]{0,3}[1-6]\d{5}\b.{0,5}\b(?:n|northing)[:= ]{0,3}\d{6,7}\b"
    r"|\b(?:49|5\d|60)°\s?\d{1,2}(?:\.\d{1,6})?\s?['′’]"
    r"|///[^\W\d_]{3,20}\.[^\W\d_]{3,20}\.[^\W\d_]{3,20}",
    re.IGNORECASE,
)
_WHOLE_COORDINATES: Final = re.compile(r"[1-6]\d{5} \d{6,7}|[hnost][a-hj-z] ?\d{5} ?\d{5}")
_CARD: Final = re.compile(r"(?<![\d.])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}(?![\d.])")
_ACCOUNT: Final = re.compile(
    r"\b\d{2}([- ])\d{2}\1\d{2}\b.{0,20}\b\d{8}\b|\bGB\d{2} ?[A-Z]{4} ?\d{4}"
    r"|\b(?:bank )?(?:account|acct?|acc|a/c|a/n)(?: (?:no|num|number))?[.:# ]{1,3}\d{4} ?\d{4}\b"
    r"|\b(?:sort ?code|s/c|sc)[.:# ]{1,3}\d{2}[- ]?\d{2}[- ]?\d{2}\b",
    re.IGNORECASE,
)
_OFFICE: Final = "council|police|nhs|gov|csp|fire|safer|partnership|community|watch|crime|uk"
_SITES: Final = r"(?:facebook|fb|instagram|tiktok|twitter|x|threads|snapchat|t|youtube|onlyfans|linkedin)\.(?:com|me)"
_HANDLE: Final = re.compile(
    r"(?<![\w.@/])@(?=[\w.]{0,29}[a-z])[a-z][\w.]{2,29}(?![\w(])"
    rf"|\b{_SITES}/(?:in/|add/|u/|@)?(?![\w.-]{{0,40}}(?:{_OFFICE}))[\w.@-]{{3,40}}"
    r"|\b(?:instagram|insta|ig|snapchat|snap|tiktok|tik tok|twitter|facebook|fb|telegram|discord|whatsapp|xbox|psn|"
    r"gamertag|skype|kik|messenger)(?: (?:name|handle|user ?name|user|id|account|acc|profile|add|tag|live))?"
    r"(?:\s?[:=-]\s?|\s)@?(?=[\w.]{0,29}[._\d#])[a-z][\w.#]{1,33}\w"
    r"|\b(?:instagram|insta|snapchat|snap|tiktok|twitter|telegram|discord|gamertag)"
    r"(?: (?:name|handle|user ?name|id))?\s?:\s?@?[a-z][\w.]{3,28}",
    re.IGNORECASE,
)
_HANDLE_HINTS: Final = (
    "@",
    ".com/",
    ".me/",
    "insta",
    "ig",
    "snap",
    "tok",
    "twitter",
    "book",
    "fb",
    "gram",
    "discord",
    "whatsapp",
    "xbox",
    "psn",
    "tag",
    "skype",
    "kik",
    "messenger",
)
_OFFICE_HANDLE: Final = re.compile(rf"@\w{{0,29}}(?:{_OFFICE})", re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
WRITTEN_DATE: Final = re.compile(
    rf"(?<![\d/]){_DAY}[./_-](?:0?[1-9]|1[0-2])[./_-](?P<a>(?:19|20)\d\d|\d\d)(?![\d/])"
    rf"|(?<!\d)(?P<b>(?:19|20)\d\d)[-/._](?:0[1-9]|1[0-2])[-/._](?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<!\d){_DAY}(?:st|nd|rd|th)?[\s.,-]{{0,3}}(?:of )?{_MONTH}[\s.,-]{{1,3}}(?P<c>(?:19|20)\d\d|\d\d)(?!\d)"
    rf"|\b{_MONTH}[\s.-]{{1,3}}{_DAY}(?:st|nd|rd|th)?,?\s{{1,3}}(?P<d>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(
    rf"\b(?:d\.?\s?o\.?\s?b\b|born|birth(?:day|date)?|(?:date|day) of birth|b\.)[^\d\n]{{0,20}}?"
    rf"(?:{_DAY}[\s./_-]{{1,2}}(?:0?[1-9]|1[0-2])[\s./_-]{{1,2}}\d{{2,4}}|(?:19|20)\d\d[-/.]\d\d[-/.]\d\d|"
    rf"{_DAY}(?:st|nd|rd|th)?[\s.,-]{{0,3}}(?:of )?{_MONTH}[\s.,'-]{{1,3}}\d{{2,4}}|"
    rf"{_MONTH}[\s.-]{{1,3}}{_DAY}(?:st|nd|rd|th)?,?\s{{1,3}}\d{{4}}|\d{{8}}\b|\d{{6}}\b|(?:19|20)\d\d[\s-]{_MONTH}[\s-]{_DAY}\b)"
    rf"|\b(?:yob|y\.o\.b\.?|year of birth)[:=. -]{{1,3}}(?:19|20)\d\d\b"
    rf"|\b(?:d\.?o\.?b|born)\b[^\d\n]{{0,20}}?{_MONTH}[^\d\n]{{0,5}}\d",
    re.IGNORECASE,
)


def written_year(text: str, *, newest: int = 0) -> int | None:
    """Return the year of the first full date inside a text, or None; "12/3/74" is in the century that is not ahead.

    >>> written_year("seen on 12th of March 1974"), written_year("12/3/74", newest=2012), written_year("March 2012")
    (1974, 1974, None)
    """
    match = WRITTEN_DATE.search(text)
    if match is None:
        return None
    year = int(match["a"] or match["b"] or match["c"] or match["d"])
    if year >= 100:
        return year
    return 2000 + year if 2000 + year <= (newest or 2030) + 1 else 1900 + year


def is_nhs_number(digits: str) -> bool:
    """Return whether ten digits pass the NHS number's check: weights 10 to 2, eleven minus the remainder modulo 11.

    Source: NHS Data Model and Dictionary, NHS number. One random number of ten digits in eleven passes too.

    >>> is_nhs_number("9434765919"), is_nhs_number("9434765918")
    (True, False)
    """
    if not re.fullmatch(r"\d{10}", digits) or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9]) and check != 10


def ten_digits(text: str) -> list[str]:
    """Return the numbers of ten digits in a text that may be NHS numbers."""
    return [match[1] + match[3] + match[4] for match in _TEN_DIGITS.finditer(text)]


def _spaced_nhs(text: str) -> bool:
    spaced = any(match[2] and is_nhs_number(match[1] + match[3] + match[4]) for match in _TEN_DIGITS.finditer(text))
    if re.fullmatch(r"\d{3} \d{3} \d{4}", text.strip()):  # written as NHS numbers are, whatever its check digit
        return True
    return spaced or bool(
        re.search(r"\bnhs[ -]?(?:no|number|num|id)?[.:# -]{1,3}\d{3}[ -]?\d{3}[ -]?\d{4}\b", text, re.I)
    )


def _telephone(text: str) -> bool:
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        national = re.sub(r"^(?:0044|44)0?", "0", digits) if match[0].startswith(("+44", "0044")) else digits
        groups = re.findall(r"\d+", match[0])
        years = any(len(group) > 1 for group in groups) and all(
            len(group) <= 2 or re.fullmatch(r"(?:19|20)\d\d", group) for group in groups
        )
        usual = re.fullmatch(r"0[1-35789]\d{8,9}", national) is not None
        if (
            usual
            and not years
            and (len(groups) <= 6 or all(len(group) <= 2 for group in groups))
            and not _DATED.match(match[0])
        ):
            return True
    return False


def _card(text: str) -> bool:
    """A payment card's sixteen digits pass the Luhn check."""
    for match in _CARD.finditer(text):
        digits = [int(digit) for digit in re.sub(r"\D", "", match[0])]
        doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
        if sum(doubled) % 10 == 0 and len(set(digits)) > 1:
            return True
    return False


def _handle(text: str) -> bool:
    """Whether a text has a name in a social network, other than one of an office."""
    said = text.casefold()
    if not any(hint in said for hint in _HANDLE_HINTS):
        return False
    return any(not _OFFICE_HANDLE.search(match[0]) for match in _HANDLE.finditer(text))


def _police_number(text: str) -> bool:
    return any(rule.search(text) for rule in (_POLICE_NUMBER, _LABELLED_NUMBER)) or bool(_LOWER_PRISON.search(text))


def _address(text: str) -> bool:
    if HAS_DIGIT.search(text) and (_ADDRESS.search(text) or _WHOLE_ADDRESS.fullmatch(text.strip())):
        return True
    return "," in text and bool(_HOUSE_NAME.search(text))


def _exact_place(text: str) -> bool:
    if not (HAS_DIGIT.search(text) or "///" in text or "words" in text):
        return False
    return bool(_COORDINATES.search(text) or _WHOLE_COORDINATES.fullmatch(text))


def _dateless(text: str) -> bool:
    match = _DATELESS.fullmatch(text) if len(text) <= 8 else None
    return match is not None and _may_be_of_a_plate(next(group for group in match.groups() if group))


def _may_be_of_a_plate(letters: str) -> bool:
    return letters.lower() not in reviewed("not_registrations") and not is_ordinary(letters.lower())


def _plate(text: str) -> bool:
    return bool(
        _PLATE.search(text)
        or _LABELLED_PLATE.search(text)
        or _OF_A_VEHICLE.search(text)
        or any(_may_be_of_a_plate(match[1]) for match in _NORTHERN_IRISH.finditer(text))
        or any(_WHOLE_PLATE.fullmatch(part.strip()) or _dateless(part.strip()) for part in text.split(","))
    )


# In this order: the first that recognises a text says what kind it is.
VALUE_RULES: Final[dict[str, Callable[[str], bool]]] = {
    "an e-mail address": lambda text: ("@" in text or "at" in text.casefold()) and bool(_EMAIL.search(text)),
    "a full postcode": lambda text: bool(_POSTCODE.search(text)),
    "a date of birth": lambda text: bool(_BIRTH.search(text)),
    "an NHS number": _spaced_nhs,
    "a telephone number": _telephone,
    "a custody or police number": _police_number,
    "an exact place": _exact_place,
    "an address": _address,
    "a name in a social network": _handle,
    "a bank or card number": lambda text: _card(text) or bool(_ACCOUNT.search(text)),
}
# Left out where the heading says that a column holds references of cases: they may look the same.
NUMBER_RULES: Final[dict[str, Callable[[str], bool]]] = {
    "a property reference (UPRN)": lambda text: bool(_UPRN.search(text)),
    "a vehicle registration": _plate,
    "a telephone number": lambda text: bool(_BARE_MOBILE.search(text)),
}
RULES_WITHOUT_DIGITS: Final = frozenset(
    {"an e-mail address", "an exact place", "an address", "a name in a social network"}
)  # all others need a digit in the text
REFERENCE_RULES: Final = frozenset({"a custody or police number"})  # left out there too
