"""The simulated returns say so, are the same for the same seed, and agree with the strategy's published figures."""

from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.assessment.markers import marker_share
from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter
from hcsp_assess.simulation.archive import incidents_by_month
from hcsp_assess.simulation.returns import counts_for_percent, returns_not_sent, write_demonstration_returns
from hcsp_assess.sources.returns import return_names
from hcsp_assess.sources.returns.combining import CombinedReturn, combine_return
from hcsp_assess.sources.returns.definitions import return_definition

PUBLISHED = Path(__file__).parents[1] / "hcsp_assess/definitions/published/herefordshire_2013_14/performance.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demonstration_returns(tmp_path_factory.mktemp("demonstration") / "returns", seed=7)


@pytest.fixture(scope="module")
def gathered(folder: Path) -> dict[str, CombinedReturn]:
    expected = [name for name in return_names() if return_definition(name).asked_for(pd.Period("2012-12", "M"))]
    return {name: combine_return(folder, name) for name in expected if name not in returns_not_sent()}


def published(indicator: str) -> dict[str, str]:
    table = pd.read_csv(PUBLISHED, dtype="str")
    chosen = table[(table["indicator"] == indicator) & table["printed"].notna()]
    return dict(zip(chosen["quarter"], chosen["printed"], strict=True))


def test_every_return_but_two_came_whole_and_marked_as_simulated(gathered: dict[str, CombinedReturn]) -> None:
    assert len(gathered) == 22
    for name, result in gathered.items():
        assert result.simulated, name
        assert sum(one.account.set_aside for one in result.results) == 0, name
        assert len(result.rows) > 0, name


def test_repeat_cases_print_as_published(gathered: dict[str, CombinedReturn]) -> None:
    rows = gathered["marac"].rows
    shares = (100 * rows["repeats"] / rows["cases"]).round().astype(int)
    assert dict(zip(rows["quarter"], [f"{share}%" for share in shares], strict=True)) == published("marac_repeats")


def test_casualties_and_violence_with_injury_are_as_published(gathered: dict[str, CombinedReturn]) -> None:
    rows = gathered["road_casualties"].rows
    killed = dict(zip(rows["quarter"], rows["killed_or_seriously_injured"].astype(str), strict=True))
    assert killed == published("killed_or_seriously_injured")
    records = gathered["council_collisions"].rows
    assert int((records["killed"] + records["seriously_injured"]).sum()) == sum(map(int, killed.values()))
    offences = gathered["force_extract"].rows
    injured = offences[offences["offence_subgroup"] == "Violence with injury"]
    by_quarter = injured["date"].dt.to_period("Q-MAR").value_counts().sort_index()
    assert [str(number) for number in by_quarter] == list(published("violence_with_injury").values())


def test_markers_come_out_as_published(gathered: dict[str, CombinedReturn]) -> None:
    offences = gathered["force_extract"].rows
    alcohol = marker_share(offences, "alcohol", group="Violence against the person")
    assert alcohol.share is not None and round(100 * alcohol.share.value) == 45
    abuse = marker_share(offences, "domestic_abuse", group="Violence against the person")
    assert abuse.share is not None and round(100 * abuse.share.value) == 30


def test_drug_free_exits_have_the_two_figures_that_were_published_and_no_other(
    gathered: dict[str, CombinedReturn],
) -> None:
    rows = gathered["treatment_exits"].rows
    given = rows[rows["exits_status"] == "given"]
    shares = 100 * given["drug_free"] / given["exits"]
    assert round(shares.iloc[0]) == 41 and round(shares.iloc[1], 1) == 35.1
    assert given["quarter"].tolist() == list(published("ocu_exits"))


