"""What the explorer shows is what the report would show, and what its code shows; what goes wrong it says."""

import re
import shutil
from functools import cache
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from conftest import HEADER, ROOT, TINY_EDITION
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from hcsp_assess import open_edition
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.lab import chosen
from hcsp_assess.lab.chosen import Choice
from hcsp_assess.lab.chosen_place import places_of
from hcsp_assess.lab.explorer import explore
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.tables import format_value
from hcsp_assess.subject.areas import herefordshire
from hcsp_assess.subject.crime_types import comparable_series

#: 48 months; shoplifting in Ledbury trebles, burglary in the town centre of Hereford stays.
MONTHS = pd.period_range("2014-01", "2017-12", freq="M")
EDITION = TINY_EDITION.replace('period = "2024"', 'period = "2017"').replace("raw/police_uk", "raw/small")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with the real counts that come with it, and with a small archive whose truth is known."""
    root = tmp_path_factory.mktemp("explorer")
    (root / "notebooks").mkdir()
    (root / "editions").mkdir()
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    (root / "editions" / "small.toml").write_text(EDITION, encoding="utf-8")
    numbers, (ledbury, *_), centre = np.random.default_rng(7), _codes("town-ledbury"), "E01014005"
    for place, month in enumerate(MONTHS):
        stolen = [("Shoplifting", ledbury)] * int(numbers.poisson(10 * 3 ** (place / 47)))
        rows = [*stolen, *[("Burglary", centre)] * int(numbers.poisson(20)), ("Anti-social behaviour", centre)]
        _write_month(root / "data" / "raw" / "small", month, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HCSP_ASSESS_PROJECT", str(root))
        yield root


def _open_tabs(explorer):
    """Open each tab in turn, as a person would; return what all of them show."""
    for number in range(len(explorer.parts) + 1):
        explorer.tabs.selected_index = number
    return explorer.sentence.value + "".join(part.value for part in explorer.parts.values())


def _codes(place):
    return places_of(herefordshire())[place].codes


def _write_month(folder, month, rows):
    lines = [
        f"{'' if kind.startswith('Anti') else sha256(f'{month} {number}'.encode()).hexdigest()},{month},"
        f"West Mercia Police,West Mercia Police,-2.43,52.03,On or near High Street,{code},Herefordshire 019A,{kind},,"
        for number, (kind, code) in enumerate(rows)
    ]
    path = folder / str(month) / f"{month}-west-mercia-street.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def test_the_whole_area_is_what_the_report_counts_for_every_crime_type(project):
    opened = open_edition("2025")
    report = opened.counts("series")
    for key in chosen.crime_types_of(opened):
        counts = chosen.choose(opened, key).counts
        pd.testing.assert_series_equal(counts, report[key], check_names=False)


def test_no_small_area_is_in_two_parts_of_one_kind_and_none_in_no_part():
    places = places_of(herefordshire())
    everything = sorted(places["all"].codes)
    assert sorted(places["rural"].codes + places["urban"].codes) == everything
    for kind in ("ward-", "E01"):
        assert (
            sorted(code for key, place in places.items() if key.startswith(kind) for code in place.codes) == everything
        )
    towns = [code for key, place in places.items() if key.startswith("town-") for code in place.codes]
    assert sorted(towns) == sorted(places["market-towns"].codes)
    assert set(places["rural-without-market-towns"].codes) == set(places["rural"].codes) - set(towns)


def test_a_planted_rise_is_told_where_it_is_and_nowhere_else(project):
    opened = open_edition("small")
    assert chosen.choose(opened, "shoplifting", place="town-ledbury").verdicts.trends["chosen"].verdict == "rising"
    assert chosen.choose(opened, "burglary").verdicts.trends["chosen"].verdict in ("stable", "unclear")
    elsewhere = chosen.choose(opened, "shoplifting", place="town-leominster")
    assert elsewhere.counts.sum() == 0
    assert elsewhere.verdicts.trends["chosen"].verdict == "too little data"
    said = chosen.describe_trend(chosen.choose(opened, "shoplifting", place="town-ledbury")).sentence
    assert said.startswith("Shoplifting in Ledbury probably rose over the four years to December 2017, by about ")


def test_the_map_has_every_record_of_the_period_and_hatches_what_was_not_chosen(project):
    opened = open_edition("2025")
    series = chosen.choose(opened, "burglary", place="rural", first="2024-01", last="2024-12")
    drawn = chosen.map_records(series)
    assert drawn.table.frame["Records"].sum() == series.counts.sum()
    assert len(drawn.table.frame) == 62  # rural LSOAs of 116: the published classification
    assert drawn.subtitle == "Records by LSOA in 4 published months, Herefordshire, January 2024 to December 2024"
    assert drawn.alt.endswith("; not in rural areas: 54.")
    nothing = chosen.map_records(chosen.choose(opened, "burglary", first="2020-01", last="2020-06"))
    assert nothing.sentence == (
        "Burglary: there is no map, because no month of January 2020 to June 2020 is held in full."
    )


def test_the_map_of_areas_tells_each_under_the_pointer_and_redraws_when_asked(project):
    explorer, centre = explore("2025", "recorded_crime", first="2025-01"), "Hereford city centre (Central ward)"
    drawn = explorer.parts["areas"]
    assert drawn.value == ""
    explorer.tabs.selected_index = [*explorer.parts].index("areas")
    titles = re.findall(r"<title>([^<]+)</title>", drawn.value)
    assert len({title.split(":")[0] for title in titles}) == 116
    records = open_edition("2025").counts("lsoa").loc["2025", "E01014010"].sum()
    pointed = next(title for title in titles if title.startswith(centre))
    assert f"{records:,} records" in pointed
    assert "visitors are not counted as residents, so the rate misleads" in pointed
    assert len(re.findall(r"<tr>", drawn.value)) == 117  # the same figures in a table
    explorer.controls["crime_type"].value = "shoplifting"
    assert f"{centre}: 349 records<" in drawn.value
    explorer.controls["first"].value = explorer.controls["last"].value = "2014-01"
    assert "Shoplifting, records, one month from January 2014 to January 2014" in drawn.value
    explorer.controls["first"].value = explorer.controls["last"].value = "2020-01"
    assert "there is no map, because no month of January 2020 to January 2020 is held in full" in drawn.value


def test_an_unpublished_month_is_not_a_zero_and_its_year_has_no_total(project):
    table = chosen.table_months(chosen.choose(open_edition("2025"), "recorded_crime"))
    rows = table.frame.set_index("Year").map(format_value)
    assert (rows.loc["2016"] == "no data").all()
    assert (rows.loc["2024", ["Apr", "May", "Whole year"]] == "no data").tolist() == [False, True, True]
    assert rows.loc["2025", "Whole year"] == format_value(
        int(open_edition("2025").counts("series")["recorded_crime"].iloc[-12:].sum())
    )
    assert table.notes == ("98 of 144 months are not held in full. They are shown as gaps, not estimated.",)


def test_a_month_outside_the_period_is_blank_and_not_called_unpublished(project):
    table = chosen.table_months(chosen.choose(open_edition("2025"), "burglary", first="2024-03", last="2025-02"))
    rows = table.frame.set_index("Year").map(format_value)
    assert rows.loc["2024", ["Jan", "Feb", "May"]].tolist() == ["", "", "no data"]
    assert rows.loc["2025", "Mar":"Dec"].eq("").all()
    assert table.notes[-1] == "Blank: outside the chosen period."


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (InputError, {"crime_type": "shopliftin"}, "there is no comparable series 'shopliftin': did you mean 'shoplifting'?"),
        (UsageError, {"place": "town-ledbry"}, "there is no place 'town-ledbry' in Herefordshire; choose all, rural, urban, market-towns, rural-and-market-towns, rural-without-market-towns, town-NAME, ward-NAME or an LSOA code. Did you mean town-ledbury?"),
        (UsageError, {"first": "2025-03", "last": "2025-02"}, "the period ends before it begins: 2025-03 to 2025-02"),
        (UsageError, {"first": "2030-01"}, "the period ends before it begins: 2030-01 to 2025-12"),
        (UsageError, {"first": "1999-01", "last": "1999-12"}, "there are no months from 1999-01 to 1999-12: choose between 2014-01 and 2025-12"),
        (InputError, {"first": "January"}, "'January' is not a month: write 2012-04, from 1980-04 to 2079-12"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_told(project, kind, options, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        chosen.choose(open_edition("2025"), **({"crime_type": "burglary"} | options))


_opened = cache(open_edition)  # for many examples


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_can_be_chosen_can_be_told_in_numbers_and_words(project, data):
    opened = _opened(data.draw(st.sampled_from(["2025", "small"])))
    months = [str(month) for month in opened.counts("series").index]
    first, last = sorted(data.draw(st.tuples(st.sampled_from(months), st.sampled_from(months))))
    place = data.draw(st.sampled_from(sorted(places_of(opened.area))))
    crime_type = data.draw(st.sampled_from([entry.key for entry in comparable_series()]))
    series = chosen.choose(opened, crime_type, place=place, first=first, last=last)
    assert chosen.describe_trend(series).sentence.endswith(".")
    cells = pd.Series(chosen.table_months(series).frame[list(chosen.MONTH_NAMES)].to_numpy().ravel(), dtype=object)
    assert (cells != "").fillna(value=True).sum() == len(series.counts)
    known = pd.to_numeric(cells[cells != ""].dropna())
    assert (len(known), known.sum()) == (series.counts.notna().sum(), series.counts.sum())


def test_the_explorer_shows_what_was_asked_and_follows_each_control(project):
    explorer = explore("small", "shoplifting", place="town-ledbury")
    assert "Shoplifting in Ledbury probably rose over the four years" in explorer.sentence.value
    assert explorer.status.value == '<p role="status" class="hcsp-status">Shown: Shoplifting in Ledbury, January 2014 to December 2017.</p>'  # fmt: skip
    assert 'id="verdict-chosen"' in explorer.parts["trend"].value
    assert {part.value for name, part in explorer.parts.items() if name != "trend"} == {""}
    explorer.tabs.selected_index = 1
    before = explorer.parts["decomposition"].value
    assert 'id="decomposition-chosen"' in before
    explorer.controls["crime_type"].value = "burglary"
    assert "Burglary in Ledbury" in explorer.sentence.value
    assert 'id="decomposition-chosen"' in explorer.parts["decomposition"].value
    assert explorer.parts["decomposition"].value != before
    assert explorer.parts["trend"].value == ""
    explorer.controls["last"].value = "2016-12"
    assert "to December 2016.</p>" in explorer.status.value
    assert 'place="town-ledbury", first="2014-01", last="2016-12")' in explorer.code.value


def test_another_edition_keeps_the_crime_type_and_the_place_and_takes_its_own_months(project):
    explorer = explore("small", "shoplifting", place="town-ledbury", last="2016-12")
    explorer.controls["edition"].value = "2025"
    assert explorer.choice == Choice("2025", "shoplifting", "town-ledbury", "2014-01", "2025-12")
    assert "Shoplifting in Ledbury, January 2014 to December 2025" in explorer.status.value


@pytest.mark.parametrize(("edition", "place"), [("small", "town-ledbury"), ("2025", "rural")])
def test_the_code_shows_in_a_cell_exactly_what_the_explorer_shows(project, edition, place):
    explorer = explore(edition, "shoplifting", place=place)
    shell = InteractiveShell.instance()
    with capture_output() as captured:
        done = shell.run_cell(explorer.code.value)
    assert done.success
    pieces = [output.data["text/html"] for output in captured.outputs]
    assert len(pieces) == 1 + len(chosen.PARTS)
    shown = _open_tabs(explorer)
    for piece in pieces:
        assert piece in shown


def test_it_says_that_it_computes_and_then_that_it_is_done(project):
    explorer = explore("2025", "burglary")
    told = []
    explorer.status.observe(lambda change: told.append(re.sub("<[^>]+>", "", change["new"])), names="value")
    explorer.controls["place"].value = "urban"
    done = "Shown: Burglary in urban areas, January 2014 to December 2025."
    assert told == ["Computing the trend …", "Computing: trend …", done]
    explorer.tabs.selected_index = [*explorer.parts].index("data")
    assert told[3:] == ["Computing: data …", done]
    explorer.tabs.selected_index = 0
    assert told[5:] == []


def test_the_number_of_series_looked_at_is_shown_beside_each_trend(project):
    explorer = explore("2025", "burglary")
    assert "This trend allows for one series only." in explorer.sentence.value
    explorer.controls["place"].value = "urban"
    explorer.controls["place"].value = "rural"
    explorer.controls["place"].value = "urban"
    assert "You have looked at 3 series here, and each trend allows for one only." in explorer.sentence.value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"edition": "2026"}, "there is no edition '2026'; there are 2013-14, 2025, small. Did you mean 2025?"),
        ({"crime_type": "burglry"}, "edition 2025 has no crime type 'burglry': choose one from the list."),
        ({"first": "2025-06", "last": "2025-01"}, "the period ends before it begins: 2025-06 to 2025-01."),
    ],
)
def test_what_is_wrong_is_a_sentence_and_nothing_old_stays_beside_it(project, options, message):
    explorer = explore(**options)
    status = explorer.status.value.replace("&#x27;", "'")
    assert status == f'<p role="alert" class="hcsp-status">Not shown: {message}</p>'
    assert {part.value for part in explorer.parts.values()} == {""}
    assert explorer.sentence.value == ""


def test_after_a_mistake_the_next_choice_is_shown(project):
    explorer = explore("2025", "burglary")
    explorer.controls["first"].value = "2025-06"
    explorer.controls["last"].value = "2025-01"
    assert "Not shown: the period ends before it begins" in explorer.status.value
    explorer.controls["last"].value = "2025-12"
    assert "Shown: Burglary, June 2025 to December 2025." in explorer.status.value


def test_a_failure_that_nobody_foresaw_is_told_too(project, monkeypatch):
    explorer = explore("2025", "burglary")
    monkeypatch.setattr(Chart, "_repr_html_", lambda chart: 1 / 0)
    explorer.controls["place"].value = "urban"
    assert "Not shown: ZeroDivisionError: division by zero; run the code in the last tab to see where." in explorer.status.value  # fmt: skip
