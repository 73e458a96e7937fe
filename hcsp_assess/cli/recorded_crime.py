"""Command that shows official recorded crime: `hcsp-assess recorded-crime`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hcsp_assess.cli.completion import complete_partnership
from hcsp_assess.cli.options import JsonOption, ProjectOption, QuietOption, print_json, print_table, say
from hcsp_assess.cli.progress import show_progress

if TYPE_CHECKING:
    import pandas as pd

    from hcsp_assess.project import Project
    from hcsp_assess.sources.recorded_crime import HomeOfficeCrime, OfficialCrime, Partnership

commands = typer.Typer()
COLUMNS_SHOWN = 6


@commands.command("recorded-crime")
def recorded_crime(
    area: Annotated[
        str,
        typer.Option(
            "--area", help="Key of an area, or a partnership's name or code.", autocompletion=complete_partnership
        ),
    ] = "herefordshire",
    compare: Annotated[
        list[str] | None,
        typer.Option(
            "--compare",
            help="A partnership to compare with; may be repeated.",
            autocompletion=complete_partnership,
        ),
    ] = None,
    project: ProjectOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show official recorded crime by year and offence group.

    Reads the Home Office tables in data/raw/recorded_crime, with an account of every row. Without them, it shows the
    official figures that come with the package.

    Example: [bold]hcsp-assess recorded-crime --area Shropshire --compare Herefordshire[/bold]
    """
    from hcsp_assess.project import find_project
    from hcsp_assess.sources.recorded_crime import home_office_files, official_crime, read_home_office, year_totals

    home = find_project(project)
    here = _partnership(area, home)
    files = home_office_files(home.root)
    read, years = None, official_crime()
    if files:
        with show_progress(quiet=quiet or as_json) as progress:
            read = read_home_office(
                files, here.code, processed=home.processed, comparison=compare or (), progress=progress
            )
        years = year_totals(read)
    if as_json:
        print_json(_as_json(here, years, read))
    elif not quiet:
        _show(here, years, read)


def _partnership(area: str, project: "Project") -> "Partnership":
    """Return the partnership of a defined area, or of a name or code."""
    from hcsp_assess.errors import InputError
    from hcsp_assess.sources.recorded_crime import partnership_of
    from hcsp_assess.subject.areas import area as find_area

    try:
        code = find_area(area, project.root).partnership_code
    except InputError:
        code = area
    return partnership_of(code)


def _show(here: "Partnership", years: "OfficialCrime", read: "HomeOfficeCrime | None") -> None:
    if read is None:
        say("These are the ONS figures that come with the package: data/raw/recorded_crime has no Home Office tables.")
        say("To download the newest table, with quarters and offence codes: hcsp-assess fetch recorded-crime")
    else:
        for line in (*read.said, *read.notes):
            say(line)
        _print_frame(read.account)
        if len(read.set_aside):
            _print_frame(read.set_aside)
    table = _by_year(here, years)
    if table.empty:
        say(f"Year totals need four quarters in a row, and the tables have fewer for {here.name}.")
        return
    columns = list(table.columns)[-COLUMNS_SHOWN:]
    print_table(
        [f"{here.name}: year ending", *columns],
        [[label, *(_number(value) for value in table.loc[label, columns])] for label in table.index],
    )
    for line in _differences(here, years, read):
        say(line)


def _by_year(here: "Partnership", years: "OfficialCrime") -> "pd.DataFrame":
    """Counts by group and year. Home Office years are those ending in the same month as the newest."""
    from hcsp_assess.sources.recorded_crime import offence_groups

    rows = years.table[years.table["code"] == here.code]
    ends = sorted(set(rows["year_end"]))
    alike = [end for end in ends if len(ends) <= COLUMNS_SHOWN or end.month == ends[-1].month]
    wide = rows.pivot_table(index="group", columns="year_end", values="count", aggfunc="first", dropna=False)
    parents = {group.key: group.parent for group in offence_groups()}
    labels = {
        group.key: "  " * (bool(group.parent) + bool(parents.get(group.parent))) + group.label
        for group in offence_groups()
    }
    wide = wide.reindex(index=list(labels), columns=alike)
    return wide.set_axis(list(labels.values()), axis=0).set_axis([str(end) for end in alike], axis=1)


def _differences(here: "Partnership", years: "OfficialCrime", read: "HomeOfficeCrime | None") -> list[str]:
    """Report how far the two sources' totals differ in each year that both cover."""
    from hcsp_assess.sources.recorded_crime import TOTAL, differences, official_crime

    if read is None:
        return []
    both = differences(official_crime(), years, here.code)
    return [
        f"Year ending {row['year_end']}: {row['other']:,} in the Home Office tables, {row['count']:,} in the ONS "
        f"tables ({row['difference']:+,})."
        for row in both[both["group"] == TOTAL].to_dict("records")
    ]


def _as_json(here: "Partnership", years: "OfficialCrime", read: "HomeOfficeCrime | None") -> dict[str, Any]:
    from hcsp_assess.sources.recorded_crime import differences, official_crime

    codes = {here.code} if read is None else set(read.table["code"])
    rows = years.table[years.table["code"].isin(codes - {""})]
    result: dict[str, Any] = {
        "area": {"code": here.code, "name": here.name, "force": here.force},
        "source": "ONS" if read is None else "Home Office",
        "years": _records(rows[["year_end", "level", "code", "name", "group", "count"]]),
    }
    if read is not None:
        result |= {
            "account": _records(read.account),
            "set_aside": _records(read.set_aside),
            "files_used": _records(read.used),
            "notes": list(read.notes),
            "differences_from_ons": _records(differences(official_crime(), years, here.code)),
        }
    return result


def _records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows for JSON: periods as text, NA as null."""
    import pandas as pd

    names = [str(name) for name in table]
    texts = {name: table[name].astype("str") for name in names if isinstance(table[name].dtype, pd.PeriodDtype)}
    rows = table.assign(**texts).astype("object")
    filled = rows.where(rows.notna(), None).to_numpy()
    return [dict(zip(names, row, strict=True)) for row in filled]


def _print_frame(table: "pd.DataFrame") -> None:
    columns = [str(column).replace("_", " ") for column in table]
    print_table(columns, [[_number(value) for value in row] for row in table.to_numpy(dtype=object)])


def _number(value: Any) -> str:
    import pandas as pd

    if pd.isna(value):
        return "not held"
    return value if isinstance(value, str) else f"{value:,}"
