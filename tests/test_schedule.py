"""Schedules: read again by the schedulers' own rules, and run by the shell that they would run in."""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attacks import attack
from conftest import call, said
from hypothesis import given
from hypothesis import strategies as st

from hcsp_assess.errors import UsageError
from hcsp_assess.project import Project
from hcsp_assess.run.schedule import (
    TASK_NAMESPACE,
    Schedule,
    When,
    mail_command,
    webhook_command,
    write_files,
    write_schedule,
)

ODD_NAMES = ["plain", "with space", "per%cent", "quote'd", "£5 $HOME", "Dé & co"]
SYSTEMD = shutil.which("systemd-analyze")


def unit(schedule: Schedule, ending: str) -> dict[str, str]:
    """Settings of a unit by name; a section's name is in none of them twice."""
    text = next(file.text for file in schedule.files if file.where.endswith(ending))
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def fake_program(folder: Path) -> Path:
    """A program that writes down what it was called with, and fails if told to."""
    program = folder / "hcsp-assess"
    program.write_text(f'#!/bin/sh\nfor a in "$@"; do echo "$a" >> {shlex.quote(str(folder / "called"))}; done\n'
                       f'[ ! -e {shlex.quote(str(folder / "fail"))} ]\n', encoding="utf-8")  # fmt: skip
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_a_systemd_timer_runs_monthly_quietly_with_whole_paths_and_catches_up(tmp_path: Path) -> None:
    schedule = write_schedule("systemd", "2025", Project(tmp_path), program=["/opt/hcsp/bin/hcsp-assess"])
    service, timer = unit(schedule, "2025.service"), unit(schedule, ".timer")
    assert service["ExecStart"] == (
        f'"/opt/hcsp/bin/hcsp-assess" "run" "2025" "--quiet" "--only-if-changed" "--project" "{tmp_path}"'
    )
    assert service["Environment"] == f'"HCSP_ASSESS_PROJECT={tmp_path}"'
    assert (service["Type"], service["TimeoutStartSec"]) == ("oneshot", "6h")
    assert (timer["OnCalendar"], timer["Persistent"]) == ("*-*-05 06:30:00", "true")
    assert [file.where for file in schedule.files] == [
        "~/.config/systemd/user/hcsp-assess-2025.service",
        "~/.config/systemd/user/hcsp-assess-2025.timer",
    ]
    assert "systemctl --user enable --now hcsp-assess-2025.timer" in schedule.steps


def test_by_default_the_program_is_this_python_with_its_whole_path(tmp_path: Path) -> None:
    schedule = write_schedule("systemd", "2025", Project(tmp_path))
    assert unit(schedule, "2025.service")["ExecStart"].startswith(f'"{sys.executable}" "-m" "hcsp_assess" "run" "2025"')
    assert Path(sys.executable).is_absolute()


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("every", ["month", "quarter"])
def test_systemd_itself_takes_the_units(tmp_path: Path, name: str, every: str) -> None:
    root = tmp_path / name
    root.mkdir()
    schedule = write_schedule(
        "systemd",
        "2025",
        Project(root),
        when=When(every, day=28),
        on_failure="echo 'it failed' 100% $X",
    )
    written = write_files(schedule, tmp_path / "units")
    assert SYSTEMD
    command, environment = [SYSTEMD, "verify", "--user", *written], {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "hcsp-assess" in line]
    assert (done.returncode, told) == (0, []), done.stderr


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not on this machine")
def test_systemd_reads_the_quarterly_calendar_as_four_dates(tmp_path: Path) -> None:
    schedule = write_schedule("systemd", "2025", Project(tmp_path), when=When("quarter"))
    calendar = unit(schedule, ".timer")["OnCalendar"]
    assert SYSTEMD
    command = [SYSTEMD, "calendar", "--iterations=4", "--base-time=2026-01-01", calendar]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    dates = re.findall(r"(?:Next elapse|Iteration #\d|Iter\. #\d): \w+ (\d{4}-\d\d-\d\d) ", told)
    assert dates == ["2026-03-05", "2026-06-05", "2026-09-05", "2026-12-05"]


