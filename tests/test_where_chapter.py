"""The chapter on where: nothing lost on a map, hotspots and their past, peers, actions and harm, or why there are none."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hcsp_assess.chapters import hotspots, places
from hcsp_assess.chapters.hotspots import Found
from hcsp_assess.chapters.places import Where
from hcsp_assess.pipeline import prepare
from hcsp_assess.project import VARIABLE, Project

ROOT = Path(__file__).parents[1]
CENTRE = "Herefordshire 012C (Central)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with the committed counts of 2025; the chapter finds it by its environment variable."""
    root = tmp_path_factory.mktemp("where")
    (root / "notebooks").mkdir()
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(root))
        yield root


@pytest.fixture(scope="module")
def where(project: Path) -> Where:
    return places.open_where(prepare("2025", Project(project)))


@pytest.fixture(scope="module")
def found(where: Where) -> Found:
    return hotspots.find_all(where)


def test_no_lsoa_is_lost_on_the_map_and_the_residents_are_the_published_ones(where: Where) -> None:
    drawn = places.map_rates(where)
    frame = drawn.table.frame
    assert frame["LSOA"].is_unique
    assert (len(frame), frame["Residents"].sum()) == (116, 192_801)  # mid-2019, ONS
    assert frame["Records"].sum() == where.opened.counts("headline")["Total recorded crime"].iloc[-12:].sum()
    assert CENTRE in drawn.alt.split("Lowest:")[0]
    classes = [int(number) for number in re.findall(r": (\d+)(?=[;.])", drawn.alt.split("Areas by")[1])]
    assert sum(classes) == 116
    rural_line, urban_line = (places.table_rural(where).frame.iloc[row] for row in (0, 1))
    assert rural_line["Records"] + urban_line["Records"] == frame["Records"].sum()
    assert rural_line["LSOAs"] + urban_line["LSOAs"] == 116


def test_the_town_centre_is_a_hotspot_and_its_rate_is_called_misleading(where: Where, found: Found) -> None:
    frame = places.map_rates(where).table.frame.set_index("LSOA")
    assert "misleads" in frame.loc[CENTRE, "Note"]
    listed = hotspots.map_hotspots(found).table.frame
    assert CENTRE in set(listed["LSOA"])
    adjusted = listed["Adjusted p"].str.removeprefix("below ").astype(float)
    assert (adjusted <= 0.05).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:esda")
def test_each_place_gets_the_p_value_that_esda_would_give_its_local_moran(where: Where, found: Found) -> None:
    from esda.moran import Moran_Local
    from libpysal.weights import W

    table = found.hotspots.table.xs("Total recorded crime", level="measure").loc[where.people.index]
    weights = W({code: list(found.neighbours[code]) for code in where.people.index}, silence_warnings=True)
    shrunk = table["shrunk_ratio"].to_numpy(float)
    heights = np.log(shrunk / shrunk.min()) + 1
    moran = Moran_Local(heights, weights, permutations=found.hotspots.permutations, n_jobs=1, seed=found.hotspots.seed)
    above = (moran.sim >= moran.Is[None, :] - 1e-12).sum(axis=0)
    expected = (above + 1) / (found.hotspots.permutations + 1)
    high = (moran.q == 1) & (table["shrunk_ratio"] > 1).to_numpy()
    assert high.sum() > 10
    assert table["p_cluster"].to_numpy()[high] == pytest.approx(expected[high], abs=1e-9)
    assert (table["p_cluster"].to_numpy()[~high] == 1).all()


def test_rate_ratio_of_the_most_deprived_is_that_of_their_totals(where: Where) -> None:
    said = places.say_deprivation(where)
    most = where.geography.table["imd2019_decile"] <= 2
    rates = [where.crime[chosen].sum() / where.people[chosen].sum() for chosen in (most, ~most)]
    assert said.evidence["ratio"] == pytest.approx(rates[0] / rates[1])
