"""The tables of a whole report against an attacker who solves all of them at once, and knows the rules."""

import json
import re
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from attacks import attack
from bs4 import BeautifulSoup
from table_solver import HIDDEN, Attack

from hcsp_assess.disclosure import disclosure_rule, published, published_total
from hcsp_assess.errors import InputError

ROUNDED = re.compile(r"Rounded to (?:the nearest|multiples of) (\d+)")
COUNT = re.compile(r"\d{1,3}(,\d{3})*|\[[cxz]\]")
YEAR = ("Jan–Mar 2012", "Apr–Jun 2012", "Jul–Sep 2012", "Oct–Dec 2012")
#: Columns that are sums of a printed and an unprinted number.
TOTALS = ("Offenders", "In need")
#: Totals of the demonstration that are printed as sums of quarters in another table, and say no more than those.
SAME_RECORDS = [
    (("exclusions-by-reason", "Total", "Fixed-term"), ("education-quarters", "Fixed-term exclusions from school")),
    (("exclusions-by-reason", "Total", "Permanent"), ("education-quarters", "Permanent exclusions from school")),
    (("assault-places", "Total", "Total"), ("alcohol-quarters", "A&E attendances after an assault")),
    (
        ("assault-places", "Total", "Alcohol involved"),
        ("alcohol-quarters", "A&E attendances after an assault, alcohol involved"),
    ),
]