@pytest.mark.parametrize("every", ["month", "quarter"])
def test_a_cron_line_has_five_fields_in_their_ranges(tmp_path: Path, every: str) -> None:
    schedule = write_schedule("cron", "2025", Project(tmp_path), when=When(every, 28, 23, 59))
    comment, line = schedule.files[0].text.splitlines()
    assert comment.startswith("# Builds edition 2025 on day 28 of ")
    fields = line.split(" ", 5)
    for value, (low, high) in zip(fields[:5], [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)], strict=True):
        assert all(part == "*" or low <= int(part) <= high for part in value.split(","))
    assert fields[:5] == ["59", "23", "28", "*" if every == "month" else "3,6,9,12", "*"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cron_hands_to_the_shell_calls_the_program_with_these_arguments(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    root.mkdir()
    program = fake_program(root)
    schedule = write_schedule(
        "cron", "2025", Project(root), program=[str(program)], on_failure=f"touch {shlex.quote(str(root / 'told'))}"
    )
    command = schedule.files[0].text.splitlines()[1].split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", command)
    shell = command.replace(r"\%", "%")  # as cron does
    subprocess.run(["/bin/sh", "-c", shell], env={}, check=True, cwd="/")
    assert (root / "called").read_text(encoding="utf-8").splitlines() == [
        "run", "2025", "--quiet", "--only-if-changed", "--project", str(root)
    ]  # fmt: skip
    assert not (root / "told").exists()
    (root / "fail").touch()
    subprocess.run(["/bin/sh", "-c", shell], env={"PATH": "/usr/bin:/bin"}, check=True, cwd="/")
    assert (root / "told").exists()


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("every", ["month", "quarter"])
def test_a_windows_task_is_well_formed_and_says_when_and_what(tmp_path: Path, name: str, every: str) -> None:
    root = tmp_path / name
    schedule = write_schedule("windows", "2025", Project(root), when=When(every), program=[r"C:\Program Files\h.exe"])
    path = write_files(schedule, tmp_path / "task")[0]
    assert path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")  # schtasks reads UTF-16
    task = ElementTree.fromstring(path.read_bytes())
    space = {"t": TASK_NAMESPACE}

    def text(where: str) -> str:
        found = task.find(where, space)
        assert found is not None
        return found.text or ""

    assert text(".//t:Exec/t:Command") == r"C:\Program Files\h.exe"
    wanted = f'"{root}"' if " " in str(root) else str(root)
    assert text(".//t:Exec/t:Arguments") == f"run 2025 --quiet --only-if-changed --project {wanted}"
    assert text(".//t:Exec/t:WorkingDirectory") == str(root)
    assert text(".//t:DaysOfMonth/t:Day") == "5"
    months = task.find(".//t:Months", space)
    assert months is not None
    names = [month.tag.split("}")[1] for month in months]
    assert names == ["March", "June", "September", "December"] if every == "quarter" else len(names) == 12
    assert re.fullmatch(r"\d{4}-\d\d-01T06:30:00", text(".//t:StartBoundary"))
    assert (text(".//t:StartWhenAvailable"), text(".//t:MultipleInstancesPolicy")) == ("true", "IgnoreNew")
    order = [element.tag.split("}")[1] for element in task]
    assert order == ["RegistrationInfo", "Triggers", "Settings", "Actions"]  # the schema's order


def test_a_windows_task_with_a_command_on_failure_goes_through_cmd(tmp_path: Path) -> None:
    hook = webhook_command("https://example.org/hook", "2025", "windows")
    assert hook == (
        'curl -fsS -m 30 -H Content-Type:application/json -d "{\\"text\\": \\"hcsp-assess: edition 2025 failed\\"}" '
        "https://example.org/hook"
    )
    schedule = write_schedule("windows", "2025", Project(tmp_path), program=["h.exe"], on_failure=hook)
    task = ElementTree.fromstring(schedule.files[0].text.encode("utf-16"))
    found = [task.findtext(f".//{{{TASK_NAMESPACE}}}{part}") for part in ("Command", "Arguments")]
    assert found == [
        "cmd.exe",
        f'/d /s /c "h.exe run 2025 --quiet --only-if-changed --project {tmp_path} || {hook}"',
    ]


def test_the_commands_on_failure_are_what_the_shell_understands() -> None:
    assert shlex.split(mail_command("a.b@example.org", "2025", "cron")) == [
        "echo", "See hcsp-assess status", "|", "mail", "-s", "hcsp-assess: edition 2025 failed", "a.b@example.org"
    ]  # fmt: skip
    assert shlex.split(webhook_command("https://example.org/x?y=1", "2025", "cron"))[-2:] == [
        '{"text": "hcsp-assess: edition 2025 failed"}',
        "https://example.org/x?y=1",
    ]


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "https://x.org/$(rm -rf ~)", "https://x.org/ && echo", "https://a'b"]
)
def test_an_address_that_could_be_a_command_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r" is not a webhook address: it must begin with https:// and contain"):
        webhook_command(url, "2025", "cron")
    with pytest.raises(UsageError, match=f"^{re.escape(repr(url))} is not an e-mail address$"):
        mail_command(url, "2025", "cron")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"day": 31},
            "day 31 at 06:30 does not occur every month: choose a day from 1 to 28 and a time from 00:00 to 23:59",
        ),
        (
            {"hour": 24},
            "day 5 at 24:30 does not occur every month: choose a day from 1 to 28 and a time from 00:00 to 23:59",
        ),
        ({"every": "week"}, "every 'week' is not an interval: choose month or quarter"),
    ],
)
def test_a_time_that_does_not_come_every_month_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        When(**change)


