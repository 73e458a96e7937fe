from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.chapters import crime_trends
from hcsp_assess.edition.official import official_picture
from hcsp_assess.edition.series import Verdicts, make_series
from hcsp_assess.edition.then_and_now import compare_edition
from hcsp_assess.errors import InputError
from hcsp_assess.report.tables import escape
from hcsp_assess.subject import crime_types
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import edition
from hcsp_assess.subject.recording_changes import (
    NATIONAL,
    all_changes,
    explain_shift,
    lockdowns,
    recording_changes,
)
from hcsp_assess.trends import assess_trend
from hcsp_assess.trends.level_shifts import find_level_shift

VIOLENCE = "Violence and sexual offences"


def month(text):
    return pd.Period(text, "M")


def shift(low, high, percent=30.0):
    return SimpleNamespace(month_low=month(low), month_high=month(high), percent=percent)


def keys(changes):
    return [change.key for change in changes]


def test_the_national_calendar_has_every_dated_break():
    months = {change.key: str(change.month) for change in all_changes()}
    assert months == {
        "police-uk-eleven-types": "2011-09",
        "police-uk-fourteen-types": "2013-05",
        "national-statistics-status": "2014-01",
        "stalking-separate": "2014-04",
        "making-the-victim-count": "2014-11",
        "24-hours-and-malicious-communications": "2015-04",
        "residential-burglary": "2017-04",
        "stalking-and-harassment-in-addition": "2017-11",
        "west-mercia-integrity-inspection": "2019-01",
        "west-mercia-warwickshire-alliance-ends": "2019-01",
        "west-mercia-anti-social-behaviour": "2019-03",
        "snap-points-2022": "2022-07",
        "residential-burglary-split": "2023-04",
        "principal-crime-rule": "2023-05",
        "lsoa-2021": "2023-06",
    }


@pytest.mark.parametrize("change", all_changes(), ids=lambda change: change.key)
def test_every_entry_is_complete_and_uses_words_that_exist(change):
    assert change.until >= change.month
    assert change.kind in {"recording", "taxonomy", "geography", "status"}
    assert change.direction in {"up", "down", "either"}
    assert change.crime_types == ("all",) or set(change.crime_types) <= set(crime_types.crime_types())
    assert set(change.certainty) <= set("SWRDK") and change.certainty
    assert change.source
    assert change.what[0].islower() or change.what.split()[0] in {"HMIC's", "HMICFRS"}
    assert not change.what.endswith(".")
    assert change.name == change.key


@pytest.mark.parametrize("change", all_changes(), ids=lambda change: change.key)
def test_what_is_general_knowledge_says_in_every_text_that_it_is_not_confirmed(change):
    assert ("K" in change.certainty) == bool(change.unconfirmed)
    assert ("not confirmed" in change.text) == ("K" in change.certainty)
    known = explain_shift(
        SimpleNamespace(
            month_low=change.month, month_high=change.month, percent=-5 if change.direction == "down" else 5
        ),
        "all",
        force=change.scope if change.scope not in NATIONAL else None,
        small_areas=True,
    )
    assert change in known.changes
    assert change.text in known.text


def test_changes_are_those_of_the_crime_type_between_the_first_and_last_month():
    found = recording_changes(VIOLENCE, month("2016-01"), month("2023-12"))
    assert keys(found) == [
        "making-the-victim-count",  # still felt in the months after
        "24-hours-and-malicious-communications",
        "stalking-and-harassment-in-addition",
        "principal-crime-rule",
    ]
    assert keys(recording_changes("Shoplifting", month("2012-01"), month("2025-12"))) == ["national-statistics-status"]
    assert keys(recording_changes("Burglary", month("2018-01"), month("2025-12"))) == ["residential-burglary-split"]


def test_a_change_in_the_first_month_is_no_break_in_the_series():
    assert "residential-burglary" not in keys(recording_changes("Burglary", month("2017-04"), month("2020-12")))
    assert "residential-burglary" in keys(recording_changes("Burglary", month("2017-03"), month("2017-04")))


def test_a_force_adds_what_is_known_of_it_and_others_do_not_get_it():
    span = month("2018-01"), month("2024-12")
    assert "west-mercia-anti-social-behaviour" in keys(
        recording_changes("Anti-social behaviour", *span, force="west-mercia")
    )
    assert recording_changes("Anti-social behaviour", *span, force="dorset") == ()
    with pytest.raises(InputError, match="force 'West Mercia Police' is not a key of data.police.uk"):
        recording_changes("Anti-social behaviour", *span, force="West Mercia Police")


def with_change(change, force):
    """The series of a real area definition that holds a change, as the edition of 2025 would make it."""
    opened = SimpleNamespace(
        area=replace(area("herefordshire"), force=force),
        simulated=False,
        edition=edition("2025"),
        source=SimpleNamespace(name="data.police.uk"),
        keep=lambda name, make, *marks: make(),
    )
    months = pd.period_range(change.month - 12, "2025-12", freq="M")  # so that earlier changes are not in it
    after = {"up": 1.9, "down": 0.4, "either": 1.0}[change.direction]
    level = np.where(months < change.month, 100.0, 100.0 * after) * (1 + 0.1 * (np.arange(len(months)) % 3))
    counts = pd.Series(level.round(), months, dtype="Int64")
    first, last = str(change.month - 2), str(change.until + change.felt_for_months + 1)
    counts[(counts.index > first) & (counts.index < max(last, "2024-12"))] = pd.NA  # so that earlier years are compared
    kind = "recorded_crime" if change.crime_types == ("all",) else series_of(change.crime_types[0])
    series = make_series(opened, kind, "Series", counts, kind, small_areas=change.kind == "geography")
    trend = assess_trend(series.counts)
    return Verdicts(opened, {kind: series}, {kind: trend}), kind


