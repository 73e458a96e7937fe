"""Write what a scheduler needs to build an edition unattended: a systemd timer, a cron line, or a Windows task."""

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args
from xml.etree import ElementTree

from hcsp_assess.errors import UsageError
from hcsp_assess.project import VARIABLE, Project

Kind = Literal["systemd", "cron", "windows"]
Every = Literal["month", "quarter"]
#: data.police.uk publishes a month about two months later: a quarter's last month is there early in the third month on.
QUARTERS = (3, 6, 9, 12)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
LONGEST_HOURS = 6
FETCHED = ("archive", "force", "month")
TASK_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


@dataclass(frozen=True)
class ScheduleFile:
    """A file of a schedule: where to put it, its text, and how it is encoded."""

    where: str
    text: str
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Schedule:
    """What to put where so that an edition is built regularly.

    Attributes
    ----------
    kind : str
        "systemd", "cron" or "windows".
    steps : tuple of str
        Commands that put it to work, in order.
    explanation : str
        What will happen and when, in words.
    """

    kind: Kind
    files: tuple[ScheduleFile, ...]
    steps: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class When:
    """When to run: each month or quarter, on a day (1 to 28) at an hour and minute of the machine's clock."""

    every: Every = "month"
    day: int = 5
    hour: int = 6
    minute: int = 30

    def __post_init__(self) -> None:
        if self.every not in get_args(Every):
            raise UsageError(f"every {self.every!r} is not known: choose month or quarter")
        if not (1 <= self.day <= 28 and 0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise UsageError(
                f"day {self.day} at {self.hour:02d}:{self.minute:02d} does not come every month: choose a day from 1 "
                "to 28 and a time from 00:00 to 23:59"
            )

    @property
    def months(self) -> tuple[int, ...]:
        """The months in which to run."""
        return tuple(range(1, 13)) if self.every == "month" else QUARTERS

    @property
    def words(self) -> str:
        """When, in words."""
        months = "each month" if self.every == "month" else "March, June, September and December"
        return f"on day {self.day} of {months} at {self.hour:02d}:{self.minute:02d}"


def write_schedule(
    kind: Kind,
    edition: str,
    project: Project,
    *,
    when: When | None = None,
    on_failure: str = "",
    options: Sequence[str] = ("--quiet", "--only-if-changed"),
    program: Sequence[str] = (),
    fetch: Sequence[str] = (),
) -> Schedule:
    """Write a schedule for building an edition.

    Nothing is installed: the files and the steps are for a person to look at and to carry out.

    Parameters
    ----------
    kind : str
        "systemd" (Linux, for one user, no administrator rights), "cron" (Unix) or "windows" (task for one user).
    edition : str
        Name of the edition.
    when : When, optional
        By default on day 5 of each month at 06:30.
    on_failure : str
        Command for the system's shell when a run fails, such as those of `mail_command` and `webhook_command`.
    options : sequence of str
        Options of `hcsp-assess run`.
    program : sequence of str, optional
        The program, with its whole path; by default this Python with ``-m hcsp_assess``.
    fetch : sequence of str, optional
        What `hcsp-assess fetch` is to download before each run, such as ``["archive"]``. Where that fails it is told,
        and the edition is built from what is there.

    Raises
    ------
    UsageError
        If the kind or what to fetch is unknown, or a path or command has a line break: no scheduler's file can hold it.
    """
    if kind not in get_args(Kind):
        raise UsageError(f"no scheduler {kind!r}: choose one of {', '.join(get_args(Kind))}")
    if fetch and fetch[0] not in FETCHED:
        raise UsageError(f"{fetch[0]!r} cannot be fetched before each run: choose one of {', '.join(FETCHED)}")
    root = str(project.root)
    start = [*(program or (sys.executable, "-m", "hcsp_assess"))]
    chosen = [*start, "run", edition, *options, "--project", root]
    before = [*start, "fetch", *fetch, "--quiet", "--project", root] if fetch else []
    if any(character in text for text in (*chosen, *before, on_failure) for character in "\r\n\0"):
        raise UsageError("a path or the command on failure has a line break: no scheduler's file can hold it")
    write = {"systemd": _systemd, "cron": _cron, "windows": _windows}[kind]
    return write(before, chosen, edition, project, when or When(), on_failure)


def mail_command(address: str, edition: str, kind: Kind) -> str:
    """Return a command that mails that a run failed, for `on_failure`; "" on Windows, which has none of its own."""
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+", address):
        raise UsageError(f"{address!r} is not a mail address")
    if kind == "windows":
        raise UsageError("Windows has no command that mails: use a webhook, or a command of your organisation's")
    subject = shlex.quote(f"hcsp-assess: edition {edition} failed")
    return f"echo 'See hcsp-assess status' | mail -s {subject} {address}"


def webhook_command(url: str, edition: str, kind: Kind) -> str:
    """Return a command that posts a line of JSON to an address when a run failed, for `on_failure`."""
    if not re.fullmatch(r"https?://[^\s\"'\\^&|<>;$`]+", url):
        raise UsageError(
            f"{url!r} is not an address that a webhook can have: it begins with https:// and needs no quotes"
        )
    text = f'{{"text": "hcsp-assess: edition {edition} failed"}}'
    data = '"' + text.replace('"', '\\"') + '"' if kind == "windows" else f"'{text}'"
    return f"curl -fsS -m 30 -H Content-Type:application/json -d {data} {url}"


def _systemd(
    fetch: list[str], command: list[str], edition: str, project: Project, when: When, on_failure: str
) -> Schedule:
    name = f"hcsp-assess-{_plain(edition)}"
    months = "*" if when.every == "month" else ",".join(f"{month:02d}" for month in when.months)
    service = [
        "[Unit]",
        f"Description=Community safety assessment, edition {_in_unit(edition)}",
        *([f"OnFailure={name}-failed.service"] if on_failure else []),
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={_in_unit(str(project.root))}",
        f'Environment="{VARIABLE}={_quoted(str(project.root))}"',
        *(["ExecStartPre=-" + _exec(fetch)] if fetch else []),  # "-": where it fails, the run is made all the same
        "ExecStart=" + _exec(command),
        f"TimeoutStartSec={LONGEST_HOURS}h",
        "Nice=10",
        "KillMode=control-group",
    ]
    timer = [
        "[Unit]",
        f"Description={_sentence(edition, when)}",
        "",
        "[Timer]",
        f"OnCalendar=*-{months}-{when.day:02d} {when.hour:02d}:{when.minute:02d}:00",
        "Persistent=true",
        "RandomizedDelaySec=15min",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    failed = [
        "[Unit]",
        f"Description=Tell that edition {_in_unit(edition)} failed",
        "",
        "[Service]",
        "Type=oneshot",
        f'ExecStart=/bin/sh -c "{_quoted(on_failure, command=True)}"',
    ]
    units = {f"{name}.service": service, f"{name}.timer": timer}
    units |= {f"{name}-failed.service": failed} if on_failure else {}
    folder = "~/.config/systemd/user"
    return Schedule(
        "systemd",
        tuple(ScheduleFile(f"{folder}/{unit}", "\n".join(lines) + "\n") for unit, lines in units.items()),
        (
            "systemctl --user daemon-reload",
            f"systemctl --user enable --now {name}.timer",
            "loginctl enable-linger    # so that it also runs while nobody is logged in",
            f"systemctl --user list-timers {name}.timer",
        ),
        f"{_sentence(edition, when)}, up to 15 minutes later, or as soon as the machine is on again. What it says is "
        f"in `journalctl --user -u {name}`.",
    )


def _exec(command: list[str]) -> str:
    """A command in a systemd unit."""
    return " ".join(f'"{_quoted(part, command=True)}"' for part in command)


def _cron(
    fetch: list[str], command: list[str], edition: str, project: Project, when: When, on_failure: str
) -> Schedule:
    months = "*" if when.every == "month" else ",".join(str(month) for month in when.months)
    line = f"{VARIABLE}={shlex.quote(str(project.root))} {shlex.join(command)}"
    if on_failure:
        line += f" || {{ {on_failure}; }}"
    if fetch:
        line = f"{shlex.join(fetch)}; {line}"
    line = line.replace("%", r"\%")  # cron takes an unescaped % for the end of the command
    text = f"# {_sentence(edition, when)}.\n{when.minute} {when.hour} {when.day} {months} * {line}\n"
    return Schedule(
        "cron",
        (ScheduleFile("a line of its own in the crontab", text),),
        ("crontab -e    # paste the lines above, save and close", "crontab -l    # look at what is there now"),
        f"{_sentence(edition, when)}. A run that fails says why, and cron mails what is said to the crontab's owner "
        "(or to the address in a line MAILTO=address above). A machine that is off at that time misses the run.",
    )


def _windows(
    fetch: list[str], command: list[str], edition: str, project: Project, when: When, on_failure: str
) -> Schedule:
    name = f"hcsp-assess {_plain(edition)}"
    file = f"{name.replace(' ', '-')}.xml"
    task = ElementTree.Element("Task", {"version": "1.2", "xmlns": TASK_NAMESPACE})
    about = ElementTree.SubElement(task, "RegistrationInfo")
    ElementTree.SubElement(about, "Description").text = f"{_sentence(edition, when)}."
    trigger = ElementTree.SubElement(ElementTree.SubElement(task, "Triggers"), "CalendarTrigger")
    begin = datetime.now(UTC).replace(day=1, hour=when.hour, minute=when.minute, second=0)
    ElementTree.SubElement(trigger, "StartBoundary").text = f"{begin:%Y-%m-%dT%H:%M:%S}"
    ElementTree.SubElement(trigger, "Enabled").text = "true"
    schedule = ElementTree.SubElement(trigger, "ScheduleByMonth")
    ElementTree.SubElement(ElementTree.SubElement(schedule, "DaysOfMonth"), "Day").text = str(when.day)
    months = ElementTree.SubElement(schedule, "Months")
    for month in when.months:
        ElementTree.SubElement(months, MONTHS[month - 1])
    settings = ElementTree.SubElement(task, "Settings")
    for setting, value in {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "ExecutionTimeLimit": f"PT{LONGEST_HOURS}H",
    }.items():
        ElementTree.SubElement(settings, setting).text = value
    action = ElementTree.SubElement(ElementTree.SubElement(task, "Actions"), "Exec")
    program, arguments = _windows_action(fetch, command, on_failure)
    ElementTree.SubElement(action, "Command").text = program
    ElementTree.SubElement(action, "Arguments").text = arguments
    ElementTree.SubElement(action, "WorkingDirectory").text = str(project.root)
    ElementTree.indent(task)
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + ElementTree.tostring(task, encoding="unicode") + "\n"
    return Schedule(
        "windows",
        (ScheduleFile(file, text, encoding="utf-16"),),
        (
            f'schtasks /Create /TN "{name}" /XML "{file}"',
            f'schtasks /Run /TN "{name}"',
            f'schtasks /Query /TN "{name}" /V /FO LIST',
        ),
        f"{_sentence(edition, when)}, or as soon as the machine is on again, while you are logged in. No administrator "
        f"rights are needed. What came of each run is in `hcsp-assess status`.",
    )


def _windows_action(fetch: list[str], command: list[str], on_failure: str) -> tuple[str, str]:
    import subprocess

    if not on_failure and not fetch:
        return command[0], subprocess.list2cmdline(command[1:])
    before, line = (subprocess.list2cmdline(part).replace("%", "%%") for part in (fetch, command))
    line = f"{before} & {line}" if fetch else line
    return "cmd.exe", f'/d /s /c "{line} || {on_failure}"' if on_failure else f'/d /s /c "{line}"'


def _sentence(edition: str, when: When) -> str:
    return f"Builds edition {edition} {when.words}"


def _plain(edition: str) -> str:
    """The edition's name as part of a file's or task's."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", edition)


def _in_unit(text: str) -> str:
    """Text in a systemd unit, where % begins a specifier."""
    return text.replace("%", "%%")


def _quoted(text: str, *, command: bool = False) -> str:
    """Text between quotation marks in a systemd unit; in a command $ begins a variable too."""
    text = _in_unit(text).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("$", "$$") if command else text


def write_files(schedule: Schedule, folder: Path) -> list[Path]:
    """Write a schedule's files into a folder to look at; systemd's go from there to where `where` says."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in schedule.files:
        path = folder / ("crontab.txt" if schedule.kind == "cron" else Path(file.where).name)
        path.write_text(file.text, encoding=file.encoding, newline="\r\n" if schedule.kind == "windows" else "\n")
        written.append(path)
    return written