def test_an_unknown_scheduler_and_a_line_break_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="^there is no scheduler 'launchd': choose one of systemd, cron, windows$"):
        write_schedule("launchd", "2025", Project(tmp_path))
    with pytest.raises(UsageError, match="^a path or the command on failure has a line break: write it on one line"):
        write_schedule("cron", "2025", Project(tmp_path), on_failure="a\nb")


@given(
    name=st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20),
    day=st.integers(1, 28),
    hour=st.integers(0, 23),
)
def test_whatever_the_folder_is_called_every_line_stays_one_line(name: str, day: int, hour: int) -> None:
    root = Path("/srv") / name.replace("/", "_")
    for kind, lines in (("cron", 2), ("windows", None), ("systemd", None)):
        schedule = write_schedule(kind, "2025", Project(root), when=When("month", day, hour))
        if lines:
            assert schedule.files[0].text.count("\n") == lines
        if kind == "windows":
            ElementTree.fromstring(schedule.files[0].text.encode("utf-16"))


def test_what_is_fetched_first_may_fail_and_the_edition_is_built_all_the_same(tmp_path: Path) -> None:
    program = [str(fake_program(tmp_path))]
    told = shlex.quote(str(tmp_path / "told"))
    made = {
        kind: write_schedule(
            kind, "2025", Project(tmp_path), program=program, fetch=["force", "2024-01", "2025-12"],
            on_failure=f"echo failed >> {told}",
        )
        for kind in ("systemd", "cron", "windows")
    }  # fmt: skip
    service = unit(made["systemd"], "2025.service")
    assert service["ExecStartPre"] == (
        f'-"{program[0]}" "fetch" "force" "2024-01" "2025-12" "--quiet" "--project" "{tmp_path}"'
    )
    task = ElementTree.fromstring(made["windows"].files[0].text.split("\n", 1)[1])
    arguments = task.findtext(f".//{{{TASK_NAMESPACE}}}Arguments")
    assert arguments is not None
    assert re.match(r'/d /s /c "\S+ fetch force 2024-01 2025-12 --quiet --project \S+ & \S+ run 2025 ', arguments)
    assert arguments.endswith(f' || echo failed >> {told}"')
    line = made["cron"].files[0].text.splitlines()[1].split(" ", 5)[5]
    (tmp_path / "fail").touch()
    subprocess.run(["/bin/sh", "-c", line], check=True)
    called = (tmp_path / "called").read_text(encoding="utf-8").split()
    assert [word for word in called if word in ("fetch", "run")] == ["fetch", "run"]
    assert (tmp_path / "told").read_text(encoding="utf-8") == "failed\n"  # by the run, once


def test_what_cannot_be_fetched_is_told_when_the_schedule_is_written(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"^'archiv' cannot be fetched before each run: choose one of archive, force, month$"
    ):
        write_schedule("cron", "2025", Project(tmp_path), fetch=["archiv"])


def test_the_command_writes_the_files_and_says_what_to_do_with_them(tiny_project: Path) -> None:
    made = call("schedule", "tiny", "--for", "cron", "--every", "quarter", "--at", "7:05", "--mail", "a@example.org")
    assert made.exit_code == 0
    comment, line = (tiny_project / "schedule" / "crontab.txt").read_text(encoding="utf-8").splitlines()
    assert comment == "# Builds edition tiny on day 5 of March, June, September and December at 07:05."
    assert line.startswith("5 7 5 3,6,9,12 * HCSP_ASSESS_PROJECT=")
    assert line.endswith("| mail -s 'hcsp-assess: edition tiny failed' a@example.org; }")
    assert "schedule/crontab.txt: copy it to a line of its own in the crontab" in said(made)
    assert "crontab -e # paste the lines above, save and close" in said(made)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "noon"], "--at needs a time such as 06:30, not 'noon'"),
        (["--mail", "a@example.org", "--on-failure", "true"], "give only one of --mail, --webhook and --on-failure"),
        (["--for", "launchd"], "there is no scheduler 'launchd': choose one of systemd, cron, windows"),
    ],
)
def test_the_command_refuses_what_it_cannot_schedule_and_writes_nothing(
    tiny_project: Path, arguments: list[str], message: str
) -> None:
    refused = call("schedule", "tiny", *arguments)
    assert (refused.exit_code, said(refused)) == (2, f"hcsp-assess: {message}")
    assert not (tiny_project / "schedule").exists()


