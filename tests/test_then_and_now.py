"""Then and now: figures of the audit of real counts, planted truth, and what is not compared."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcsp_assess.assessment.wording.then_and_now import describe_then_and_now
from hcsp_assess.errors import InputError
from hcsp_assess.trends import compare_spells, compare_spells_of

BUNDLED = Path(__file__).parents[1] / "data" / "raw" / "herefordshire_2025" / "counts.csv.gz"
MONTHS = pd.period_range("2014-01", "2025-12", freq="M")
#: The months that the audit of real counts had: January to November 2014, October 2018 to February 2019, January to
#: April 2024, all of 2025.
SPELLS = (("2014-01", "2014-11"), ("2018-10", "2019-02"), ("2024-01", "2024-04"), ("2025-01", "2025-12"))
#: Its figures, worked out by separate research code: change in per cent with its 95% interval, against each spell.
AUDIT = {
    "Anti-social behaviour": ((-72, -80, -59), (-68, -78, -54), (-8, -35, 31)),
    "Bicycle theft": ((-38, -61, 0), (-40, -65, 2), (-2, -47, 80)),
    "Burglary": ((-44, -66, -5), (-31, -59, 19), (-12, -50, 59)),
    "Criminal damage and arson": ((-6, -33, 34), (-9, -36, 30), (-7, -35, 32)),
    "Drugs": ((-19, -46, 23), (-27, -53, 12), (-9, -43, 45)),
    "Other crime": ((84, 19, 178), (35, -14, 112), (13, -29, 77)),
    "Other theft": ((-37, -56, -9), (-36, -56, -7), (-32, -53, -3)),
    "Possession of weapons": ((108, 26, 240), (35, -22, 136), (-2, -43, 70)),
    "Public order": ((153, 66, 281), (14, -27, 75), (-1, -38, 57)),
    "Robbery": ((44, -21, 161), (-24, -61, 47), (-27, -64, 51)),
    "Shoplifting": ((21, -15, 70), (33, -9, 94), (7, -29, 59)),
    "Theft from the person": ((1, -44, 84), (-63, -80, -31)),
    "Vehicle crime": ((-47, -65, -17), (-51, -68, -22), (-11, -45, 47)),
    "Violence and sexual offences": ((119, 53, 210), (2, -29, 47), (-15, -41, 24)),
}


def held(*spells):
    flags = np.zeros(len(MONTHS), dtype=bool)
    for first, last in spells:
        flags |= MONTHS.isin(pd.period_range(first, last, freq="M"))
    return flags


def gappy(level, seed, change=0.0, spells=SPELLS):
    """Counts with season and persistent noise; the level changes in January 2020."""
    rng = np.random.default_rng(seed)
    noise = np.empty(len(MONTHS))
    noise[0] = rng.standard_normal()
    for i in range(1, len(noise)):
        noise[i] = 0.8 * noise[i - 1] + 0.6 * rng.standard_normal()
    log_mean = np.log(level) + 0.2 * np.cos(2 * np.pi * MONTHS.month / 12) + 0.14 * noise
    log_mean = log_mean + 0.07 * rng.standard_normal(12)[np.asarray(MONTHS.year) - 2014]
    log_mean = log_mean + np.log1p(change) * np.asarray(MONTHS.year >= 2020)
    return pd.Series(rng.poisson(np.exp(log_mean)), index=MONTHS, dtype="Int64").where(held(*spells))


@pytest.fixture(scope="module")
def real():
    """The counts that come with the project, in the months that the audit had."""
    rows = pd.read_csv(BUNDLED).dropna(subset="lsoa_code")  # the others have no location
    table = rows.pivot_table("count", "month", "crime_type", aggfunc="sum", fill_value=0)
    table.index = pd.PeriodIndex(table.index, freq="M")
    counts = table.reindex(MONTHS)[list(AUDIT)].astype("Int64")
    counts.loc[~held(*SPELLS)] = pd.NA
    return compare_spells_of(counts)


def test_the_real_counts_say_what_the_audit_found(real):
    """Its standard errors are times 1.1, ours 1.11: ends of intervals may differ by little, and by more above 100%."""
    for name, spells in AUDIT.items():
        for spell, figures in zip(real[name].spells, spells, strict=True):
            ours = np.log1p(np.array([spell.percent, spell.low, spell.high]) / 100)
            np.testing.assert_allclose(ours, np.log1p(np.array(figures) / 100), atol=0.035, err_msg=name)


def test_anti_social_behaviour_fell_from_591_to_167_a_month_and_violence_doubled(real):
    then = real["Anti-social behaviour"].spells[0]
    assert (str(then.first), str(then.last), then.months, then.months_compared) == ("2014-01", "2014-11", 11, 11)
    assert (round(then.per_month), round(then.assessed_per_month)) == (591, 167)
    assert (round(then.percent), round(then.low), round(then.high)) == (-72, -80, -59)
    assert then.clear
    assert then.direction == -1
    assert real["Violence and sexual offences"].spells[0].direction == 1
    assert real["Criminal damage and arson"].spells[0].direction == 0
    assert real["Drugs"].comparisons == sum(len(one.spells) for one in real.values()) == 41
    (tiny,) = real["Theft from the person"].not_compared
    assert str(tiny.first) == "2024-01"
    assert "8 were recorded in it" in tiny.reason


def test_planted_truth_is_found_and_no_change_is_not_claimed():
    nothing = compare_spells_of(pd.DataFrame({str(seed): gappy(80, seed) for seed in range(30)}))
    halved = compare_spells_of(pd.DataFrame({str(seed): gappy(80, seed, change=-0.6) for seed in range(30)}))
    false = sum(one.spells[0].p_value < 0.05 for one in nothing.values())
    assert false <= 4
    assert sum(spell.clear for one in nothing.values() for spell in one.spells) <= 2
    before = [one.spells[0] for one in halved.values()]
    assert sum(spell.p_value < 0.05 for spell in before) >= 27
    assert sum(spell.low <= -60 <= spell.high for spell in before) >= 26
    since = [one.spells[2] for one in halved.values()]
    assert sum(spell.low <= 0 <= spell.high for spell in since) >= 26


def test_a_series_alone_says_what_it_says_in_a_table_and_is_adjusted_by_holm():
    counts = gappy(50, 3, change=-0.5)
    alone = compare_spells(counts)
    together = compare_spells_of(pd.DataFrame({"one": gappy(20, 4), "two": counts}))["two"]
    for one, other in zip(alone.spells, together.spells, strict=True):
        assert one.p_value == pytest.approx(other.p_value, abs=1e-9)
        assert one.low == pytest.approx(other.low, abs=1e-6)
    p_values = sorted(spell.p_value for spell in alone.spells)
    assert min(spell.adjusted_p_value for spell in alone.spells) == pytest.approx(3 * p_values[0])
    assert (alone.comparisons, together.comparisons) == (3, 6)


def test_long_runs_are_compared_year_by_year_and_short_ones_not_at_all():
    whole = compare_spells(gappy(60, 5, spells=(("2019-11", "2025-12"),)))
    assert [str(spell.first) for spell in whole.spells] == ["2019-11", "2021-01", "2022-01", "2023-01", "2024-01"]
    assert [spell.months for spell in whole.spells] == [14, 12, 12, 12, 12]
    bits = compare_spells(gappy(60, 6, spells=(("2014-01", "2014-12"), ("2020-03", "2020-04"), ("2025-01", "2025-12"))))
    assert [str(spell.first) for spell in bits.spells] == ["2014-01"]
    assert "2 of its calendar months" in bits.not_compared[0].reason
    few = compare_spells(gappy(60, 6, spells=(("2014-01", "2014-06"), ("2025-01", "2025-12"))))
    assert few.spells == ()
    assert "18 months are held in all, and a comparison needs 24" in few.not_compared[0].reason
    rare = compare_spells(gappy(0.5, 7, spells=(("2014-01", "2014-12"), ("2025-01", "2025-12"))))
    assert rare.spells == ()


def test_the_year_assessed_can_be_chosen_and_changes_of_recording_are_kept():
    class Change:
        month, name = pd.Period("2016-04", "M"), "a change"

    years = (("2014-01", "2014-11"), ("2018-10", "2019-09"), ("2024-01", "2024-06"), ("2025-01", "2025-12"))
    counts = gappy(60, 8, spells=years)
    year = pd.period_range("2024-01", "2024-12", freq="M")
    chosen = compare_spells(counts, assessed=year, recording_changes=[Change()])
    assert (str(chosen.first), str(chosen.last), chosen.assessed_months) == ("2024-01", "2024-12", 6)
    assert [len(spell.recording_changes) for spell in chosen.spells] == [1, 0]
    assert [spell.months_compared for spell in chosen.spells] == [6, 6]
    same = compare_spells(counts[counts.index <= pd.Period("2024-12", "M")], assessed=year)
    assert same.spells[0].p_value == pytest.approx(chosen.spells[0].p_value)
    for wrong in (pd.period_range("2023-01", "2024-12", freq="M"), pd.period_range("2030-01", "2030-12", freq="M")):
        with pytest.raises(InputError, match="the year assessed"):
            compare_spells(counts, assessed=wrong)


def test_a_class_that_is_no_longer_recorded_is_far_below():
    counts = pd.Series(40.0, index=MONTHS).where(np.asarray(MONTHS.year < 2020), 0).where(held(*SPELLS))
    then = compare_spells(counts).spells[0]
    assert then.high < -80
    assert then.clear


def test_sentences_say_counts_first_and_how_sure_it_is(real):
    said = describe_then_and_now(real["Anti-social behaviour"], "Anti-social behaviour", "incidents")
    assert said.sentence == (
        "Police recorded 167 incidents of anti-social behaviour a month in January to November 2025, down from 591 in the "
        "same months of 2014: 72% fewer (likely between 59% and 80% fewer). That is far more than years usually differ. "
        "It is also clearly lower than in October 2018 to February 2019 (68% fewer). The difference from January to April "
        "2024 is too small to be sure of."
    )
    assert said.direction == "falling"
    assert said.caveats == ("The counts alone do not show whether less crime happens or less is recorded.",)
    unsure = describe_then_and_now(real["Criminal damage and arson"], "Criminal damage and arson")
    assert re.search(r"The difference is not clear: likely between 3\d% fewer and 3\d% more\.", unsure.sentence)
    assert (unsure.direction, unsure.caveats) == ("no clear change", ())
    doubled = describe_then_and_now(real["Violence and sexual offences"], "Violence and sexual offences")
    assert "2.2 times as many (likely between" in doubled.sentence
    one_side = describe_then_and_now(real["Burglary"], "Burglary")
    assert "With 41 comparisons made, that may be luck" in one_side.sentence


def test_every_number_of_a_sentence_is_in_its_evidence(real):
    for name, found in real.items():
        finding = describe_then_and_now(found, name)
        numbers = [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", finding.sentence)]
        known = {round(abs(float(value)), digits) for value in finding.evidence.values() for digits in (0, 1)}
        assert set(numbers) <= known, finding.sentence


def test_quarters_are_compared_as_months_are():
    """Whole quarters of the same counts say much the same; rates stay a month."""
    counts = gappy(60, 21, change=-0.6, spells=(("2014-01", "2014-12"), ("2018-07", "2019-06"), ("2025-01", "2025-12")))
    for year_end in ("Q-DEC", "Q-MAR"):
        quarters = counts.groupby(counts.index.asfreq(year_end)).sum(min_count=3).astype("Int64")
        months, thirds = compare_spells(counts), compare_spells(quarters)
        assert [str(spell.first.asfreq("M", how="S")) for spell in thirds.spells] == ["2014-01", "2018-07"]
        for one, other in zip(months.spells, thirds.spells, strict=True):
            assert (other.months, other.count) == (4, one.count)
            assert other.per_month == pytest.approx(one.per_month)
            assert other.percent == pytest.approx(one.percent, abs=5)
            assert other.clear == one.clear
            assert other.low < -60 < other.high
