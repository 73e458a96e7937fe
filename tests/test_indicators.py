"""Definitions of indicators and published figures: what comes with the package, and what is refused with which words."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import InputError
from hcsp_assess.periods import parse_financial_year, parse_quarter
from hcsp_assess.sources.indicators import (
    Cell,
    check_published,
    parse_indicators,
    read_acts,
    read_cells,
    read_indicators,
    read_published,
    read_table,
)

PLAIN = """
[[indicator]]
key = "thefts"
name = "Thefts"
printed = "Reduce thefts"
measure = "thefts"
topic = "theft"
unit = "count"
source = "police"
owner = "police"
polarity = "lower"
"""
TARGET = PLAIN + '[[indicator.target]]\nyear = "2012-13"\nprinted = "x"\n'


def test_the_seven_indicators_of_the_strategy_are_defined():
    indicators = read_indicators()
    assert [(i.key, i.unit, i.polarity) for i in indicators] == [
        ("ppo_reoffending", "not stated", "lower"),
        ("marac_repeats", "percent", "not stated"),
        ("ocu_exits", "percent", "higher"),
        ("recorded_crime", "count", "lower"),
        ("violence_with_injury", "count", "lower"),
        ("feel_safe", "percent", "higher"),
        ("killed_or_seriously_injured", "count", "lower"),
    ]
    check_published(indicators, read_published())


def test_domestic_abuse_moves_from_priority_1_to_a_priority_of_its_own():
    marac = next(i for i in read_indicators() if i.key == "marac_repeats")
    assert marac.priority(parse_financial_year("2012-13")) == "integrated_offender_management"
    assert marac.priority(parse_financial_year("2013-14")) == "domestic_abuse"
    assert marac.priority(parse_financial_year("2010-11")) == ""
    priorities = read_published().priorities
    own = priorities[(priorities["year"] == "2013-14") & (priorities["priority"] == "domestic_abuse")].iloc[0]
    assert (own["number"], own["co_ordinator"]) == ("4", "West Mercia Police")


def test_targets_keep_their_kind_and_their_wording():
    targets = {i.key: i.target(parse_financial_year("2012-13")) for i in read_indicators()}
    assert {key: target and target.kind for key, target in targets.items()} == {
        "ppo_reoffending": None,
        "marac_repeats": "value",
        "ocu_exits": None,
        "recorded_crime": "maintain",
        "violence_with_injury": "change",
        "feel_safe": None,
        "killed_or_seriously_injured": None,
    }
    assert targets["recorded_crime"].printed == "Maintain level of 9501"
    assert targets["violence_with_injury"].percent == -1


def test_the_committed_quotes_stand_in_the_strategy(shared):
    text = next((shared / "seed").glob("*.txt")).read_text(encoding="utf-8")

    def plain(words):
        """Curly and straight quotes, page breaks and table mark-up do not matter."""
        words = re.sub(r"</?p>|\[\.\.\.\]|\u2019|'", " ", words)
        return re.sub(r"\W+", " ", words).lower().strip()

    whole = plain(text)
    published = read_published()
    quotes = [*published.figures["quote"], *published.claims["quote"]]
    quotes += [i.printed for i in read_indicators()] + [i.note for i in read_indicators()]
    quotes += published.priorities["heading"].tolist() + published.priorities["co_ordinator"].tolist()
    quotes += [partner for row in published.priorities["partners"] for partner in row.split("; ")]
    assert [quote for quote in quotes if plain(quote) not in whole] == []
    plan = published.work_plan["text"].map(plain)
    broken_over_pages = {item for item in plan if item not in whole}
    assert len(broken_over_pages) <= 4
    assert all(" ".join(item.split()[:4]) in whole and " ".join(item.split()[-2:]) in whole for item in plan)


def test_figures_and_claims_are_all_there():
    published = read_published()
    assert dict(zip(published.figures["figure"], published.figures["value"].astype(float), strict=True)) == {
        "crime_over_last_plan": -13,
        "crime_first_year": -2,
        "crime_level_matters": 47,
        "safe_by_day": 96,
        "safe_after_dark": 74,
        "alcohol_marker": 45,
        "reoffending_rate": 12.4,
        "reoffenders_18_to_30": 47,
        "helpline_calls": 5,
        "violence_linked_to_domestic_abuse": 30,
        "marac_repeats_september": 42,
        "domestic_violence_in_caf": 53,
        "domestic_violence_in_lac": 39,
        "domestic_violence_in_child_protection": 64,
    }
    assert set(published.work_plan["priority"]) == set(published.priorities["priority"]) - {"road_safety"}
    assert "Domestic Violence, Crime and Victims Act 2004" in read_acts()


@pytest.mark.parametrize(
    ("printed", "value", "decimals"), [("38%", 38.0, 0), ("35.1%", 35.1, 1), ("2,522", 2522.0, 0), ("", None, None)]
)
def test_a_cell_is_read_as_printed(printed, value, decimals):
    cell = Cell("x", parse_quarter("Q1 11/12"), printed)
    assert (cell.value, cell.decimals) == (value, decimals)


@given(st.text(max_size=12))
def test_any_cell_is_read_or_refused(tmp_path_factory, printed):
    folder = tmp_path_factory.mktemp("cells")
    quoted = '"' + printed.replace('"', '""') + '"'
    (folder / "performance.csv").write_text(
        f'indicator,quarter,printed\nx,"Q1 11/12",{quoted}\n', encoding="utf-8", errors="replace", newline=""
    )
    try:
        cells = read_cells(folder)
    except InputError as error:
        assert "performance.csv" in str(error)
    else:
        assert cells[0].value is None or cells[0].value >= 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the indicator definitions have no [[indicator]]"),
        (PLAIN.replace('unit = "count"', 'unit = "number"'),
         "indicator thefts: unit is 'number'; it must be one of count, percent, not stated"),
        (PLAIN.replace('topic = "theft"', ""), "indicator thefts: the field topic is missing"),
        (PLAIN.replace('key = "thefts"', ""), "indicator number 1: the field key is missing"),
        (PLAIN.replace('"thefts"\nname', "7\nname"), "indicator 7: key must be text, not 7"),
        (PLAIN + "decimals = -1", "indicator thefts: decimals must be a whole number from 0 to 6, not -1"),
        (PLAIN + PLAIN, "indicator thefts is defined twice: give each its own key"),
        (PLAIN + "colour = 1",
         "indicator thefts: unknown field 'colour'; there are decimals, denominator, gap, key, measure, name, note, "
         "owner, polarity, printed, priorities, says, source, target, topic, unit"),
        (PLAIN + 'priorities = { "2012" = "x" }',
         "indicator thefts, priorities: '2012' is not a financial year: write 2011-12, 2011/12 or 11/12"),
        (PLAIN + 'priorities = "x"',
         'indicator thefts: priorities must give a priority for each year, { "2012-13" = "..." }'),
        (PLAIN + "target = 5", "indicator thefts: write each target as [[indicator.target]]"),
        (TARGET, "indicator thefts, target of 2012-13: the field kind is missing"),
        (TARGET + 'kind = "value"', "indicator thefts, target of 2012-13: a target of kind 'value' needs value"),
        (TARGET + 'kind = "change"\nvalue = 9', "indicator thefts, target of 2012-13: a target of kind 'change' needs percent"),
        (TARGET + 'kind = "band"\nlow = 9\nhigh = 4', "indicator thefts, target of 2012-13: the band's low must be below its high"),
        (TARGET + 'kind = "value"\nvalue = "9"', "indicator thefts, target of 2012-13: value must be a number, not '9'"),
        (TARGET + 'kind = "maintain"\n[[indicator.target]]\nyear = "12/13"\nkind = "maintain"\nprinted = "x"',
         "indicator thefts: 2012-13 has two targets; keep one"),
    ],
)  # fmt: skip
def test_a_faulty_definition_is_refused_by_key_and_field(text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        parse_indicators(text)


def test_text_that_is_not_toml_is_refused():
    with pytest.raises(InputError, match=r"^the indicator definitions are not valid TOML: "):
        parse_indicators("[[indicator]")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "thefts,Q5 11/12,3",
            "performance.csv, line 2: 'Q5 11/12' is not a quarter of a financial year: write Q4 11/12 or Q4 2011-12, "
            "from Q1 to Q4",
        ),
        (
            "thefts,Q1 11/12,n/a",
            "performance.csv, line 2: 'n/a' is not a number or a percentage; leave the cell blank if no figure was printed",
        ),
        (
            "thefts,Q1 11/12,3\nthefts,Q1 2011-12,4",
            "performance.csv, line 3: thefts has Q1 11/12 twice; keep one",
        ),
    ],
)
def test_a_faulty_cell_is_refused_by_line(tmp_path, rows, message):
    (tmp_path / "performance.csv").write_text(f"indicator,quarter,printed\n{rows}\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_cells(tmp_path)


def test_a_denominator_is_kept_where_there_is_one(tmp_path):
    table = tmp_path / "performance.csv"
    table.write_text("indicator,quarter,printed,denominator\nx,Q1 11/12,38%,50\nx,Q2 11/12,40%,\n", encoding="utf-8")
    assert [cell.denominator for cell in read_cells(tmp_path)] == [50, None]
    table.write_text("indicator,quarter,printed,denominator\nx,Q1 11/12,38%,many\n", encoding="utf-8")
    message = "performance.csv, line 2: the denominator 'many' is not a whole number above 0"
    with pytest.raises(InputError, match=f"^{message}$"):
        read_cells(tmp_path)


def test_missing_files_and_columns_are_named(tmp_path):
    with pytest.raises(InputError, match=r"^there is no document.toml in the published figures nowhere$"):
        read_published("nowhere")
    with pytest.raises(InputError, match=f"^there is no table claims.csv in the published figures {tmp_path}$"):
        read_table(tmp_path, "claims.csv", ("claim",))
    (tmp_path / "claims.csv").write_bytes(b"claim,quote\n\xff,x\n")
    with pytest.raises(InputError, match=rf"^claims.csv of {tmp_path} is not a CSV file in UTF-8: .*decode"):
        read_table(tmp_path, "claims.csv", ("claim",))
    (tmp_path / "claims.csv").write_text("claim\n", encoding="utf-8")
    message = f"claims.csv of {tmp_path} has no column quote; it needs claim, quote"
    with pytest.raises(InputError, match=f"^{message}$"):
        read_table(tmp_path, "claims.csv", ("claim", "quote"))
    with pytest.raises(InputError, match=f"^there is no indicator definitions file {tmp_path / 'no.toml'}$"):
        read_indicators(tmp_path / "no.toml")


@pytest.mark.parametrize(
    ("indicator", "printed", "message"),
    [
        (
            "nothing",
            "5",
            "performance.csv, nothing in Q1 11/12: there is no indicator with that key; choose one of thefts",
        ),
        ("thefts", "5%", "performance.csv, thefts in Q1 11/12: '5%' does not fit the unit 'count'"),
    ],
)
def test_cells_that_do_not_fit_their_indicator_are_refused(indicator, printed, message):
    published = replace(read_published(), cells=(Cell(indicator, parse_quarter("Q1 11/12"), printed),))
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        check_published(parse_indicators(PLAIN), published)


def test_a_percentage_above_100_and_an_unlisted_priority_are_refused():
    text = PLAIN.replace('unit = "count"', 'unit = "percent"')
    published = replace(read_published(), cells=(Cell("thefts", parse_quarter("Q1 11/12"), "101%"),))
    with pytest.raises(InputError, match=r"^performance.csv, thefts in Q1 11/12: 101% is more than 100%$"):
        check_published(parse_indicators(text), published)
    moved = parse_indicators(PLAIN + 'priorities = { "2013-14" = "parks" }')
    with pytest.raises(InputError, match=r"^indicator thefts: priorities.csv has no priority 'parks' in 2013-14$"):
        check_published(moved, replace(read_published(), cells=()))
