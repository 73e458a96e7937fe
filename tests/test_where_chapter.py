"""The chapter on where: nothing lost on a map, hotspots and their past, peers, actions and harm, or why there are none."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.chapters.where import actions, busiest, elsewhere, harm, hotspots, measures, peers, rates
from hcsp_assess.chapters.where.wards import find_ward
from hcsp_assess.edition.hotspots import Found, find_all
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.edition.places import EditionPlaces, open_places
from hcsp_assess.edition.wards import Wards, open_wards
from hcsp_assess.errors import InputError
from hcsp_assess.project import VARIABLE, Project
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.peers import count_districts, read_district_counts
from hcsp_assess.subject.areas import area

ROOT = Path(__file__).parents[1]
CENTRE = "Hereford city centre (Central ward)"


@pytest.fixture(scope="module")
def project(built: Project) -> Iterator[Path]:
    """A project with the committed counts of 2025; the chapter finds it by its environment variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(built.root))
        yield built.root


@pytest.fixture(scope="module")
def where(project: Path) -> EditionPlaces:
    return open_places(open_edition("2025", Project(project)))


def in_project(where: EditionPlaces, root: Path) -> EditionPlaces:
    """The same places, with the actions, peers and weights of another project."""
    return replace(where, opened=replace(where.opened, project=Project(root)))


@pytest.fixture(scope="module")
def found(where: EditionPlaces) -> Found:
    return find_all(where)


def test_no_lsoa_is_lost_on_the_map_and_the_residents_are_the_published_ones(where: EditionPlaces) -> None:
    drawn = busiest.map_busiest(where.opened)
    frame = drawn.table.frame
    assert frame["Place"].is_unique
    assert (len(frame), frame["Residents"].sum()) == (116, 189_890)  # mid-2023, ONS
    assert frame["Recorded crimes"].sum() == where.opened.counts("headline")["Total recorded crime"].iloc[-12:].sum()
    assert f"numbered: 1 {CENTRE}, 1,440 crimes" in drawn.alt
    classes = [int(number) for number in re.findall(r": (\d+)(?=[;.])", drawn.alt.split("Areas by")[1])]
    assert sum(classes) == 116
    rural_line, urban_line = (rates.table_rural(where).frame.iloc[row] for row in (0, 1))
    assert rural_line["Recorded crimes"] + urban_line["Recorded crimes"] == frame["Recorded crimes"].sum()
    assert rural_line["Residents"] + urban_line["Residents"] == 189_890


def test_the_town_centre_is_a_hotspot_and_its_rate_is_called_misleading(where: EditionPlaces, found: Found) -> None:
    frame = busiest.map_busiest(where.opened).table.frame.set_index("Place")
    assert frame.loc[CENTRE, "Note"] == "many visitors"
    listed = hotspots.map_hotspots(found).table.frame
    assert CENTRE in set(listed["Place"])
    adjusted = listed["Adjusted p"].str.removeprefix("below ").astype(float)
    assert (adjusted <= 0.05).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:esda")
def test_each_place_gets_the_p_value_that_esda_would_give_its_local_moran(where: EditionPlaces, found: Found) -> None:
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


def test_rate_ratio_of_the_most_deprived_is_that_of_their_totals(where: EditionPlaces) -> None:
    said = rates.say_deprivation(where)
    most = where.geography.table["imd2025_decile"] <= 2
    expected = [where.crime[chosen].sum() / where.people[chosen].sum() for chosen in (most, ~most)]
    assert said.evidence["ratio"] == pytest.approx(expected[0] / expected[1])


def put(root: Path, name: str, text: str) -> Path:
    path = root / "data" / "raw" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def simulated(where: EditionPlaces) -> EditionPlaces:
    table = where.opened.table
    marked = replace(table, source={**table.source, "simulated": True})
    return replace(where, opened=replace(where.opened, table=marked))


LOG = "place_code,place,crime_type,agreed,action,owner,due,outcome\n"


def planted(found: Found, root: Path, place: str, factor: float) -> Found:
    """Two years of a hundred records a month everywhere, but in one place multiplied in the second year."""
    months = pd.period_range("2024-01", "2025-12", freq="M")
    monthly = pd.DataFrame(100, index=months, columns=found.where.people.index).astype("Int64")
    monthly.loc["2025-01":, place] = round(100 * factor)
    return replace(found, where=replace(in_project(found.where, root), monthly={"Total recorded crime": monthly}))