@lru_cache(maxsize=4)
def parsed(page: Path) -> BeautifulSoup:
    """A page's parts that hold tables: parsing the charts as well would take five times as long."""
    text = re.sub(r"<svg\b.*?</svg>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return BeautifulSoup(text, "html.parser")


def notes_of(table) -> str:
    sibling, notes = table.find_parent("div", class_="table-scroll"), []
    while sibling is not None:
        sibling = sibling.find_next_sibling()
        if sibling is None or "table-note" not in (sibling.get("class") or []):
            break
        notes.append(sibling.get_text(" ", strip=True))
    return " ".join(notes)


def protected_tables(page: BeautifulSoup) -> dict[str, pd.DataFrame]:
    """Tables of a page that were rounded or have hidden cells, by key: the columns of counts, as printed."""
    found = {}
    for table in page.find_all("table"):
        body = [
            [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in table.tbody.find_all("tr")
        ]
        heads = [cell.get_text(strip=True) for cell in table.thead.find_all("th")]
        frame = pd.DataFrame(body, columns=heads).set_index(heads[0])
        if not ROUNDED.search(notes_of(table)) and not (frame == HIDDEN).any(axis=None):
            continue
        found[str(table["id"])] = frame[[name for name in frame if frame[name].map(COUNT.fullmatch).notna().any()]]
    return found


def attack_on(tables: dict[str, pd.DataFrame]) -> Attack:
    """Everything that is published, with what must be equal in it."""
    whole = Attack()
    for key, frame in tables.items():
        whole.add(key, frame)
    for prefix in ("marker-", "victims-by-"):  # tables of the same records
        first, *others = [key for key in tables if key.startswith(prefix)] or [""]
        for other in others:
            column = tables[first].columns[-1]
            rows = tables[first].index if prefix == "marker-" else ["Total"]
            for row in rows:
                whole.tie({(first, row, column): 1.0, (other, row, column): -1.0})
    for total, (key, row) in SAME_RECORDS:
        parts = [(key, row, quarter) for quarter in YEAR]
        if total in whole.low and all(part in whole.low for part in parts):
            whole.tie(dict.fromkeys(parts, 1.0) | {total: -1.0})
            whole.forget(total)
    return whole


@pytest.fixture(scope="module", params=["2013-14", "2025"])
def page(request, built) -> BeautifulSoup:
    """The page of a public edition."""
    return parsed(built.reports / request.param / "index.html")


@attack(
    "every published table of both editions, solved together: totals, the same records in two tables, quarters and year",
    "every rounded or hidden cell can be at least three numbers",
)
def test_every_protected_cell_of_an_edition_can_be_three_numbers(page):
    tables = protected_tables(page)
    whole = attack_on(tables)
    if "marker-alcohol" in tables:  # the demonstration, with partners' returns
        assert len(tables) > 12 and len(whole.protected) > 200 and len(whole.sums) > 40
    assert whole.too_narrow() == {}


def test_a_years_total_is_the_sum_of_its_printed_quarters(built):
    tables = protected_tables(parsed(built.reports / "2013-14" / "index.html"))
    compared = 0
    for (key, row, column), (other, measure) in SAME_RECORDS:
        total = str(tables[key].loc[row, column])
        quarters = [str(tables[other].loc[measure, quarter]) for quarter in YEAR]
        if total != HIDDEN and HIDDEN not in quarters:
            compared += 1
            assert int(total.replace(",", "")) == sum(int(each.replace(",", "")) for each in quarters), key
    assert compared >= 3


@attack(
    "the restricted edition beside the public one",
    "the true count is among the numbers that each protected cell can be, and is not the only one",
)
def test_the_true_counts_are_among_the_possible_ones(built):
    public = protected_tables(parsed(built.reports / "2013-14" / "index.html"))
    whole = parsed(built.restricted / "2013-14" / "index.html")
    known = {str(table["id"]): table for table in whole.find_all("table")}
    hidden = 0
    for key, frame in public.items():
        table = known[key]
        heads = [cell.get_text(strip=True) for cell in table.thead.find_all("th")]
        rows = {row.find(["th", "td"]).get_text(strip=True): row for row in table.tbody.find_all("tr")}
        for row in frame.index:
            cells = [cell.get_text(strip=True) for cell in rows[row].find_all(["th", "td"])]
            for column in frame.columns:
                shown, true = frame.loc[row, column], cells[heads.index(column)]
                if shown == HIDDEN:
                    hidden += 1
                    assert true not in ("0", "")
                elif shown.replace(",", "").isdigit():
                    moved = 8 if "Total" in (row, column) or column in TOTALS else 2
                    assert abs(int(shown.replace(",", "")) - int(true.replace(",", ""))) <= moved, (key, row, column)
    assert hidden > 20


@attack(
    "a percentage, a sum, an interval or a p-value of a partner's counts in a sentence or in findings.json",
    "is worked out from the published quarters, so that it says no more than they do",
)
def test_sums_in_sentences_are_sums_of_the_published_quarters(built):
    document = json.loads((built.reports / "2013-14" / "findings.json").read_text(encoding="utf-8"))
    rows = {}
    for key, frame in protected_tables(parsed(built.reports / "2013-14" / "index.html")).items():
        if key.endswith("-quarters"):
            rows |= {measure: frame.loc[measure] for measure in frame.index}
    compared = 0
    for item in document["findings"]:
        printed = rows.get(item["measure"])
        if printed is None or "now" not in item["evidence"] or item["period"] != "April 2012 to December 2012":
            continue
        now, before = (
            sum(int(printed[f"{quarter} {year}"].replace(",", "")) for quarter in ("Apr–Jun", "Jul–Sep", "Oct–Dec"))
            for year in (2012, 2011)
        )
        assert (item["evidence"]["now"], item["evidence"]["before"]) == (now, before), item["key"]
        compared += 1
    assert compared >= 8


def test_a_total_of_rounded_counts_is_as_near_as_it_may_be():
    partner = disclosure_rule("partner")
    assert published_total([7, 7, 7, 7], partner) == 25  # 30 would say that each of 5, 5, 5, 5 is 7
    assert published_total([23, 41, 12, 30], partner) == 105
    assert published_total([0, 0], partner) == 0
    assert published_total([1, 2], disclosure_rule("open")) == 3


@attack("a rule that suppresses 1 to 5 and rounds to 5: a published 5 could only be 6 or 7", "refused when rules load")
def test_every_published_number_of_every_rule_could_be_three_counts():
    for key in ("partner", "health", "domestic_abuse", "children"):
        rule = disclosure_rule(key)
        shown = pd.Series({count: published(count, rule) for count in range(rule.minimum, 200)})
        assert shown.groupby(shown).size().iloc[:-1].min() >= 3, key
    from dataclasses import replace

    from hcsp_assess.disclosure.rules import check_leaves_values

    with pytest.raises(InputError, match=r"rule children: a published 5 could only be 6 to 7, fewer than 3 counts"):
        check_leaves_values(replace(disclosure_rule("children"), minimum=6))
