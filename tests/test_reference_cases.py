"""Every reference case is checked at its tolerance, or named here with the reason why not.

To add checks for a topic, put a `CHECKS` dict (case id -> function of the case and the whole file) into a file
`tests/reference_checks_TOPIC.py`: it is found by its name, and takes precedence over the lists below.
"""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[1].parent / "shared" / "reference" / "reference_cases.json"
REFERENCE: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"cases": []}
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in REFERENCE["cases"]}

CHECKS: dict[str, Any] = {}
for path in sorted(Path(__file__).parent.glob("reference_checks_*.py")):
    CHECKS.update(importlib.import_module(path.stem).CHECKS)

IN_KENDALL_TESTS = {case_id for case_id, case in CASES.items() if case["category"] == "kendall"} - set(CHECKS)
KENDALL_FILE = Path(__file__).with_name("test_kendall.py")
KENDALL_REASON = "checked in tests/test_kendall.py" if KENDALL_FILE.exists() else "not yet: tests/test_kendall.py"

NOT_YET = {
    "R_mstl_taylor": "not yet: the half-hourly series of the R package is not in the reference file",
    "R_tsoutliers_gold": "not yet: the daily series of the R package is not in the reference file, nor supsmu in Python",
}


@pytest.mark.parametrize("case_id", sorted(CASES))
def test_a_function_of_ours_gives_the_number_of_the_reference_case(case_id: str) -> None:
    if case_id in CHECKS:
        CHECKS[case_id](CASES[case_id], REFERENCE)
    elif case_id in IN_KENDALL_TESTS:
        pytest.skip(KENDALL_REASON)
    else:
        pytest.skip(NOT_YET[case_id])


@pytest.mark.skipif(not CASES, reason="the reference cases beside the project (../shared) are not on this machine")
def test_every_reference_case_is_checked_or_named_with_a_reason() -> None:
    assert set(CASES) - set(CHECKS) - IN_KENDALL_TESTS - set(NOT_YET) == set()
    assert set(CHECKS) <= set(CASES), "a check names a case that does not exist"
