"""findings.json fits its published schema, holds no NaN and no markup that runs, and is the same from run to run."""

import json

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.assessment.findings import Finding, FindingSource
from hcsp_assess.errors import InputError
from hcsp_assess.report.findings_json import About, dump_findings, findings_document
from hcsp_assess.sources.findings_file import findings_schema, read_findings

ABOUT = About("2025", "Assessment", "Herefordshire", "2025")
FINDING = Finding(
    "burglary",
    "Falling: burglary, 1,175 offences.",
    {
        "total": np.int64(1175),
        "p_value": np.float64(0.01),
        "high": float("inf"),
        "missing": pd.NA,
        "nan": np.nan,
        "clear": np.True_,
    },
    "Confirmed.",
    ("A caveat.",),
    direction="falling",
    sources=(FindingSource("data.police.uk", "counts.csv.gz", "0f" * 32),),
    links={"chart": "#c"},
)


def test_the_schema_is_a_valid_schema_that_names_every_field():
    jsonschema.Draft202012Validator.check_schema(findings_schema())
    document = findings_document([FINDING], ABOUT)
    assert set(document) == set(findings_schema()["properties"])
    assert set(document["findings"][0]) == set(findings_schema()["$defs"]["finding"]["properties"])


def test_missing_and_infinite_numbers_are_null_and_whole_numbers_stay_whole():
    text = dump_findings(findings_document([FINDING], ABOUT)).decode()
    evidence = json.loads(text)["findings"][0]["evidence"]
    assert evidence == {"total": 1175, "p_value": 0.01, "high": None, "missing": None, "nan": None, "clear": True}
    assert isinstance(evidence["total"], int)


def test_an_unpublished_month_is_null_and_not_a_zero():
    series = pd.Series([0, None], index=pd.period_range("2025-01", periods=2, freq="M"), dtype="Int64")
    document = findings_document([], ABOUT, data={"burglary": series})
    assert document["data"] == [{"key": "burglary", "values": {"2025-01": 0, "2025-02": None}}]


@given(st.text(min_size=1), st.text())
def test_any_text_survives_the_trip_as_the_same_text(sentence, caveat):
    if any(0xD800 <= ord(char) <= 0xDFFF for char in sentence + caveat):
        return
    document = findings_document([Finding("k", sentence, {"note": caveat}, caveats=(caveat,))], ABOUT)
    again = read_findings(dump_findings(document).decode("utf-8"), "a test")
    assert again == document
    assert again["findings"][0]["sentence"] == sentence


def test_markup_and_formulas_arrive_as_plain_text():
    hostile = '=HYPERLINK("http://x")</script><script>alert(1)</script>'
    document = findings_document([Finding("k", hostile)], ABOUT)
    assert read_findings(dump_findings(document).decode(), "a test")["findings"][0]["sentence"] == hostile


def test_the_same_findings_give_the_same_bytes():
    assert dump_findings(findings_document([FINDING], ABOUT)) == dump_findings(findings_document([FINDING], ABOUT))


def test_two_findings_of_one_key_are_refused():
    with pytest.raises(InputError, match="^two findings have the same key: burglary; rename one$"):
        findings_document([FINDING, FINDING], ABOUT)


def test_a_value_that_json_cannot_hold_is_named():
    with pytest.raises(
        InputError, match=r"^k, frame: .* is neither a number nor a text, so it cannot be in findings\.json$"
    ):
        findings_document([Finding("k", "s", {"frame": [1]})], ABOUT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("area"), "at the whole: 'area' is a required property"),
        (lambda d: d["findings"][0].update(direction="upwards"), "at findings/0/direction: 'upwards' is not one of"),
        (
            lambda d: d["findings"][0]["sources"][0].update(sha256="abc"),
            "at findings/0/sources/0/sha256: 'abc' does not match",
        ),
        (lambda d: d.update(extra=1), "at the whole: Additional properties are not allowed"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_place(tmp_path, change, message):
    document = findings_document([FINDING], ABOUT)
    change(document)
    path = tmp_path / "findings.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_findings(path)
    assert str(caught.value).startswith(f"{path} does not fit the schema of findings {message}")


def test_what_is_not_json_is_refused(tmp_path):
    path = tmp_path / "findings.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"findings\.json is not JSON: "):
        read_findings(path)