@pytest.mark.parametrize(
    ("factor", "result"),
    [(0.4, "followed by a clear fall"), (1.0, "followed by no clear change"), (1.8, "followed by a clear rise")],
)
def test_an_action_is_scored_by_what_was_planted(found: Found, tmp_path: Path, factor: float, result: str) -> None:
    put(tmp_path, "actions/2024.csv", LOG + "E01014005,Somewhere,,2024-12-10,Lighting,Council,,done\n")
    done = actions.open_actions(planted(found, tmp_path, "E01014005", factor))
    shown = actions.show_actions(done)
    assert isinstance(shown, Table)
    assert shown.frame["Result"].tolist() == [result]
    assert shown.frame["Months compared"].tolist() == [12]
    assert actions.say_actions(done).items[0].sentence == f"One action at a hotspot: 1 {result}."


def test_every_row_of_the_action_logs_is_accounted_for(found: Found, tmp_path: Path) -> None:
    first = "E01014005,A,,2024-12-10,,,,\nE01014005,A,,,,,,\nE01014006,B,,2026-01-05,,,,\n"
    put(tmp_path, "actions/a.csv", LOG + first)
    put(tmp_path, "actions/b.csv", LOG + "E01014007,C,,2025-11-01,,,,\n")
    done = actions.open_actions(planted(found, tmp_path, "E01014005", 0.4))
    assert done.scores is not None
    assert (done.rows, done.undated, done.later, len(done.scores.table)) == (4, 1, 1, 2)
    assert done.scores.table["verdict"].tolist() == ["fell more than elsewhere", "cannot tell"]
    assert done.files == ("a.csv", "b.csv")


def test_an_action_at_a_place_without_counts_is_refused_with_the_file(found: Found, tmp_path: Path) -> None:
    put(tmp_path, "actions/a.csv", LOG + "E01000001,London,,2024-12-10,,,,\n")
    with pytest.raises(InputError) as error:
        actions.open_actions(planted(found, tmp_path, "E01014005", 1))
    assert str(error.value) == (
        "the action log names the place E01000001, which has no counts: check the code, and that it is of the same year as the counts "
        "(in data/raw/actions: a.csv)"
    )


def test_what_a_chapter_lacks_is_one_line_of_a_table_and_no_sentence_of_the_chapter(
    where: EditionPlaces, found: Found
) -> None:
    done, compared, weighed = actions.open_actions(found), peers.compare_peers(where), harm.open_harm(where)
    assert (compared, done.scores, weighed) == (None, None, None)  # official figures weigh harm in another chapter
    shown = [actions.say_actions(done), actions.show_actions(done), peers.say_peers(compared),
             peers.show_funnel(where, compared), harm.say_harm(where, weighed), harm.show_harm(where, weighed)]  # fmt: skip
    assert [item._repr_html_() for item in shown] == [""] * 6
    assert 'href="#comparison"' in elsewhere.say_elsewhere(where)._repr_html_()
    gaps = elsewhere.list_gaps(where.opened)
    assert [(subject, holder) for subject, _, holder in gaps] == [
        ("Exact places, days and times of crimes", "West Mercia Police"),
        ("What was done at hotspots, and what followed", "The tasking group"),
    ]
    without = replace(where.opened, edition=replace(where.opened.edition, chapters=("where",)))
    shares = harm.show_harm(where, harm.open_harm(replace(where, opened=without))).frame
    assert shares["% of harm"].sum() == pytest.approx(100)
    assert int(shares["Records"].sum()) == 9978


def test_simulated_records_are_never_held_against_real_actions_or_peers(
    where: EditionPlaces, found: Found, tmp_path: Path
) -> None:
    put(tmp_path, "actions/a.csv", LOG + "E01014005,A,,2024-12-10,,,,\n")
    put(tmp_path, "peers/herefordshire.toml", "broken")
    marked = in_project(simulated(where), tmp_path)
    assert actions.open_actions(replace(found, where=marked)).files == ()
    assert peers.compare_peers(marked) is None
    assert ("What was done at hotspots, and what followed", "The records are simulated", "The tasking group") in (
        elsewhere.list_gaps(marked.opened)
    )


PEERS = """
name = "Rural districts"
source = "an example"
peers = ["Wiltshire", "Shropshire", "Northumberland", "Cornwall", "Rutland", "Mendip"]
counts = "national_month_force_lad_type_counts.csv.gz"
"""


