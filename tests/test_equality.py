"""Equality and markers: shares and rates by group, with intervals, past the gate."""

from pathlib import Path

import pandas as pd
import pytest

from hcsp_assess.assessment.equality import (
    Measure,
    characteristics_carried,
    count_groups,
    rates_by_group,
    shares_by_group,
)
from hcsp_assess.assessment.markers import marker_share
from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns import read_return, return_definition, return_names


def reoffending(tmp_path: Path, *lines: str) -> pd.DataFrame:
    path = tmp_path / "reoffending.csv"
    path.write_text("Quarter,Age band,Offenders,Reoffenders\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return read_return(path, "reoffending").rows


def offences(alcohol: list[bool | None], group: str = "Violence against the person") -> pd.DataFrame:
    return pd.DataFrame({"offence_group": group, "alcohol": pd.array(alcohol, dtype="boolean")})


def test_every_protected_characteristic_is_listed_and_those_no_return_carries_are_gaps() -> None:
    carried = characteristics_carried(map(return_definition, return_names()))
    assert len(carried) == 9
    by_name = carried.set_index("characteristic")["returns"]
    assert by_name["age"].startswith("ae_assaults, alcohol_admissions, assault_admissions, force_extract, reoffending")
    assert "force_extract" in by_name["race"] and "force_extract" in by_name["sex"]
    assert by_name["gender reassignment"] == "survey_results"


def test_shares_by_age_have_wilson_intervals(tmp_path: Path) -> None:
    rows = reoffending(tmp_path, "Q2 11/12,18-30,263,81", "Q2 11/12,31-40,148,15")
    found = shares_by_group(
        rows,
        "age_band",
        part="reoffenders",
        whole="offenders",
        shown=Measure("age", "Reoffenders", "open"),
    )
    by_group = found.frame.set_index("Group")
    assert by_group.loc["18 to 30"].tolist() == ["81", "263", "30.8", "25.5", "36.6"]
    assert by_group.loc["31 to 40"].tolist() == ["15", "148", "10.1", "6.2", "16.0"]
    assert by_group.loc["Total", ["Reoffenders", "Out of", "Per cent"]].tolist() == ["96", "411", "23.4"]


def test_a_small_group_is_suppressed_with_its_percentage_and_cannot_be_worked_back(tmp_path: Path) -> None:
    rows = reoffending(tmp_path, "Q2 11/12,10-17,40,3", "Q2 11/12,18-30,200,80", "Q2 11/12,31-40,150,60")
    found = shares_by_group(
        rows,
        "age_band",
        part="reoffenders",
        whole="offenders",
        shown=Measure("age", "Reoffenders", "partner"),
    )
    by_group = found.frame.set_index("Group")
    assert by_group.loc["10 to 17", ["Reoffenders", "Per cent", "Lower", "Upper"]].tolist() == ["[c]"] * 4
    hidden = by_group["Reoffenders"] == "[c]"
    assert hidden.sum() >= 2, "one suppressed group could be worked out from the total"
    assert set(found.gated.log["table"]) == {"Reoffenders by age"}


def test_groups_over_several_quarters_add_up_and_what_is_suppressed_stays_unknown(tmp_path: Path) -> None:
    rows = reoffending(
        tmp_path, "Q1 11/12,18-30,100,30", "Q2 11/12,18-30,110,40", "Q1 11/12,31-40,50,<5", "Q1 11/12,41-50,50,.."
    )
    counts, why = count_groups(rows, "age_band", "reoffenders")
    assert counts["18 to 30"] == 70 and counts.isna().tolist() == [False, True, True]
    assert why.to_dict() == {"18 to 30": "", "31 to 40": "c", "41 to 50": "x"}


def test_records_without_a_group_are_counted_as_not_known() -> None:
    rows = pd.DataFrame({"sex": pd.Series(["Female", None, "Male", "Female"], dtype="str")})
    counts, _ = count_groups(rows, "sex")
    assert counts.to_dict() == {"Female": 2, "Male": 1, "Not known": 1}


def test_rates_have_byars_limits_and_no_rate_where_nobody_lives() -> None:
    """Byar's formula by hand for 65: 65 (1 - 1/585 - 1.96/24.19)^3 = 50.16 and 66 (1 - 1/594 + 1.96/24.37)^3 = 82.85."""
    counts = pd.Series({"Female": 65, "Male": 80, "Not known": 12}, dtype="Int64", name="n")
    found = rates_by_group(counts, pd.Series({"Female": 1_000, "Male": 1_000}), Measure("sex", "Victims", "open"))
    by_group = found.frame.set_index("Group")
    assert by_group.loc["Female"].tolist() == ["65", "65.0", "50.2", "82.8"]
    assert by_group.loc["Not known"].tolist() == ["12", "[z]", "[z]", "[z]"]
    assert by_group.loc["Total", "Rate per 1,000"] == "78.5"


def test_a_part_that_exceeds_its_whole_is_refused() -> None:
    rows = pd.DataFrame(
        {
            "g": ["a"],
            "p": pd.array([5], dtype="Int64"),
            "w": pd.array([4], dtype="Int64"),
            "p_status": ["given"],
            "w_status": ["given"],
        }
    )
    with pytest.raises(InputError) as error:
        shares_by_group(rows, "g", part="p", whole="w", shown=Measure("age", "M", "open"))
    assert str(error.value) == "p exceed w in a group of g"


def test_a_marker_share_has_its_base_and_interval_and_leaves_unknown_ones_out() -> None:
    result = marker_share(
        offences([True] * 81 + [False] * 182 + [None] * 37), "alcohol", group="Violence against the person"
    )
    assert (result.part, result.whole, result.unknown) == (81, 263, 37)
    assert result.share is not None
    assert (round(result.share.low, 4), round(result.share.high, 4)) == (0.2553, 0.3662)  # Newcombe (1998)
    assert (round(result.least, 4), round(result.most, 4)) == (0.27, 0.3933)


def test_a_marker_that_nobody_set_says_nothing() -> None:
    result = marker_share(offences([None, None]), "alcohol")
    assert result.share is None


def test_unknown_markers_and_groups_are_refused() -> None:
    with pytest.raises(InputError) as error:
        marker_share(offences([True]), "moon")
    assert str(error.value) == "there is no marker 'moon': there are alcohol, domestic_abuse, hate, rural, weapon"
    with pytest.raises(InputError) as error:
        marker_share(offences([True]), "alcohol", group="Robbery")
    assert str(error.value) == "no offence of the group 'Robbery' was received: there are Violence against the person"
