"""The areas that a partnership is compared with, and whose official figures are used for each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.sources.context import similar_areas
from hcsp_assess.subject.areas import short_name


@dataclass(frozen=True)
class SimilarArea:
    """One of the areas that a partnership is compared with.

    Attributes
    ----------
    name : str
        Of the district, as in the list of similar areas.
    codes : tuple of str
        Partnerships whose figures are added up for it.
    counted_in : str
        The wider partnership whose figures are used, where the district has none of its own; else "".
    """

    name: str
    codes: tuple[str, ...]
    counted_in: str = ""

    @property
    def label(self) -> str:
        """Its name, with the wider partnership where that one's figures are used."""
        if not self.counted_in or self.name in self.counted_in:
            return self.counted_in or self.name
        return f"{self.counted_in} (includes {self.name})"


def similar_partnerships(
    code: str, members: pd.DataFrame, available: Collection[str], *, districts: Sequence[str] = ()
) -> tuple[tuple[SimilarArea, ...], tuple[str, ...]]:
    """Find the official figures to use for each similar area.

    A similar area is a district. Its figures are those of its own partnership; of all its partnerships added up, where
    it has several; or of the wider partnership that it shares with other districts. A wider partnership serves once.

    Parameters
    ----------
    code : str
        ONS code of the partnership.
    members : pandas.DataFrame
        `partnership_code`, `partnership_name`, `district_code`: one row for each district of each partnership.
    available : collection of str
        Codes of the partnerships that have figures.
    districts : sequence of str
        Codes of districts to compare with; by default the 20 most similar by the Office for National Statistics.

    Returns
    -------
    similar : tuple of SimilarArea
        Most similar first.
    left_out : tuple of str
        Names of areas without figures, such as those in Scotland.
    """
    mine = members.loc[members["partnership_code"] == code, "district_code"]
    names = members.drop_duplicates("district_code").set_index("district_code")["district_name"]
    if districts:
        nearest = pd.DataFrame({"code": list(districts), "name": [names.get(d, d) for d in districts]})
    else:
        nearest = similar_areas(tuple(mine))
    shared = members.groupby("partnership_code")["district_code"].nunique()
    titles = members.drop_duplicates("partnership_code").set_index("partnership_code")["partnership_name"]
    found: list[SimilarArea] = []
    left_out: list[str] = []
    for district, name in nearest[["code", "name"]].itertuples(index=False):
        codes = [c for c in members.loc[members["district_code"] == district, "partnership_code"] if c in available]
        wider = [c for c in codes if shared[c] > 1]
        chosen = (wider[0],) if wider else tuple(dict.fromkeys(codes))
        if not chosen:
            left_out.append(str(name))
        elif code not in chosen and all(chosen != item.codes for item in found):
            found.append(SimilarArea(short_name(str(name)), chosen, str(titles[wider[0]]) if wider else ""))
    return tuple(found), tuple(left_out)


def districts_named(names: Sequence[str], members: pd.DataFrame, where: str) -> tuple[str, ...]:
    """Return the codes of named districts.

    Raises
    ------
    InputError
        Naming the first that is no district of England or Wales, with the nearest name; `where` names the file.
    """
    known = {short_name(str(name)).casefold(): str(code) for code, name in _districts(members)}
    known |= {str(code).casefold(): str(code) for code, _ in _districts(members)}
    for name in names:
        if short_name(name).casefold() not in known:
            hint = did_you_mean(name, [short_name(str(n)) for _, n in _districts(members)])
            raise InputError(f"{where}: {name!r} is not a district in England or Wales.{hint}")
    return tuple(known[short_name(name).casefold()] for name in names)


def _districts(members: pd.DataFrame) -> list[tuple[str, str]]:
    pairs = members.drop_duplicates("district_code")
    return list(zip(pairs["district_code"], pairs["district_name"], strict=True))