def test_peers_are_those_of_the_list_and_one_with_gaps_is_left_out_with_the_reason(
    where: EditionPlaces, shared: Path, tmp_path: Path
) -> None:
    path = put(tmp_path, "peers/herefordshire.toml", PEERS)
    police = shared / "data" / "data.police.uk"
    shutil.copy(police / "national_month_force_lad_type_counts.csv.gz", path.parent)
    here = in_project(where, tmp_path)
    found = peers.compare_peers(here)
    assert found is not None
    compared = found.result
    assert compared.peers == ("Cornwall", "Northumberland", "Rutland", "Shropshire", "Wiltshire")
    assert compared.left_out == {"Mendip": "6 of 12 months are not held"}
    golden = pd.read_csv(police / "herefordshire_month_type_counts.csv")
    year = golden[golden["Month"].str.startswith("2025") & (golden["Crime type"] != "Anti-social behaviour")]
    national = pd.read_csv(path.parent / "national_month_force_lad_type_counts.csv.gz")
    others = national[(national["lad_from_lsoa_name"] == "Herefordshire") & national["month"].str.startswith("2025")]
    others = others[
        (others["falls_within"] != "West Mercia Police") & (others["crime_type"] != "Anti-social behaviour")
    ]
    assert compared.funnel.table.loc["Herefordshire", "count"] == year["count"].sum() + others["count"].sum()
    rates = compared.funnel.table["rate"].drop("Herefordshire")
    assert compared.peer_median == pytest.approx(rates.median())
    chart = peers.show_funnel(here, found)
    assert isinstance(chart, Chart)
    assert chart.table.frame["District"].is_monotonic_increasing  # by name: no league table
    assert "rank" not in peers.say_peers(found).items[0].sentence


COUNTS = "month,falls_within,lad_from_lsoa_name,crime_type,count\n"


def test_a_month_that_a_force_did_not_publish_is_missing_and_not_zero(tmp_path: Path) -> None:
    rows = ["2025-01,A,North,Burglary,3", "2025-01,B,South,Drugs,1", "2025-02,B,South,Anti-social behaviour,9",
            "2025-02,B,North,Burglary,1", "2025-02,B,,Drugs,2"]  # fmt: skip
    counts = read_district_counts(put(tmp_path, "peers/counts.csv", COUNTS + "\n".join(rows) + "\n"))
    assert counts["North"].isna().tolist() == [False, True]  # its force, A, is not there in February
    assert counts["North"].iloc[0] == 3
    assert counts["South"].tolist() == [1, 0]  # anti-social behaviour is not recorded crime


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,count\n", "c.csv has no column falls_within, lad_from_lsoa_name, crime_type; it needs month, "
         "falls_within, lad_from_lsoa_name, crime_type, count"),
        (COUNTS + "2025-13,A,North,Drugs,1\n", "c.csv, line 2: month '2025-13' must be like 2025-01"),
        (COUNTS + "2025-01,A,North,Drugs,-1\n", "c.csv, line 2: count '-1' must be like 17"),
    ],
)  # fmt: skip
def test_counts_of_districts_that_cannot_be_used_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_district_counts(put(tmp_path, "peers/c.csv", text))
    assert str(error.value) == message


WEIGHTS = "offence_code,offence,weight,police_uk_type\n1,Homicide,5000,Violence and sexual offences\n"
WEIGHTS += "8L,Harassment,2,Violence and sexual offences\n46,Shoplifting,1,Shoplifting\n"
SOURCE = 'name = "Weights for a test"\nunit = "days"\nlicence = "made up"\n'


def test_open_data_carry_only_a_range_of_harm(where: EditionPlaces, tmp_path: Path) -> None:
    put(tmp_path, "harm/weights.csv", WEIGHTS)
    put(tmp_path, "harm/SOURCE.toml", SOURCE)
    here = in_project(where, tmp_path)
    found = harm.open_harm(here)
    types = where.opened.counts("crime_type").iloc[-12:].sum()
    violence, lifting = types["Violence and sexual offences"], types["Shoplifting"]
    (finding,) = harm.say_harm(here, found).items
    assert finding.evidence["low"] == 2 * violence + lifting
    assert finding.evidence["high"] == 5000 * violence + lifting
    assert finding.evidence["records"] == where.crime.sum()
    shown = harm.show_harm(here, found)
    assert isinstance(shown, Table)
    assert shown.frame["Records"].sum() == violence + lifting
    assert "Burglary (" in finding.caveats[0]


