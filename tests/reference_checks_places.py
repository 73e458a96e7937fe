"""Reference cases on places: displacement, funnels, hotspot accuracy, near repeats."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.places.displacement import weigh_displacement
from hcsp_assess.places.near_repeats import test_near_repeats
from hcsp_assess.places.peers import funnel_significance
from hcsp_assess.places.textbook.crime_strings import find_strings
from hcsp_assess.places.textbook.prediction_scores import score_predictions

ARSON = Path(__file__).parent / "data" / "chicago_arson_2016.csv"
Case = dict[str, Any]


def check_displacement_paper(case: Case, _: Case) -> None:
    given, expected = case["input"], case["expected"]
    found = weigh_displacement(
        treated=tuple(given["treated"]),
        control=tuple(given["control"]),
        surroundings=tuple(given["disp_treated"]),
        surroundings_control=tuple(given["disp_control"]),
    )
    assert found.estimate == expected["est_total"]
    assert found.standard_error == pytest.approx(expected["se"], abs=1e-6)
    assert round(found.z, 2) == expected["z"]
    assert (round(found.low), round(found.high)) == (expected["low"], expected["high"])


def check_displacement_time(case: Case, _: Case) -> None:
    given, expected = case["input"], case["expected"]
    found = weigh_displacement(
        control=tuple(given["a"]), treated=tuple(given["b"]), time_weights=tuple(given["time_weights"])
    )
    assert found.estimate == expected["est"]
    assert found.standard_error == pytest.approx(expected["se"], abs=1e-6)


def check_funnel_significance(case: Case, _: Case) -> None:
    pairs = zip(case["input"]["obs"], case["input"]["expected"], strict=True)
    assert [funnel_significance(count, expected) for count, expected in pairs] == case["expected"]


def check_prediction_accuracy(case: Case, _: Case) -> None:
    given = case["input"]
    found = score_predictions(given["obs"], given["pred"], given["area"])
    np.testing.assert_allclose(found.accuracy, case["expected"]["PAI"], rtol=1e-12)
    np.testing.assert_allclose(found.efficiency, case["expected"]["PEI"], rtol=1e-12)


def check_strings(case: Case, _: Case) -> None:
    given = case["input"]
    found = find_strings(given["x"], given["y"], given["t"], metres=2, within_days=1)
    assert found.tolist() == case["expected"]["comp"]


def check_knox(case: Case, _: Case) -> None:
    arsons = pd.read_csv(ARSON, comment="#", dtype={"day": "str"})
    found = test_near_repeats(
        arsons["east"],
        arsons["north"],
        pd.to_datetime("2016" + arsons["day"]),
        precision="true",
        distance_bands=(0, 1, 201, 401, 601),
        day_bands=(0, 2, 3, 4),
    )
    assert found.observed.to_numpy().tolist() == case["expected"]["table"]
    independent = np.array(case["expected"]["expected_indep"])
    spread = np.sqrt(independent / found.permutations)
    assert (np.abs(found.expected.to_numpy() - independent) < 5 * spread + 1e-3).all()


CHECKS = {
    "WDD_paper": check_displacement_paper,
    "WDD_time": check_displacement_time,
    "PHE_funnel_sig": check_funnel_significance,
    "PAI_simple": check_prediction_accuracy,
    "NEARSTRING_2comp": check_strings,
    "R_knox_arson_observed": check_knox,
}
