"""A second partnership, from its code to a published page with a reason, an indicator and a partner's return of its own."""

import openpyxl
from conftest import call

from hcsp_assess.report.html import parse_html

EDITION = "shropshire-2025-06"
#: As a person would type them: seven commands.
BEFORE = (
    ("new", "partnership", "--code", "E06000051", "--no-run"),
    ("texts", "start", EDITION, "reasons", "official_rising"),
    ("new", "indicator", "Fly-tipping", "--better", "lower", "--target", "1400", "--year", "2025-26"),
    ("template", "marac", "marac.xlsx"),
)
AFTER = (("receive", "marac.xlsx", "marac", EDITION), ("run", EDITION, "--quiet"))
#: Invented figures, by quarter of the two years to June 2025; they are rounded to 5 where they are published.
CASES, REPEATS = [112, 108, 121, 117, 131, 126, 140, 138], [24, 22, 27, 25, 36, 33, 39, 35]
TIPS = [410, 395, 402, 388, 350, 330, 342, 321, 298]


def _write_reason(root):
    path = root / "editions" / EDITION / "reasons" / "official_rising.md"
    text = path.read_text(encoding="utf-8")
    for name, value in (("role", "Community safety analyst"), ("date", "29 November 2026")):
        text = text.replace(f"{name}:\n", f"{name}: {value}\n")
    text = text.replace("state: draft", "state: reviewed")
    path.write_text(
        f"{text}\nThree **cycle hubs** opened in 2024, and insurers ask for a crime number.\n", encoding="utf-8"
    )


def _fill(path, sheet, first_column, columns):
    book = openpyxl.load_workbook(path)
    for number, values in enumerate(zip(*columns, strict=True), start=2):
        for column, value in enumerate(values, start=first_column):
            book[sheet].cell(number, column, value)
    book.save(path)


def test_from_a_code_to_a_page_with_a_reason_an_indicator_and_a_return(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("init", "plan").exit_code == 0
    root = tmp_path / "plan"
    monkeypatch.chdir(root)
    for command in BEFORE:
        result = call(*command)
        assert result.exit_code == 0, (command, result.output)
    _write_reason(root)
    quarters = [f"Q{quarter} {year}/{year - 1999}" for year in (2023, 2024) for quarter in (1, 2, 3, 4)]
    _fill(root / "marac.xlsx", "Data", 1, (quarters, CASES, REPEATS, CASES))
    _fill(root / "areas" / "shropshire" / "performance.xlsx", "Figures", 3, (TIPS,))
    for command in AFTER:
        result = call(*command)
        assert result.exit_code == 0, (command, result.output)
    assert 1 + len(BEFORE) + len(AFTER) <= 8
    page = parse_html((root / "reports" / EDITION / "index.html").read_text(encoding="utf-8")).soup
    reason = page.find(id="changes-since").get_text(" ", strip=True)
    assert "Three cycle hubs opened in 2024, and insurers ask for a crime number." in reason
    assert "Community safety analyst, 29 November 2026" in reason
    tips = page.find(id="performance-overview").get_text(" ", strip=True)
    assert f"Fly-tipping: 298 between April and June 2025, {100 * (350 - 298) / 350:.0f}% fewer" in tips
    assert f"room for {1400 - 298:,} in July 2025 to March 2026" in tips
    assert "MARAC" in page.find(id="domestic-abuse").get_text(" ", strip=True)


def test_a_reviewed_text_without_its_chapter_is_named_before_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("init", "plan").exit_code == 0
    monkeypatch.chdir(tmp_path / "plan")
    assert call(*BEFORE[0]).exit_code == 0
    folder = tmp_path / "plan" / "editions" / EDITION
    (folder / "reasons").mkdir(exist_ok=True)
    header = "title: Offences that rose\nabout: [official_rising]\nsupport: not established\n"
    header += "role: Community safety analyst\ndate: 29 November 2026\nstate: approved\n"
    (folder / "reasons" / "official_rising.md").write_text(f"---\n{header}---\n\nMore reports.\n", encoding="utf-8")
    advice = f"hcsp-assess texts start {EDITION} reasons official_rising"
    assert advice in " ".join(call("check", EDITION).stderr.split())
    added = call(*advice.split()[1:])
    assert added.exit_code == 0, added.output
    assert advice not in " ".join(call("check", EDITION).stderr.split())
    assert call(*advice.split()[1:]).exit_code == 2  # it is there, with its chapter: nothing is left to do