def series_of(crime_type):
    return next(
        item.key
        for item in crime_types.comparable_series()
        if crime_type in item.parts and item.key != "recorded_crime"
    )


@pytest.mark.parametrize(
    "change", [one for one in all_changes() if one.kind in ("recording", "geography")], ids=lambda one: one.key
)
def test_every_change_reaches_a_reader_of_its_own_area_and_of_no_other(change):
    """From the scope in the definitions, by the force of a real area, to the table and, where it fits, the sentence."""
    home = area("herefordshire").force
    assert change.scope in (*NATIONAL, home), "a scope is national, or the force of an area that the tests can open"
    for force in (home, "gloucestershire"):
        verdicts, kind = with_change(change, force)
        shown = crime_trends.table_changes(verdicts, kind)._repr_html_()
        said = compare_edition(verdicts).finding(kind)
        here = change.scope in NATIONAL or force == change.scope
        assert (escape(upper_first(change.what)) in shown) == here
        fits = change.direction != "either" and change.kind == "recording" and change.crime_types != ("all",)
        assert not fits or (change.brief in said.sentence) == here, said.sentence


def test_official_years_name_the_changes_between_them_for_the_areas_own_force():
    home = official_picture("E22000326", pd.Period("2025-06", "M"))
    assert [change.key for change in replace(home, force="west-mercia").recording_changes] == ["principal-crime-rule"]
    earlier = replace(home, before=pd.Period("2018-12", "M"))
    keys_of = {force: keys(replace(earlier, force=force).recording_changes) for force in ("west-mercia", "dorset")}
    assert "west-mercia-integrity-inspection" in keys_of["west-mercia"]
    assert "west-mercia-integrity-inspection" not in keys_of["dorset"]


def test_a_change_is_brief_beside_a_figure():
    for change in all_changes():
        assert len(change.brief.split()) <= 20
        assert not change.brief.endswith(".")
        assert change.said_briefly.startswith(f"from {change.month.strftime('%B %Y')}, ")


def test_geography_breaks_small_areas_only():
    span = month("2020-01"), month("2024-12")
    assert recording_changes("Drugs", *span) == ()
    assert keys(recording_changes("Drugs", *span, small_areas=True)) == ["snap-points-2022", "lsoa-2021"]


def test_a_comparable_series_has_the_changes_of_its_parts():
    for series in crime_types.comparable_series():
        found = set(keys(recording_changes(series.key, month("2010-01"), month("2025-12"))))
        parts = [set(keys(recording_changes(p, month("2010-01"), month("2025-12")))) for p in series.parts]
        assert found == set().union(*parts)


def test_only_a_dated_change_that_moves_counts_is_a_step_for_a_model():
    stepping = [change.key for change in all_changes() if change.expected_step]
    assert stepping == [
        "police-uk-eleven-types",
        "police-uk-fourteen-types",
        "making-the-victim-count",
        "24-hours-and-malicious-communications",
        "stalking-and-harassment-in-addition",
        "principal-crime-rule",
    ]


def test_an_unknown_crime_type_is_refused_with_the_nearest():
    with pytest.raises(InputError) as error:
        recording_changes("Shoplifing", month("2012-01"), month("2020-01"))
    assert str(error.value) == (
        "unknown crime type 'Shoplifing': did you mean 'Shoplifting'? "
        "A new type belongs in definitions/crime_types.toml."
    )


def test_the_lockdowns_touch_the_months_they_touched():
    spans = {span.key: [str(m) for m in span.months] for span in lockdowns(month("2019-01"), month("2025-12"))}
    assert spans == {
        "first-lockdown": ["2020-03", "2020-04", "2020-05"],
        "second-lockdown": ["2020-11", "2020-12"],
        "third-lockdown": ["2021-01", "2021-02", "2021-03"],
        "plan-b": ["2021-12", "2022-01"],
    }
    assert lockdowns(month("2020-06"), month("2020-10")) == ()
    assert [span.key for span in lockdowns(month("2022-01"), month("2024-01"))] == ["plan-b"]


def test_a_rise_of_violence_in_spring_2015_is_a_probable_recording_change():
    known = explain_shift(shift("2015-03", "2015-05"), VIOLENCE)
    assert keys(known.changes) == ["making-the-victim-count", "24-hours-and-malicious-communications"]
    assert known.text.startswith(
        "A probable recording change, not shown to be a change in crime. November 2014: HMIC's 'Making the victim count'"
    )


def test_a_fall_at_a_change_that_raises_counts_is_not_explained_by_it():
    assert explain_shift(shift("2015-03", "2015-05", percent=-30.0), VIOLENCE) is None
    assert keys(explain_shift(shift("2023-05", "2023-06", percent=-20.0), VIOLENCE).changes) == ["principal-crime-rule"]


def test_a_shift_at_a_quiet_time_has_no_explanation():
    assert explain_shift(shift("2012-06", "2012-08"), "Shoplifting") is None


def test_a_fall_in_april_2020_falls_in_the_first_lockdown():
    known = explain_shift(shift("2020-04", "2020-04", percent=-60.0), "Shoplifting")
    assert known.changes == ()
    assert known.text == "It falls in or next to the first national lockdown."


def test_a_planted_recording_jump_is_found_and_looked_up():
    import numpy as np

    months = pd.period_range("2012-01", periods=84, freq="M")
    mean = 150 * np.where(months >= month("2015-04"), 1.5, 1.0) * (1 + 0.1 * np.cos(2 * np.pi * months.month / 12))
    found = find_level_shift(pd.Series(np.random.default_rng(8).poisson(mean), index=months))
    assert found.found
    assert "24-hours-and-malicious-communications" in keys(explain_shift(found, VIOLENCE).changes)
