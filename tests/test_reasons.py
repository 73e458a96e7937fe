"""Reasons are reviewed text beside the figures, signed and dated; where nobody gave one, that is said."""

from dataclasses import replace

import pytest

from hcsp_assess.assessment.findings import Finding, Findings, FindingSource
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.wording.reasons import changes_without_reason, describe_reason
from hcsp_assess.errors import InputError
from hcsp_assess.sources.texts import TextFolder, find_texts

RISING = Finding("shoplifting", "Rising: shoplifting, up by 13% a year (8% to 17%).", direction="rising")
GOOD = """
[[reason]]
key = "shops"
title = "Shoplifting"
about = ["shoplifting"]
text = "Two large shops began to report online."
support = "told by the shops, not counted"
author_role = "Partnership analyst"
date = 2012-10-31
origin = "written for this edition"
"""


def _read(text):
    return parse_reasons(TextFolder("mine", {"reasons.toml": text.encode()}))


def test_a_reason_stands_beside_the_evidence_with_role_date_and_support():
    (reason,) = _read(GOOD)
    found = describe_reason(reason, {"shoplifting": replace(RISING, links={"chart": "#shops"})})
    assert found.sentence == "Shoplifting (rising): Two large shops began to report online."
    assert found.links == {"chart": "#shops"}
    assert found.method == (
        "Reason, shoplifting: Partnership analyst, 31 October 2012; written for this edition. "
        "Support: told by the shops, not counted."
    )


def test_a_reason_without_its_figure_says_so():
    (reason,) = _read(GOOD)
    assert describe_reason(reason, {}).caveats == ("This edition has no figure for it.",)


def test_a_change_without_a_reason_is_named_and_no_reason_is_made_up():
    falling = Finding(
        "theft",
        "Falling: other theft, bicycle theft and theft from the person, down by 6% a year.",
        direction="falling",
    )
    stable = Finding("violence", "Stable: violence.", direction="stable")
    named = [(RISING, "Shoplifting"), (falling, "Other theft"), (stable, "Violence")]
    found = changes_without_reason(named, _read(GOOD))
    assert found.sentence == "No reviewed reason yet for this fall: other theft."
    assert changes_without_reason([named[0], named[2]], _read(GOOD)) is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('text = "Two large shops began to report online."', "", 'reason 1 has no text: write text = "..."'),
        ("date = 2012-10-31", 'date = "October"', "reason 1 has no date: write date = 2012-10-31, without quotation marks"),
        ('author_role = "Partnership analyst"', "", "reason 1 has no author_role: add the role that is responsible for it"),
        ('about = ["shoplifting"]', "about = []", 'reason 1 is about no finding: write about = ["key of a finding"]'),
        ('"written for this edition"', '"quoted"', "reason 1 is 'quoted' but has no source: name the document and section"),
        (
            '"written for this edition"', '"generated"',
            "reason 1 has the origin 'generated': it must be one of quoted, after the source, written for the "
            "demonstration, written for this edition",
        ),
    ],
)  # fmt: skip
def test_a_reason_that_nobody_answers_for_is_refused(old, new, message):
    with pytest.raises(InputError) as caught:
        _read(GOOD.replace(old, new))
    assert str(caught.value) == f"mine/reasons.toml, {message}"


def test_every_quotation_of_the_demonstration_stands_in_the_strategy(shared):
    seed = next((shared / "seed").glob("*.txt")).read_text(encoding="utf-8")
    plain = " ".join(seed.replace("**", "").split())
    texts = find_texts("2013-14")
    entries = [entry for file in ("reasons", "consultation", "area", "scores", "recommendations")
               for group in texts.read(f"{file}.toml").values() if isinstance(group, list) for entry in group]  # fmt: skip
    quoted = [entry for entry in entries if entry.get("origin") == "quoted"]
    assert len(quoted) >= 12
    for entry in quoted:
        for part in entry["text"].split("[...]"):
            assert " ".join(part.split()).rstrip(",") in plain, entry["text"]


def test_the_plan_of_the_demonstration_says_only_what_the_strategy_says(shared):
    plain = " ".join(next((shared / "seed").glob("*.txt")).read_text(encoding="utf-8").split())
    plan = find_texts("2013-14").read("plan.toml")
    assert plan["strategy"]["vision"] in plain
    for member in plan["governance"]["members"][:8]:
        assert member in plain
    for theme in plan["theme"]:
        assert theme["name"].lower().rstrip("s") in plain.lower()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\x00\"'&"


def test_markup_in_any_text_of_a_finding_is_shown_as_text():
    finding = Finding(
        "k", HOSTILE, {}, HOSTILE, (f"{HOSTILE}!",), sources=(FindingSource(HOSTILE, HOSTILE),), links={"chart": "#a"}
    )
    html = Findings((finding,))._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") == 5 + 1  # sentence, certainty, caveat, two of the source, the link's name
    assert "\x00" not in html


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "https://example.org/x", "//example.org", "#a b", "../x", "data:text/html,x", ""]
)
def test_a_link_that_leads_out_of_the_report_is_refused(target):
    with pytest.raises(InputError, match="is neither an anchor of the page nor a file beside it$"):
        Finding("k", "s", links={"chart": target})


def test_a_finding_leads_to_its_chart_table_data_and_checksum():
    source = FindingSource("data.police.uk", "counts.csv.gz", "ab" * 32)
    html = Finding(
        "k", "Burglary: up.", sources=(source,), links={"data": "counts.csv", "chart": "#c", "table": "#t"}
    )._repr_html_()
    assert html.index('href="#c"') < html.index('href="#t"')
    assert 'aria-label="Chart: Burglary"' in html
    assert "Source: data.police.uk (counts.csv.gz, SHA-256 abababababab…)" in html


def test_a_direction_is_one_of_a_closed_set():
    with pytest.raises(InputError, match=r"^finding 'k': no direction 'upwards'; there are "):
        Finding("k", "s", direction="upwards")
