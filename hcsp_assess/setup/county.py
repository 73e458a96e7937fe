"""Start an edition of a county: its area, its partnerships, and the chapter that shows them side by side."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hcsp_assess.edition.county import check_district
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.periods import Span, parse_span
from hcsp_assess.project import Project
from hcsp_assess.setup.area_definition import area_key, force_key
from hcsp_assess.sources.findings_file import FINDINGS, RECEIVED, RECORD, read_published
from hcsp_assess.sources.recorded_crime import Partnership, partnership_of
from hcsp_assess.subject.areas import NO_SMALL_AREAS, area, parse_area, short_name
from hcsp_assess.subject.editions import CountyDistrict, Edition, edition, editions, parse_edition

CHAPTER = "county_agreement"
LEAST = 2


@dataclass(frozen=True)
class StartedCounty:
    """What was written, and what a person does next.

    Attributes
    ----------
    edition : str
        Key of the county's edition.
    files : tuple of Path
        New files; none of them was there before.
    to_do : tuple of str
        Next steps, each a sentence.
    """

    edition: str
    files: tuple[Path, ...]
    to_do: tuple[str, ...]


def new_county(
    name: str, districts: list[str], project: Project, *, key: str = "", period: str = "", edition_key: str = ""
) -> StartedCounty:
    """Write the area and the edition of a county into a project.

    Parameters
    ----------
    name : str
        Name of the county for readers, such as "Worcestershire".
    districts : list of str
        Its partnerships, each as an edition of the project, or as the code or name of a partnership whose published
        files are put in `data/raw/districts/` as received.
    project : Project
        `areas/KEY.toml` and `editions/EDITION.toml` are written.
    key : str
        Name for the county's area in this project; by default its name in small letters.
    period : str
        The twelve months, as `periods.parse_span` reads them; by default those of the editions named.
    edition_key : str
        Name of the edition; by default KEY-county-YEAR, with the last month of the period.

    Raises
    ------
    UsageError
        If fewer than two partnerships are named, one is named twice, one is neither an edition nor a partnership, is
        in Wales, the period is not clear, or the project has an area or an edition of that name.
    """
    key = area_key(name, key)
    found = [_district(given, project) for given in districts]
    if len(found) < LEAST:
        raise UsageError("a county has two partnerships or more: name each with --district")
    codes = [item.code for item in found]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise UsageError(f"two of the districts are the partnership {twice[0]}: name each once")
    span, words = _period(period, found, project)
    made = edition_key or f"{key}-county-{span.last}"
    texts = {
        project.root / "areas" / f"{key}.toml": _area_text(name.strip(), partnership_of(codes[0])),
        project.root / "editions" / f"{made}.toml": _edition_text(name.strip(), key, made, words, span, found),
    }
    there = [path for path in texts if path.exists()]
    if there or made in editions(project.root):
        taken = there[0].relative_to(project.root).as_posix() if there else f"the edition {made}"
        raise UsageError(f"{taken} already exists: choose another --key or --edition, or move it away")
    area_text, edition_text = texts.values()
    parse_area(key, area_text, "")  # what is written can be read
    parse_edition(made, edition_text)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    return StartedCounty(made, tuple(texts), _to_do(made, key, found, project))


def _district(given: str, project: Project) -> CountyDistrict:
    """A partnership as the definition names it, from an edition of the project or from its own name or code."""
    known: Edition | None = None
    try:
        known = edition(given, project.root)
    except UsageError as error:
        try:
            found = partnership_of(given)
        except InputError as other:
            raise UsageError(f"{given!r} is neither an edition of this project nor a partnership: {other}") from error
    try:
        if known is None:
            folder = str(PurePosixPath(RECEIVED) / area_key(found.name))
            return check_district(CountyDistrict(short_name(found.name), found.code, folder=folder), "--district")
        here = area(known.area, project.root)
        return check_district(CountyDistrict(here.name, here.partnership_code, edition=known.key), "--district")
    except InputError as error:
        raise UsageError(str(error)) from error


def _period(period: str, found: list[CountyDistrict], project: Project) -> tuple[Span, str]:
    """The county's twelve months, and how they are written."""
    each = [edition(item.edition, project.root).span for item in found if item.edition]
    spans = {str(span): span for span in each}
    if not period and len(spans) != 1:
        told = f"the editions are of {' and of '.join(spans)}" if spans else "no edition of this project is named"
        raise UsageError(f"{told}: give the county's twelve months with --period, such as 2026-27")
    if not period:
        [span] = spans.values()
        return span, f"{span.first} to {span.last}"
    try:
        span = parse_span(period)
    except InputError as error:
        raise UsageError(f"{error}; give twelve months with --period, such as 2026-27") from error
    if len(span.months) != 12:
        raise UsageError(f"the period {span} is not twelve months: give it with --period, such as 2026-27")
    return span, period


def _area_text(name: str, first: Partnership) -> str:
    fields = {
        "name": name,
        "full_name": name,
        "district_code": first.district_codes[0],
        "partnership_code": "",
        "force": force_key(first.force),
        "force_name": first.force,
        "classification": "",
        "small_areas": NO_SMALL_AREAS,
        "contact": f"the county strategy group of {name}",
    }
    lines = [
        "# A county of several partnerships. Its figures are those of the partnerships that its edition names;",
        "# district_code is that of the first district, by which its country is known.",
    ]
    return "\n".join([*lines, *(f"{field} = {_quoted(value)}" for field, value in fields.items())]) + "\n"


def _edition_text(name: str, key: str, made: str, words: str, span: Span, found: list[CountyDistrict]) -> str:
    fields = {
        "title": f"{name}: evidence for the county agreement",
        "area": key,
        "period": words,
        "about": (
            "This page brings together the assessments of the county's partnerships. It shows what they have in "
            "common, what each asks of the county strategy group, and how much crime was recorded."
        ),
    }
    lines = [
        f"# The edition {made} of a county. `hcsp-assess run {made}` builds it. docs/county.md explains it.",
        "sources = []",
        *(f"{field} = {_quoted(value)}" for field, value in fields.items()),
        "",
        "# Every partnership of the county: an edition of this project, or the folder with its findings.json and",
        "# run.json as received. The county's totals are the sum of these: name each, also one that is still missing.",
    ]
    for item in found:
        where = ("edition", item.edition) if item.edition else ("folder", item.folder)
        pairs = (("name", item.name), ("code", item.code), where)
        lines += ["", "[[districts]]", *(f"{field} = {_quoted(value)}" for field, value in pairs)]
    return "\n".join([*lines, "", "[[chapters]]", f'notebook = "{CHAPTER}"']) + "\n"


def _to_do(made: str, key: str, found: list[CountyDistrict], project: Project) -> tuple[str, ...]:
    steps = [f"check that editions/{made}.toml names every partnership of the county, and areas/{key}.toml its name"]
    for item in found:
        folder = f"reports/{item.edition}" if item.edition else item.folder
        try:
            held = read_published(project.root / folder, folder) is not None
        except InputError as error:
            steps.append(str(error))
            continue
        if not held and item.edition:
            steps.append(f"hcsp-assess run {item.edition}: builds the report of {item.name}, which is not there yet")
        elif not held:
            steps.append(f"ask {item.name} for {FINDINGS} and {RECORD} of its report, and put both in {item.folder}/")
    return (*steps, f"then: hcsp-assess run {made}")


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
