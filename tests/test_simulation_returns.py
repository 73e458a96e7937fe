"""The simulated returns say so, are the same for the same seed, and agree with the strategy's published figures."""

from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.assessment.markers import marker_share
from hcsp_assess.errors import InputError
from hcsp_assess.simulation.returns import counts_for_percent, returns_not_sent, write_demonstration_returns
from hcsp_assess.sources.returns import return_names
from hcsp_assess.sources.returns.combining import CombinedReturn, combine_return

PUBLISHED = Path(__file__).parents[1] / "hcsp_assess/definitions/published/herefordshire_2013_14/performance.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demonstration_returns(tmp_path_factory.mktemp("demonstration") / "returns", seed=7)


@pytest.fixture(scope="module")
def gathered(folder: Path) -> dict[str, CombinedReturn]:
    return {name: combine_return(folder, name) for name in return_names() if name not in returns_not_sent()}


def published(indicator: str) -> dict[str, str]:
    table = pd.read_csv(PUBLISHED, dtype="str")
    chosen = table[(table["indicator"] == indicator) & table["printed"].notna()]
    return dict(zip(chosen["quarter"], chosen["printed"], strict=True))


def test_every_return_but_two_came_whole_and_marked_as_simulated(gathered: dict[str, CombinedReturn]) -> None:
    assert len(gathered) == 21
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
