"""Set up every partnership of England and Wales at once, with one edition for all of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.setup.area_definition import area_key
from hcsp_assess.setup.new_partnership import new_partnership
from hcsp_assess.setup.open_data import is_as_set_up, whole_area
from hcsp_assess.setup.shared_edition import edition_for_all, street_source, write_edition, write_statements
from hcsp_assess.setup.small_area_homes import find_homes, whats_wrong
from hcsp_assess.sources.recorded_crime import Partnership, partnership_of, partnerships
from hcsp_assess.subject.areas import Area, area, own_areas
from hcsp_assess.subject.editions import STREET, edition

Progress = Callable[[str, int, int], None]
Outcome = Literal["set up", "small areas added", "already there", "failed"]


@dataclass(frozen=True)
class SetUp:
    """What became of one partnership.

    Attributes
    ----------
    code, name : str
        Its ONS code and name; the code is "" for a definition in `areas/` that cannot be read.
    area : str
        Key of its area.
    outcome : str
        "set up"; "small areas added" to an area that had none and was as it had been set up; "already there", and left
        as it was; "failed".
    reason : str
        Why it failed, or what is not as asked.
    """

    code: str
    name: str
    area: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True)
class AllPartnerships:
    """What was set up.

    Attributes
    ----------
    edition : str
        Name of the edition for all; "" where no area is there.
    edition_is_new : bool
        Whether it was written now.
    partnerships : tuple of SetUp
        Every partnership of the official tables, and definitions in `areas/` that cannot be read.
    to_do : tuple of str
        What a person does next.
    problems : tuple of str
        Sentences on small areas that are in no area, or in several, and on the edition.
    """

    edition: str
    edition_is_new: bool
    partnerships: tuple[SetUp, ...]
    to_do: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[SetUp, ...]:
        """Those that could not be set up."""
        return tuple(each for each in self.partnerships if each.outcome == "failed")

    def number(self, outcome: Outcome) -> int:
        """How many have an outcome."""
        return sum(each.outcome == outcome for each in self.partnerships)


@dataclass(frozen=True)
class _Wanted:
    """Where partnerships are set up, and how; `national` is None for areas without small areas."""

    root: Path
    national: Path | None
    boundaries: bool
    street: bool


def new_partnerships(
    root: Path,
    *,
    national_files: Path | None = None,
    edition_name: str = "",
    street: bool = False,
    boundaries: bool = False,
    progress: Progress | None = None,
) -> AllPartnerships:
    """Write an area for every partnership of the official tables into a project, and one edition for all of them.

    Parameters
    ----------
    root : Path
        Root of the project: `areas/KEY.toml` for each, `editions/NAME.toml`, and `editions/NAME@KEY/` with what each
        has nothing to report on yet. What is there already is left as it is.
    national_files : Path, optional
        Folder of national files, as `new_partnership` takes it: then each area also gets its small areas.
    edition_name : str
        Name of the edition; by default made from the newest official year, such as "official-2025-06".
    street : bool
        Whether the edition uses street-level records in `data/raw/police_uk` too.
    boundaries : bool
        Whether to build boundaries as well, for those partnerships that have them in the national files.
    progress : callable, optional
        Called with the stage, how much of it is done, and how much there is.

    Raises
    ------
    UsageError
        If the edition cannot have that name, or street-level records or boundaries are asked for without national
        files. A single partnership that cannot be set up raises nothing: it is among the outcomes.
    """
    name = edition_for_all(edition_name)
    if national_files is None and (street or boundaries):
        raise UsageError(
            "street-level records and boundaries need small areas: put the national files in data/raw/geography, or "
            "name their folder with --from (docs/new-partnership.md lists them)"
        )
    wanted = _Wanted(root, national_files, boundaries, street)
    present, outcomes = _present(root)
    keys = partnership_keys()
    for number, (code, key) in enumerate(keys.items(), start=1):
        outcomes.append(_set_up(partnership_of(code), present.get(code, ()), key, wanted))
        if progress:
            progress("partnerships", number, len(keys))
    there = [each for each in outcomes if each.outcome != "failed"]
    if not there:
        return AllPartnerships("", False, tuple(outcomes))
    is_new = write_edition(name, there[0].area, root, street=street)
    problems = _texts_of_all(name, there, present, root)
    if street and not edition(name, root).has_source(STREET):
        problems.append(f"editions/{name}.toml was there already and uses no street-level records: give another name")
    if national_files is not None:
        problems += whats_wrong(find_homes(national_files, _areas(there, present, root)))
    return AllPartnerships(name, is_new, tuple(outcomes), _to_do(name, street=street), tuple(problems))


def partnership_keys() -> dict[str, str]:
    """Return the key of each partnership's area by its code, in the order of the official tables.

    Examples
    --------
    >>> keys = partnership_keys()
    >>> keys["E22000180"], keys["E22000002"], keys["W14000001"]
    ('city-of-london', 'bristol', 'isle-of-anglesey')
    """
    table = partnerships().drop_duplicates("partnership_code")
    return distinct_keys(dict(zip(table["partnership_code"], table["partnership_name"], strict=True)))


def distinct_keys(names: Mapping[str, str]) -> dict[str, str]:
    """Return a key for each code: the short name, and the code behind it wherever several have the same short name.

    Examples
    --------
    >>> distinct_keys({"E22000001": "Newport", "W15000009": "Newport, City of", "E22000003": "Ynys Môn"})
    {'E22000001': 'newport-e22000001', 'W15000009': 'newport-w15000009', 'E22000003': 'ynys-mon'}
    """
    plain = {code: area_key(name) for code, name in names.items()}
    times = Counter(plain.values())
    return {code: key if times[key] == 1 else f"{key}-{code.lower()}" for code, key in plain.items()}


def _present(root: Path) -> tuple[dict[str, tuple[str, ...]], list[SetUp]]:
    """Keys of the project's own areas by their partnership's code, and those whose definition cannot be used."""
    present: dict[str, tuple[str, ...]] = {}
    broken = []
    for key in own_areas(root):
        try:
            code = area(key, root).partnership_code
        except InputError as error:
            broken.append(SetUp("", f"areas/{key}.toml", key, "failed", str(error)))
        else:
            present[code] = (*present.get(code, ()), key)
    return present, broken


def _set_up(found: Partnership, present: tuple[str, ...], key: str, wanted: _Wanted) -> SetUp:
    """Set one partnership up, or add small areas to it; what cannot be done is said in its outcome."""
    result = SetUp(found.code, found.name, present[0] if present else key, "set up")
    try:
        if present:
            return _added_to(result, present, wanted)
        if (wanted.root / "areas" / f"{key}.toml").exists():
            raise UsageError(
                f"areas/{key}.toml is of another partnership, or cannot be used: set this one up alone, with "
                f"hcsp-assess new partnership --code {found.code} --key NAME, and run this command again"
            )
        whole = whole_area(found, key)
        if wanted.national is None or len(whole) > 1:  # the package has a reviewed definition, with small areas
            for ending in sorted(whole):  # an area is there once its settings are
                write_whole(wanted.root / "areas" / f"{key}{ending}", whole[ending])
            return result
        return replace(result, reason=_build_small_areas(found.code, key, wanted, wanted.national))
    except InputError as error:
        return replace(result, outcome="failed", reason=str(error))
    except OSError as error:
        return replace(result, outcome="failed", reason=f"{error.strerror or error} ({error.filename})")


def _added_to(result: SetUp, present: tuple[str, ...], wanted: _Wanted) -> SetUp:
    """What becomes of a partnership that has areas: small areas are added where its settings are as set up."""
    there = replace(result, outcome="already there")
    if wanted.national is None or any(area(key, wanted.root).small_areas for key in present):
        return there
    key = result.area
    if not is_as_set_up(wanted.root / "areas" / f"{key}.toml", result.code):
        reason = (
            f"it has no small areas; areas/{key}.toml was changed by hand: move it away to build it again with them"
        )
        return replace(there, outcome="failed" if wanted.street else "already there", reason=reason)
    return replace(
        result, outcome="small areas added", reason=_build_small_areas(result.code, key, wanted, wanted.national)
    )


def _build_small_areas(code: str, key: str, wanted: _Wanted, national: Path) -> str:
    """Write an area with its small areas, and with boundaries where they are wanted and held; why not, where not."""
    why_not = ""
    if wanted.boundaries:
        try:
            new_partnership(code, wanted.root, national, key=key)
        except InputError as error:
            why_not = f"set up without boundaries: {error}"
        else:
            return ""
    new_partnership(code, wanted.root, national, key=key, boundaries=False)
    return why_not


def _texts_of_all(name: str, there: list[SetUp], present: Mapping[str, tuple[str, ...]], root: Path) -> list[str]:
    """Write the statements of each area; a sentence where the edition cannot be made for other areas."""
    made = edition(name, root)
    for each in there:
        for key in present.get(each.code, (each.area,)):
            write_statements(made, key, partnership_of(each.code), root)
    try:
        edition(f"{name}@{there[-1].area}", root)
    except InputError as error:
        return [str(error)]
    return []


def _to_do(name: str, *, street: bool) -> tuple[str, ...]:
    steps = [
        f"hcsp-assess run {name} --areas all: builds a report for every area",
        f"review areas/ and editions/{name}.toml; the texts of an area are in editions/{name}@KEY/",
    ]
    if street:
        steps.insert(0, f"put archives from data.police.uk (zip files or folders) in {street_source().folder}")
    return tuple(steps)


def _areas(there: list[SetUp], present: Mapping[str, tuple[str, ...]], root: Path) -> list[Area]:
    return [area(key, root) for each in there for key in present.get(each.code, (each.area,))]