def test_the_audit_reoffending_and_the_helpline_are_as_published(gathered: dict[str, CombinedReturn]) -> None:
    audit = gathered["childrens_audit"].rows
    assert (100 * audit["with_domestic_abuse"] / audit["cases"]).round().tolist() == [53, 39, 64]
    people = gathered["reoffending"].rows
    assert round(100 * people["reoffenders"].sum() / people["offenders"].sum(), 1) == 12.4
    young = people.loc[people["age_band"] == "18 to 30", "reoffenders"].sum()
    assert round(100 * young / people["reoffenders"].sum()) == 47
    calls = gathered["helpline_calls"].rows.set_index("quarter")["calls"]
    before, during = (sum(calls[f"Q{n} {year}"] for n in range(1, 5)) for year in ("10/11", "11/12"))
    assert 100 * during == 105 * before


def test_the_survey_figures_are_as_published(gathered: dict[str, CombinedReturn]) -> None:
    rows = gathered["survey_results"].rows
    everyone = rows[rows["group"] == "Everyone"]
    local = everyone[everyone["measure"] == "feel_safe_local_area"].sort_values("month")
    assert [f"{percent:.0f}%" for percent in local["percent"]] == list(published("feel_safe").values())
    others = everyone.set_index("measure")["percent"]
    assert (others["feel_safe_by_day"], others["feel_safe_after_dark"], others["crime_level_matters_most"]) == (
        96,
        74,
        47,
    )


def test_the_same_seed_gives_the_same_files(folder: Path, tmp_path: Path) -> None:
    again = write_demonstration_returns(tmp_path / "again", seed=7)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((folder / path).read_bytes() == (again / path).read_bytes() for path in files)
    other = write_demonstration_returns(tmp_path / "other", seed=8)
    assert any((folder / path).read_bytes() != (other / path).read_bytes() for path in files)


def test_simulated_returns_never_join_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("real", encoding="utf-8")
    with pytest.raises(InputError) as error:
        write_demonstration_returns(tmp_path)
    assert str(error.value) == f"{tmp_path} holds something already: name a folder that does not exist or is empty"


@pytest.mark.parametrize(("percent", "digits"), [(38, 0), (35.1, 1), (64, 0)])
def test_counts_for_a_percentage_print_as_it(percent: float, digits: int) -> None:
    part, whole = counts_for_percent(percent, 50, digits)
    assert round(100 * part / whole, digits) == percent


def test_collisions_have_the_casualties_of_each_quarter_and_no_other(gathered: dict[str, CombinedReturn]) -> None:
    kinds = ["killed", "seriously_injured", "slightly_injured"]
    people = gathered["road_casualties"].rows.set_index("quarter")[kinds].astype(int)
    collisions = gathered["council_collisions"].rows
    quarters = [str(Quarter.of(day.to_period("M"))) for day in pd.to_datetime(collisions["date"])]
    in_collisions = collisions.groupby(quarters)[kinds].sum().astype(int).loc[people.index]
    assert in_collisions.to_numpy().tolist() == people.to_numpy().tolist()
    assert (collisions[kinds].sum(axis=1) >= 1).all()


def test_more_people_collide_on_the_way_to_and_from_work_than_at_night(gathered: dict[str, CombinedReturn]) -> None:
    rows = gathered["council_collisions"].rows
    hours = pd.to_numeric(rows["time"].astype(str).str[:2])
    weekday = pd.to_datetime(rows["date"]).dt.day_of_week < 5
    by_hour = hours[weekday].value_counts().reindex(range(24), fill_value=0)
    assert by_hour[7:9].mean() > 2 * by_hour[0:5].mean()
    assert by_hour[16:18].mean() > 2 * by_hour[0:5].mean()
    night, weekend = hours < 4, ~weekday
    assert (night & weekend).sum() / weekend.sum() > (night & weekday).sum() / weekday.sum()


def test_incidents_of_anti_social_behaviour_are_as_many_as_in_the_simulated_archive(
    gathered: dict[str, CombinedReturn],
) -> None:
    rows = gathered["police_incidents"].rows
    sent = rows[rows["category"] == "Anti-social behaviour"]
    by_month = pd.to_datetime(sent["date"]).dt.to_period("M").value_counts().sort_index()
    truth = incidents_by_month()
    assert by_month.to_dict() == {month: truth[month] for month in by_month.index}
    assert int(by_month["2012"].sum()) == 8783  # what the chapters on street-level files say of 2012
    assert len(by_month) == 21