def test_offence_codes_carry_a_sum_where_nearly_all_have_a_weight_and_the_year_is_whole(
    where: EditionPlaces, tmp_path: Path
) -> None:
    put(tmp_path, "harm/weights.csv", WEIGHTS)
    put(tmp_path, "harm/SOURCE.toml", SOURCE)
    months = [f"2025-{number:02d}" for number in range(1, 13)]
    lines = [f"{month},46,10\n{month},8L,5\n" for month in months]
    path = put(tmp_path, "harm/offences.csv", "month,offence_code,count\n" + "".join(lines) + "2025-12,8L,-2\n")
    here = in_project(where, tmp_path)
    (said,) = harm.say_harm(here, harm.open_harm(here)).items
    assert {"records": 178, "weighted": 178, "total": 236.0}.items() <= said.evidence.items()
    assert said.sentence.startswith("51% of the harm of recorded crime is shoplifting (120 crimes).")  # 120 of 236 days
    put(tmp_path, "harm/offences.csv", path.read_text(encoding="utf-8") + "2025-12,999,20\n")
    (said,) = harm.say_harm(here, harm.open_harm(here)).items
    assert said.sentence.endswith("Now 178 of 198 have one.")
    put(tmp_path, "harm/offences.csv", "month,offence_code,count\n" + "".join(lines[:-2]))
    with pytest.raises(InputError) as error:
        harm.open_harm(here)
    assert str(error.value) == ("offences.csv has no row for 2025-11, 2025-12: a year's harm needs all its months")


def test_weights_that_do_not_say_what_they_are_are_refused(where: EditionPlaces, tmp_path: Path) -> None:
    put(tmp_path, "harm/weights.csv", WEIGHTS)
    here = in_project(where, tmp_path)
    with pytest.raises(InputError) as error:
        harm.open_harm(here)
    assert str(error.value) == (
        "data/raw/harm/weights.csv has no SOURCE.toml beside it: add one with name, unit and licence"
    )


def test_districts_are_counted_as_the_national_table_counts_them(shared: Path, tmp_path: Path) -> None:
    police = shared / "data" / "data.police.uk"
    for month in ("2019-01", "2025-03"):
        shutil.copy(police / "west-mercia-street-raw" / f"{month}-west-mercia-street.csv.gz", tmp_path)
    counted = count_districts(tmp_path)
    national = pd.read_csv(police / "national_month_force_lad_type_counts.csv.gz", keep_default_na=False)
    same = national[national["month"].isin(["2019-01", "2025-03"]) & (national["falls_within"] == "West Mercia Police")]
    keys = ["month", "falls_within", "lad_from_lsoa_name", "crime_type"]
    expected = same.sort_values(keys).reset_index(drop=True)
    pd.testing.assert_frame_equal(counted, expected[[*keys, "count"]], check_dtype=False)


def test_burglary_is_over_households_and_shoplifting_over_nothing_that_misleads(where: EditionPlaces) -> None:
    frame = measures.table_bases(where).frame.set_index("Kind")
    assert frame.loc["Burglary", "Per 1,000 a year"] == pytest.approx(1000 * 479 / 78_319)
    assert np.isnan(frame.loc["Shoplifting", "Per 1,000 a year"])
    crime = frame.loc["Total recorded crime"]
    assert crime["Per 1,000 a year"] == pytest.approx(1000 * where.crime.sum() / 189_890)
    assert crime["Records"] == where.crime.sum()


def test_a_hotspot_of_the_last_year_is_the_same_in_the_finding_and_in_the_history(found: Found) -> None:
    label = "Total recorded crime"
    hot = set(found.hotspots.flagged(label).index.get_level_values("place"))
    assert found.history is not None
    table = found.history.table
    assert hot == set(table.index[table["last_hot"] == "2025"])


def test_rural_and_urban_rates_are_those_of_plain_totals(where: EditionPlaces) -> None:
    rural = where.geography.table["rural"]
    said = rates.say_rural(where)
    assert said.evidence["residents_percent"] == pytest.approx(100 * where.people[rural].sum() / 189_890)
    assert said.evidence["records_percent"] == pytest.approx(100 * where.crime[rural].sum() / 9_978)
    assert said.evidence["urban_rate"] == pytest.approx(1000 * where.crime[~rural].sum() / where.people[~rural].sum())


