"""The explorer's comparisons, your own files, buttons and model results: against plain counts and planted changes."""

import io
import json
import os
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import ROOT, call

from hcsp_assess import open_edition
from hcsp_assess.edition.residents import residents_of
from hcsp_assess.errors import InputError
from hcsp_assess.lab import chosen, compared, own_series
from hcsp_assess.lab.compare_panel import PERIOD, ComparePanel
from hcsp_assess.lab.own_file import OwnFile
from hcsp_assess.lab.take_away import as_tsv, buttons
from hcsp_assess.places.two_places import compare_places
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.geography import geography
from hcsp_assess.sources.series_files import SeriesFile
from hcsp_assess.trends import fit_seasonal_regression
from hcsp_assess.trends.seasonal_glm import fit_seasonal_glm
from hcsp_assess.trends.then_and_now import compare_spells

MONTHS = pd.period_range("2018-01", "2025-12", freq="M")


@pytest.fixture(scope="module")
def opened():
    """The real edition of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HCSP_ASSESS_PROJECT", str(ROOT))
        yield open_edition("2025")


def _places(opened, crime_type, place, other, **options):
    return compared.compare_with_place(chosen.choose(opened, crime_type, place=place, **options), other)


def _text(html):
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_rates_of_two_places_are_counts_over_residents_and_years(opened):
    made = _places(opened, "burglary", "town-ledbury", "town-leominster", first="2025-01")
    monthly = opened.counts("lsoa", measure="burglary")
    people = residents_of(geography("herefordshire", opened.project.root), 2025).people
    for name, key in (("first", "town-ledbury"), ("second", "town-leominster")):
        codes = list(compared.find_place(opened.area, key).codes)
        count = int(monthly.loc["2025", codes].sum(axis=None))
        assert made.finding.evidence[f"{name}_count"] == count
        assert made.finding.evidence[f"{name}_rate"] == pytest.approx(1000 * count / people[codes].sum())
    assert made.chart.table.frame.shape == (12, 3)


def test_the_whole_area_beside_a_part_of_it_becomes_the_rest(opened):
    made = _places(opened, "recorded_crime", "all", "town-ledbury", first="2025-01")
    whole = int(opened.counts("series")["recorded_crime"].loc["2025"].sum())
    assert made.finding.evidence["first_count"] + made.finding.evidence["second_count"] == whole
    assert "in the rest of Herefordshire" in made.finding.sentence


@pytest.mark.parametrize(
    ("crime_type", "other", "options", "message"),
    [
        ("burglary", "town-ledbury", {"place": "town-ledbury"}, "both places are Ledbury: choose another place"),
        ("burglary", "market-towns", {"place": "rural"}, "small areas in common: choose places that do not overlap"),
        ("burglary", "urban", {"place": "rural", "first": "2020-01", "last": "2020-06"}, "no month of January 2020 to June 2020 is held"),
    ],
)  # fmt: skip
def test_places_that_cannot_be_compared_are_refused_with_the_reason(opened, crime_type, other, options, message):
    with pytest.raises(InputError, match=message):
        compared.compare_with_place(chosen.choose(opened, crime_type, **options), other)


def test_theft_from_shops_has_counts_and_no_rates(opened):
    made = _places(opened, "shoplifting", "town-ledbury", "town-leominster")
    assert made.finding.message.startswith("Shoplifting: 124 records in Ledbury, 430 in Leominster")
    assert "no rates to compare" in made.finding.sentence
    assert "first_rate" not in made.finding.evidence


def test_places_alike_differ_clearly_in_about_one_of_twenty_comparisons():
    numbers, clear = np.random.default_rng(11), 0
    for _ in range(200):
        shared = 30 * np.exp(numbers.normal(0, 0.15, len(MONTHS)))  # months vary together, more than chance
        pair = [pd.Series(numbers.poisson(shared), MONTHS) for _ in range(2)]
        clear += compare_places(*pair, (10_000, 10_000)).clear
    assert clear <= 0.05 * 200 + 2 * np.sqrt(200 * 0.05 * 0.95)


def test_a_place_with_half_as_much_again_is_found_and_a_handful_is_not_compared():
    numbers = np.random.default_rng(5)
    more, less = (pd.Series(numbers.poisson(mean, len(MONTHS)), MONTHS) for mean in (30, 20))
    found = compare_places(more, less, (10_000, 10_000))
    assert found.clear
    assert found.comparison.low < 1.5 < found.comparison.high
    assert (
        compare_places(pd.Series(0, MONTHS), less, (1.0, 1.0)).refused
        == "one of the two places has no record in these months"
    )
    with pytest.raises(InputError, match="no number of residents above zero"):
        compare_places(more, less, (0.0, 10_000.0))


def test_an_earlier_period_of_your_choice_is_compared_as_the_spell_that_it_is():
    numbers = np.random.default_rng(3)
    counts = pd.Series(numbers.poisson(40, len(MONTHS)), MONTHS, dtype="Int64")
    counts.loc["2019-03":"2021-12"] = pd.NA
    alone = compare_spells(counts, against=pd.period_range("2018-01", "2019-02", freq="M"))
    (first, *_) = compare_spells(counts).spells
    (spell,) = alone.spells
    assert (spell.count, spell.percent, spell.low, spell.high) == (first.count, first.percent, first.low, first.high)
    assert spell.adjusted_p_value == spell.p_value
    for wrong in ("2025-01", "2017-12"):
        with pytest.raises(InputError, match="must be in a row, within the series and before the year assessed"):
            compare_spells(counts, against=pd.PeriodIndex([wrong], freq="M"))


@pytest.mark.parametrize(("factor", "direction"), [(2.0, "rising"), (1.0, "no clear change"), (0.5, "falling")])
def test_a_planted_change_between_two_periods_is_found_and_no_other(factor, direction):
    numbers = np.random.default_rng(8)
    means = np.where(MONTHS.year == 2025, 60 * factor, 60)
    counts = pd.DataFrame({"Calls": pd.Series(numbers.poisson(means), MONTHS)})
    series = own_series.assess_own(SeriesFile(counts, ()), "calls", "calls.csv")["Calls"]
    made = own_series.compare_own(series, ("2020-01", "2020-12"), ("2025-01", "2025-12"))
    assert made.finding.direction == direction
    totals = series.counts.groupby(MONTHS.year).sum()
    assert f"{totals[2025]:,} calls in 2025" in made.finding.sentence
    assert f"2020 ({totals[2020]:,})" in made.finding.sentence


@pytest.mark.parametrize(
    ("period", "other", "message"),
    [
        (("2025-01", "2025-06"), ("2025-06", "2025-12"), "the two periods overlap"),
        (("2025-06", "2025-01"), ("2014-01", "2014-06"), "the period ends before it begins"),
        (("2021-03", "2022-03"), ("2014-01", "2014-06"), "2021-03 to 2022-03 is longer than a year: choose up to twelve months"),
        (("2025-01", "2025-12"), ("2013-01", "2013-12"), "is outside the months chosen, 2014-01 to 2025-12"),
        (("2025-01", "2025-12"), ("2016-01", "2016-12"), "no month of 2016 is held in full: choose another period"),
    ],
)  # fmt: skip
def test_periods_that_cannot_be_compared_are_refused_with_the_reason(opened, period, other, message):
    with pytest.raises(InputError, match=message):
        compared.compare_with_period(chosen.choose(opened, "burglary"), period, other)


def test_the_comparison_shown_is_what_its_code_shows(opened):
    series = chosen.choose(opened, "burglary")
    given = []
    panel = ComparePanel(
        lambda *spans: compared.compare_with_period(series, *spans),
        lambda place: compared.compare_with_place(series, place),
        lambda name, text: given.append((name, text)) or name,
    )
    months = [str(month) for month in series.counts.index]
    panel.offer(months, [str(month) for month in series.counts.dropna().index], [("Rural", "rural")])
    panel.controls["what"].value = PERIOD
    assert given[-1] == ("compare_with_period", '("2025-01", "2025-12"), ("2014-01", "2014-12")')
    assert "447 offences in 2025, 376 fewer (46%) than in 2014 (823)" in panel.result.value
    panel.controls["other_last"].value = "2015-12"
    assert panel.result.value == ""
    assert "2014-01 to 2015-12 is longer than a year" in panel.status.value


def test_the_model_of_statsmodels_is_that_of_the_library(opened):
    counts = chosen.choose(opened, "burglary").counts
    ours, theirs = fit_seasonal_regression(counts), fit_seasonal_glm(counts)
    assert theirs.params["years"] == pytest.approx(ours.slope, rel=1e-9)
    assert theirs.bse["years"] == pytest.approx(ours.standard_error, rel=1e-9)
    shown = chosen.show_model(chosen.choose(opened, "burglary"))._repr_html_()
    assert f"{theirs.params['years']:.4f}" in shown
    assert "Date:" not in shown
    assert (
        "there is no model, because" in chosen.show_model(chosen.choose(opened, "burglary", first="2025-01")).sentence
    )


CSV = "Month,Calls\n" + "\n".join(f"{month},{20 + number}" for number, month in enumerate(MONTHS)) + "\n"


def _xlsx(text):
    book = openpyxl.Workbook()
    for line in text.splitlines():
        month, count = line.split(",")
        book.active.append([month, int(count) if count.isdigit() else count])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_file_of_your_own_shows_its_trend_its_figures_and_its_unit():
    own = OwnFile()
    own.unit.value = "ambulance calls"
    own.read("calls.csv", CSV.encode())
    assert own.status.value.startswith('<p role="status"')
    assert "Calls rose" in own.sentence.value
    assert f"There were {sum(range(104, 116)):,} ambulance calls in the last 12 months" in own.sentence.value
    for number in range(len(own.tabs.children)):
        own.tabs.selected_index = number
    assert all(part.value for part in own.parts.values())
    assert _text(own.parts["data"].value).count(" 115 ") == 1
    assert "2025" in own.compare.result.value


def test_a_workbook_of_your_own_is_read_as_its_csv_file_is():
    book, text = own_series.read_own("C:\\mine\\calls.XLSX", _xlsx(CSV)), own_series.read_own("calls.csv", CSV.encode())
    assert book.counts["Calls"].tolist() == [20 + number for number in range(len(MONTHS))]
    pd.testing.assert_frame_equal(book.counts, text.counts)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("report.pdf", b"%PDF", "report.pdf is neither .csv nor .xlsx: save the table as one of these"),
        ("empty.csv", b"", "empty.csv"),
        ("broken.xlsx", b"PK\x03\x04 broken", "broken.xlsx"),
        ("large.csv", b"Month,Count\n" + b" " * 5_000_000, "large.csv has 5 MB, and at most 5 MB are read"),
        ("people.csv", b"Name,Month\nJohn Smith,2024-01\n", "looks like a name of a person"),
        ("percent.csv", b"Month,Percent\n2024-01,24%\n2024-02,25%\n", "holds percentages"),
    ],
)
def test_a_wrong_file_gives_one_sentence_and_leaves_nothing(name, content, message, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = OwnFile()
    own.read("calls.csv", CSV.encode())
    own.read(name, content)
    assert own.status.value.startswith('<p role="alert" class="hcsp-status">Not shown: ')
    assert message in own.status.value.replace("&#x27;", "'")
    assert "Traceback" not in own.status.value
    assert len(own.children) == 3
    assert "John Smith" not in own.status.value
    assert list(tmp_path.iterdir()) == []


def test_a_copied_table_pastes_into_a_spreadsheet_as_numbers_and_runs_nothing():
    frame = pd.DataFrame({"Place": ["=HYPERLINK(1)", "Tab\there"], "Records": [1234, None], "Change": [-1.25, 3.0]})
    assert as_tsv(Table(frame.astype({"Records": "Int64"}), "x", "x")) == (
        "Place\tRecords\tChange\n'=HYPERLINK(1)\t1234\t-1.2\nTab here\tno data\t3.0\n"
    )


def test_buttons_are_those_that_a_part_has_a_use_for(opened):
    series = chosen.choose(opened, "burglary", place="rural")
    named = re.compile(r">([\w ]+)</(?:a|button)>")
    offered = {name: named.findall(buttons(make(series), "x")) for name, (_, make) in chosen.PARTS.items()}
    pictures = ["PNG", "SVG", "Copy table", "Copy code"]
    assert offered["trend"] == offered["months"] == offered["map"] == offered["areas"] == pictures
    assert offered["data"] == ["Copy table", "Copy code"]
    assert offered["model"] == ["Copy code"]


def test_the_picture_that_the_start_notebook_opens_on_is_what_its_cell_draws(opened):
    start = json.loads((ROOT / "notebooks" / "start.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "map.png" in start[0]["attachments"]
    series = chosen.choose(opened, "recorded_crime", first=str(opened.edition.span.first))
    assert f"![{chosen.map_records(series).alt}](attachment:map.png)" in "".join(start[0]["source"])


def test_options_of_jupyterlab_come_last_and_nothing_of_the_user_is_changed(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/their/own")
    started = []
    monkeypatch.setattr(
        "hcsp_assess.lab.jupyterlab.subprocess.Popen", lambda *args, **kw: started.append((args, kw)) or Ended()
    )
    assert call("lab", "--project", ROOT, "--no-browser", "--allow-root", "--", "--ip=0.0.0.0").exit_code == 0
    ((command,), given) = started[0]
    assert command[-2:] == ["--allow-root", "--ip=0.0.0.0"]
    ours, theirs = given["env"]["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert theirs == "/their/own"
    settings = json.loads((Path(ours) / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"] == {"markdown": "Markdown Preview"}
    assert "JUPYTERLAB_SETTINGS_DIR" not in given["env"]


class Ended:
    """A process that has ended well."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def wait(self):
        return 0