#: Names of editions that a project could have as the name of a file, and that tried to be more than text.
HOSTILE_NAMES = ["x'; touch PWNW; '", "$(touch PWNW)", "`touch PWNW`", "a\\", "50% of", "a & touch PWNW"]


def shell_of(kind: str, schedule: Schedule) -> str:
    """What the shell gets when the run fails, by the scheduler's own rules of quoting."""
    if kind == "cron":
        return schedule.files[0].text.splitlines()[1].split(" ", 5)[5].replace(r"\%", "%")
    text = unit(schedule, "-failed.service")["ExecStart"].removeprefix('/bin/sh -c "').removesuffix('"')
    return text.replace("$$", "$").replace("%%", "%").replace('\\"', '"').replace("\\\\", "\\")


@attack(
    "an edition called x'; touch PWNW; ' with a webhook or a mail, for cron and systemd",
    "the name arrives as text in the message; no command in it runs",
)
@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("kind", ["cron", "systemd"])
def test_no_name_of_an_edition_runs_as_a_command_when_a_run_fails(tmp_path: Path, kind: str, name: str) -> None:
    for told in ("curl", "mail"):
        (tmp_path / told).write_text(
            '#!/bin/sh\nfor a in "$@"; do printf "%s\\n" "$a"; done > told\n', encoding="utf-8"
        )
        (tmp_path / told).chmod(0o755)
    program = fake_program(tmp_path)
    (tmp_path / "fail").touch()
    hook = webhook_command("https://example.org/hook", name, kind)
    for failure in (hook, mail_command("a@example.org", name, kind)):
        schedule = write_schedule(kind, name, Project(tmp_path), program=[str(program)], on_failure=failure)
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        subprocess.run(["/bin/sh", "-c", shell_of(kind, schedule)], env=path, check=True, cwd=tmp_path)
        assert not (tmp_path / "PWNW").exists()
        words = (tmp_path / "told").read_text(encoding="utf-8")
        said_of = next(line for line in words.splitlines() if "failed" in line)
        said_of = json.loads(said_of)["text"] if failure == hook else said_of
        assert said_of == f"hcsp-assess: edition {name} failed"
        if kind == "cron":
            assert (tmp_path / "called").read_text(encoding="utf-8").splitlines()[1] == name
            (tmp_path / "called").unlink()


@attack(
    "an edition called a&calc.exe, or with per cent signs and quotation marks, for a Windows task",
    "the name is between quotation marks in the command and plain in the message; a quotation mark is refused",
)
def test_no_name_of_an_edition_ends_the_command_of_a_windows_task(tmp_path: Path) -> None:
    hook = webhook_command("https://example.org/hook", "a&calc.exe|x", "windows")
    assert "a-calc.exe-x failed" in hook
    schedule = write_schedule("windows", "a&calc.exe", Project(tmp_path), program=["h.exe"], on_failure=hook)
    assert 'h.exe run "a&amp;calc.exe" --quiet' in schedule.files[0].text
    with pytest.raises(UsageError, match=r"^the edition's name has a quotation mark, which Windows does not allow"):
        write_schedule("windows", 'x" & calc & "', Project(tmp_path))


@attack(
    "U+0085, U+2028, a vertical tab or a line feed in an edition's name or the project's path",
    "one sentence that says to rename it; no file is written",
)
@pytest.mark.parametrize("kind", ["cron", "systemd", "windows"])
@pytest.mark.parametrize("sign", ["\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c", "\0"])
def test_no_sign_that_ends_a_line_reaches_a_schedulers_file(tmp_path: Path, kind: str, sign: str) -> None:
    with pytest.raises(UsageError, match="^the edition's name has a line break: rename its file in editions/$"):
        write_schedule(kind, f"x{sign}ExecStart=/bin/true", Project(tmp_path))
    with pytest.raises(UsageError, match="^a path or the command on failure has a line break"):
        write_schedule(kind, "2025", Project(tmp_path / f"a{sign}b"))


@attack(
    "hcsp-assess schedule for an edition that does not exist",
    "refused, with the editions that there are; no file is written",
)
def test_an_edition_that_does_not_exist_is_not_scheduled(tiny_project: Path) -> None:
    result = call("schedule", "2052", "--for", "cron", "--to", "out")
    assert result.exit_code == 2
    assert said(result).startswith("hcsp-assess: there is no edition '2052'; there are 2013-14, 2025, tiny.")
    assert not (tiny_project / "out").exists()
    assert call("schedule", "tiny", "--for", "cron", "--to", "out").exit_code == 0