def test_the_key_has_the_numbers_of_the_map_in_order_of_crimes(where: EditionPlaces, found: Found) -> None:
    key, drawn = busiest.table_busiest(where.opened).frame, busiest.map_busiest(where.opened, small=True)
    assert key["Place"].iloc[0] == f"1 {CENTRE}*"
    assert [text.split()[0] for text in key["Place"]] == [str(number) for number in range(1, 11)]
    assert key["Recorded crimes"].tolist() == sorted(where.crime, reverse=True)[:10]
    for drawing in (drawn.wide, drawn.narrow):
        assert {str(number) for number in range(1, 11)} <= set(re.findall(r">(\d+)</text>", drawing))
    text = " ".join(item.sentence for item in (rates.say_rates(where), hotspots.say_hotspots(found)))
    assert not re.search(r"Herefordshire \d{3}[A-Z]|[EW]0\d{7}", f"{text} {drawn.title} {drawn.alt}")


@pytest.fixture(scope="module")
def wards(where: EditionPlaces, found: Found) -> Wards:
    return open_wards(where.opened)


def test_wards_add_up_to_the_area_and_each_to_its_kinds_of_crime(wards: Wards) -> None:
    assert len(wards.wards) == 53
    assert sum(ward.crimes for ward in wards.wards) == 9_978
    assert sum(ward.residents for ward in wards.wards) == 189_890  # mid-2023, ONS
    assert sum(ward.share for ward in wards.wards) == pytest.approx(100)
    assert [ward.rank for ward in wards.wards] == list(range(1, 54))
    assert all(ward.by_type.sum() == ward.crimes for ward in (*wards.wards, *wards.towns))
    changes = [ward.change for ward in wards.wards if ward.change is not None]
    # January to April of both years, all that can be compared
    assert (sum(item.before for item in changes), sum(item.after for item in changes)) == (3_484, 3_093)
    assert {item.span for item in changes} == {"January to April 2025"}


def test_a_ward_is_what_a_plain_count_of_its_small_areas_gives(wards: Wards) -> None:
    rows = pd.read_csv(ROOT / "data" / "raw" / "herefordshire_2025" / "counts.csv.gz", dtype=str)
    month, code = (next(name for name in rows if word in name.lower()) for word in ("month", "lsoa"))
    kind = next(name for name in rows if "type" in name.lower())
    central = rows[rows[code].isin(["E01014010", "E01014011"]) & rows[month].str.startswith("2025")]
    crimes = central[central[kind] != "Anti-social behaviour"]["count"].astype(int).sum()
    ward = wards.find("central  WARD")
    assert (ward.crimes, ward.codes) == (crimes, ("E01014010", "E01014011"))
    assert ward.rate.value == pytest.approx(1000 * crimes / ward.residents)
    lifting = central[central[kind] == "Shoplifting"]["count"].astype(int).sum()
    assert ward.by_type["Shoplifting"] == lifting
    assert ward.on_map[0] == (1, "Hereford city centre (Central ward)", 1440)
    assert ward.hotspots[0][0] == "Hereford city centre (Central ward)"
    town = wards.find("Leominster")
    assert town.kind == "town"
    own = area("herefordshire").small_areas
    members = {small.code for small in own if small.market_town == "Leominster"}
    in_town = rows[
        rows[code].isin(members) & rows[month].str.startswith("2025") & (rows[kind] != "Anti-social behaviour")
    ]
    assert town.crimes == in_town["count"].astype(int).sum()


def test_a_ward_that_does_not_exist_is_refused_with_the_nearest(wards: Wards) -> None:
    with pytest.raises(InputError, match=r"no ward or town 'Centrl' in Herefordshire\. Did you mean Central\?"):
        wards.find("Centrl")
    with pytest.raises(InputError, match="There are Arrow, Aylestone Hill, "):
        wards.find("zzz")


def test_every_ward_can_be_found_on_the_page_and_an_area_without_wards_shows_nothing(
    where: EditionPlaces,
) -> None:
    opened = where.opened
    shown = find_ward(opened)
    html = shown._repr_html_()
    assert len(re.findall(r'<th scope="row"', html)) == 58
    assert 'label for="wards-search"' in html
    assert "http" not in html
    bare = replace(opened, area=replace(opened.area, small_areas=()))
    assert find_ward(bare)._repr_html_() == ""
    with pytest.raises(InputError, match="no figures by ward for Herefordshire in this edition"):
        open_wards(bare).find("Central")
