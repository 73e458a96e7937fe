import re

import pytest

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import find_project
from hcsp_assess.subject.editions import edition, editions, parse_edition

SMALL = """
title = "T"
area = "herefordshire"
period = "2020-21"
sources = [{ key = "police_uk", name = "N", kind = "street-level archive", folder = "data/raw/police_uk" }]
chapters = [{ notebook = "data_quality" }]
"""


def test_both_editions_cover_twelve_months_and_only_the_demonstration_is_simulated():
    assert {key: item.simulated for key, item in editions().items()} == {"2013-14": True, "2025": False}
    assert str(edition("2025").span) == "2025-01 to 2025-12"


def test_an_unknown_edition_is_told_with_those_that_exist():
    with pytest.raises(
        UsageError, match=r"^there is no edition '2013/14'; there are 2013-14, 2025\. Did you mean 2013-14\?$"
    ):
        edition("2013/14")


def test_any_twelve_months_can_be_an_edition_and_own_definitions_join_and_win(tmp_path):
    (tmp_path / "editions").mkdir()
    (tmp_path / "editions" / "2020-21.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "editions" / "2025.toml").write_text(SMALL.replace('"T"', '"Ours"'), encoding="utf-8")
    known = editions(tmp_path)
    assert list(known) == ["2013-14", "2020-21", "2025"]
    assert known["2025"].title == "Ours"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace("2020-21", "2020-04 to 2021-02"), "definition of edition x: its period, 2020-04 to 2021-02, is not twelve months"),
        (SMALL.replace('title = "T"', ""), "definition of edition x cannot be used: the field 'title' is missing"),
        (SMALL.replace("street-level archive", "rumours"), "definition of edition x cannot be used: unknown kind of source 'rumours'; there are street-level archive, simulated archive, published figures, partners' returns, simulated returns"),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_used_is_told(text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        parse_edition("x", text)


def test_the_project_is_found_from_below_and_its_absence_is_told(tmp_path, monkeypatch):
    (tmp_path / "p" / "notebooks").mkdir(parents=True)
    (tmp_path / "p" / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "p" / "notebooks")
    monkeypatch.delenv("HCSP_ASSESS_PROJECT", raising=False)
    assert find_project().root == (tmp_path / "p").resolve()
    with pytest.raises(
        UsageError, match="is not in a project: neither it nor any folder above it has notebooks/ and data/raw/"
    ):
        find_project(tmp_path)
    monkeypatch.setenv("HCSP_ASSESS_PROJECT", str(tmp_path / "p"))
    monkeypatch.chdir(tmp_path)
    assert find_project().root == (tmp_path / "p").resolve()
