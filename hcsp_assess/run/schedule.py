"""Write the files for an unattended run: a systemd timer, a cron line or a Windows task."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from hcsp_assess.errors import UsageError
from hcsp_assess.project import VARIABLE, Project

KINDS = ("systemd", "cron", "windows")
INTERVALS = ("month", "quarter")
#: data.police.uk publishes a month about two months later: a quarter's last month is there early in the third month on.
QUARTERS = (3, 6, 9, 12)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
LONGEST_HOURS = 6
#: Characters that end a line for some program, or that no line of text has.
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
#: What cmd.exe reads as more than text where it is not between quotation marks.
SPECIAL_TO_CMD = re.compile(r"[&|<>^()@!;,='`\s]")
FETCHED = ("archive", "force", "month")
RUN_OPTIONS = ("--quiet", "--only-if-changed")
UNITS = "~/.config/systemd/user"
TASK_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
TASK_SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "ExecutionTimeLimit": f"PT{LONGEST_HOURS}H",
}


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

    kind: str
    files: tuple[ScheduleFile, ...]
    steps: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class When:
    """When to run: each month or quarter, on a day (1 to 28) at an hour and minute of the machine's clock."""

    every: str = "month"
    day: int = 5
    hour: int = 6
    minute: int = 30

    def __post_init__(self) -> None:
        if self.every not in INTERVALS:
            raise UsageError(f"every {self.every!r} is not an interval: choose month or quarter")
        if not (1 <= self.day <= 28 and 0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise UsageError(
                f"day {self.day} at {self.hour:02d}:{self.minute:02d} does not occur every month: choose a day from 1 "
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


@dataclass(frozen=True)
class Notice:
    """Who hears of a run that failed: by a mail, by a webhook, or by a command of your own; "" for none."""

    mail: str = ""
    webhook: str = ""
    own_command: str = ""

    def command(self, edition: str, kind: str) -> str:
        """Return the command, for `on_failure`; raises `UsageError` if more than one of the three is given."""
        if sum(map(bool, (self.mail, self.webhook, self.own_command))) > 1:
            raise UsageError("give only one of --mail, --webhook and --on-failure")
        if self.mail:
            return mail_command(self.mail, edition, kind)
        return webhook_command(self.webhook, edition, kind) if self.webhook else self.own_command


@dataclass(frozen=True)
class _Job:
    """What a scheduler is to do: the commands that fetch and run, when, and what follows where the run fails."""

    edition: str
    root: str
    when: When
    fetch: list[str]
    run: list[str]
    on_failure: str

    @property
    def sentence(self) -> str:
        return f"Builds edition {self.edition} {self.when.words}"

    @property
    def plain_edition(self) -> str:
        """The edition's name as part of a file's or task's."""
        return _plain(self.edition)

    def months(self, form: str) -> str:
        """The months as systemd and cron list them, each number in a form such as "02d"."""
        return "*" if self.when.every == "month" else ",".join(format(month, form) for month in self.when.months)


def _plain(edition: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", edition)


def write_schedule(
    kind: str,
    edition: str,
    project: Project,
    *,
    when: When | None = None,
    on_failure: str = "",
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
    program : sequence of str, optional
        The program, with its whole path; by default this Python with ``-m hcsp_assess``.
    fetch : sequence of str, optional
        What `hcsp-assess fetch` is to download before each run, such as ``["archive"]``. Where that fails, the edition
        is built from what is there.

    Raises
    ------
    UsageError
        If the kind or what to fetch is unknown, or a path or command has a line break: write it on one line.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no scheduler {kind!r}: choose one of {', '.join(KINDS)}")
    if fetch and fetch[0] not in FETCHED:
        raise UsageError(f"{fetch[0]!r} cannot be fetched before each run: choose one of {', '.join(FETCHED)}")
    root = str(project.root)
    start = [*(program or (sys.executable, "-m", "hcsp_assess"))]
    run = [*start, "run", edition, *RUN_OPTIONS, "--project", root]
    before = [*start, "fetch", *fetch, "--quiet", "--project", root] if fetch else []
    _refuse_breaks(edition, (*run, *before, on_failure), kind)
    write = {"systemd": _systemd, "cron": _cron, "windows": _windows}[kind]
    return write(_Job(edition, root, when or When(), before, run, on_failure))


def _refuse_breaks(edition: str, texts: Sequence[str], kind: str) -> None:
    """Refuse what no scheduler's file can hold on one line, and a name that cmd.exe would take apart."""
    if BREAKS.search(edition):
        raise UsageError("the edition's name has a line break: rename its file in editions/")
    if any(BREAKS.search(text) for text in texts):
        raise UsageError("a path or the command on failure has a line break: write it on one line")
    if kind == "windows" and '"' in edition:
        raise UsageError("the edition's name has a quotation mark, which Windows does not allow: rename its file")


def mail_command(address: str, edition: str, kind: str) -> str:
    """Return a command that mails that a run failed, for `on_failure`; refused on Windows, which has none."""
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+", address):
        raise UsageError(f"{address!r} is not an e-mail address")
    if kind == "windows":
        raise UsageError("Windows has no command to send e-mail: use a webhook, or your organisation's own command")
    subject = shlex.quote(f"hcsp-assess: edition {edition} failed")
    return f"echo 'See hcsp-assess status' | mail -s {subject} {address}"


def webhook_command(url: str, edition: str, kind: str) -> str:
    """Return a command that posts a line of JSON to an address when a run failed, for `on_failure`."""
    if not re.fullmatch(r"https?://[^\s\"'\\^&|<>;$`]+", url):
        raise UsageError(
            f"{url!r} is not a webhook address: it must begin with https:// and contain no quotation marks"
        )
    name = _plain(edition) if kind == "windows" else edition  # cmd.exe has no way to quote everything
    text = json.dumps({"text": f"hcsp-assess: edition {name} failed"})
    data = '"' + text.replace('"', '\\"') + '"' if kind == "windows" else shlex.quote(text)
    return f"curl -fsS -m 30 -H Content-Type:application/json -d {data} {url}"


def _systemd(job: _Job) -> Schedule:
    name = f"hcsp-assess-{job.plain_edition}"
    units = {f"{name}.service": _service(job, name), f"{name}.timer": _timer(job)}
    units |= {f"{name}-failed.service": _failure_service(job)} if job.on_failure else {}
    return Schedule(
        "systemd",
        tuple(ScheduleFile(f"{UNITS}/{unit}", "\n".join(lines) + "\n") for unit, lines in units.items()),
        (
            "systemctl --user daemon-reload",
            f"systemctl --user enable --now {name}.timer",
            "loginctl enable-linger    # so that it also runs while you are logged out",
            f"systemctl --user list-timers {name}.timer",
        ),
        f"{job.sentence}, up to 15 minutes later, or as soon as the computer is on again. Its messages are in "
        f"`journalctl --user -u {name}`.",
    )


def _service(job: _Job, name: str) -> list[str]:
    return [
        "[Unit]",
        f"Description=Community safety assessment, edition {_described(job.edition)}",
        *([f"OnFailure={name}-failed.service"] if job.on_failure else []),
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={_in_unit(job.root)}",
        f'Environment="{VARIABLE}={_quoted(job.root)}"',
        # "-": where fetching fails, the run is made all the same
        *(["ExecStartPre=-" + _exec(job.fetch)] if job.fetch else []),
        "ExecStart=" + _exec(job.run),
        f"TimeoutStartSec={LONGEST_HOURS}h",
        "Nice=10",
        "KillMode=control-group",
    ]


def _timer(job: _Job) -> list[str]:
    when = job.when
    return [
        "[Unit]",
        f"Description={_described(job.sentence)}",
        "",
        "[Timer]",
        f"OnCalendar=*-{job.months('02d')}-{when.day:02d} {when.hour:02d}:{when.minute:02d}:00",
        "Persistent=true",
        "RandomizedDelaySec=15min",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]


def _failure_service(job: _Job) -> list[str]:
    return [
        "[Unit]",
        f"Description=Report that edition {_described(job.edition)} failed",
        "",
        "[Service]",
        "Type=oneshot",
        f'ExecStart=/bin/sh -c "{_quoted(job.on_failure, command=True)}"',
    ]


def _exec(command: list[str]) -> str:
    """A command in a systemd unit."""
    return " ".join(f'"{_quoted(part, command=True)}"' for part in command)


def _in_unit(text: str) -> str:
    """Text in a systemd unit, where % begins a specifier."""
    return text.replace("%", "%%")


def _described(text: str) -> str:
    """Text of a description in a systemd unit, where a backslash at the end of a line joins the next one to it."""
    return _in_unit(text).replace("\\", "/")


def _quoted(text: str, *, command: bool = False) -> str:
    """Text between quotation marks in a systemd unit; in a command $ begins a variable too."""
    text = _in_unit(text).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("$", "$$") if command else text


def _cron(job: _Job) -> Schedule:
    line = f"{VARIABLE}={shlex.quote(job.root)} {shlex.join(job.run)}"
    if job.on_failure:
        line += f" || {{ {job.on_failure}; }}"
    if job.fetch:
        line = f"{shlex.join(job.fetch)}; {line}"
    line = line.replace("%", r"\%")  # cron takes an unescaped % for the end of the command
    text = f"# {job.sentence}.\n{job.when.minute} {job.when.hour} {job.when.day} {job.months('d')} * {line}\n"
    return Schedule(
        "cron",
        (ScheduleFile("a line of its own in the crontab", text),),
        ("crontab -e    # paste the lines above, save and close", "crontab -l    # look at what is there now"),
        f"{job.sentence}. If a run fails, cron mails the reason to the crontab's owner (or to the address in a line "
        "MAILTO=address above). If the computer is off at that time, the run is missed.",
    )


def _windows(job: _Job) -> Schedule:
    name = f"hcsp-assess {job.plain_edition}"
    file = f"{name.replace(' ', '-')}.xml"
    return Schedule(
        "windows",
        (ScheduleFile(file, _task_text(job), encoding="utf-16"),),
        (
            f'schtasks /Create /TN "{name}" /XML "{file}"',
            f'schtasks /Run /TN "{name}"',
            f'schtasks /Query /TN "{name}" /V /FO LIST',
        ),
        f"{job.sentence}, or as soon as the computer is on again, while you are logged in. No administrator "
        f"rights are needed. `hcsp-assess status` shows how each run ended.",
    )


def _task_text(job: _Job) -> str:
    """The task as XML, with its parts in the schema's order."""
    task = ElementTree.Element("Task", {"version": "1.2", "xmlns": TASK_NAMESPACE})
    _add(_add(task, "RegistrationInfo"), "Description", f"{job.sentence}.")
    _add_trigger(_add(task, "Triggers"), job.when)
    settings = _add(task, "Settings")
    for setting, value in TASK_SETTINGS.items():
        _add(settings, setting, value)
    action = _add(_add(task, "Actions"), "Exec")
    program, arguments = _task_action(job)
    _add(action, "Command", program)
    _add(action, "Arguments", arguments)
    _add(action, "WorkingDirectory", job.root)
    ElementTree.indent(task)
    return '<?xml version="1.0" encoding="UTF-16"?>\n' + ElementTree.tostring(task, encoding="unicode") + "\n"


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = text
    return element


def _add_trigger(triggers: ElementTree.Element, when: When) -> None:
    trigger = _add(triggers, "CalendarTrigger")
    begin = datetime.now(UTC).replace(day=1, hour=when.hour, minute=when.minute, second=0)
    _add(trigger, "StartBoundary", f"{begin:%Y-%m-%dT%H:%M:%S}")
    _add(trigger, "Enabled", "true")
    by_month = _add(trigger, "ScheduleByMonth")
    _add(_add(by_month, "DaysOfMonth"), "Day", str(when.day))
    months = _add(by_month, "Months")
    for month in when.months:
        _add(months, MONTHS[month - 1])


def _task_action(job: _Job) -> tuple[str, str]:
    """The program of a Windows task and its arguments; through cmd.exe where one command follows another."""
    if not job.on_failure and not job.fetch:
        return job.run[0], subprocess.list2cmdline(job.run[1:])
    before, line = (" ".join(map(_for_cmd, part)).replace("%", "%%") for part in (job.fetch, job.run))
    line = f"{before} & {line}" if job.fetch else line
    return "cmd.exe", f'/d /s /c "{line} || {job.on_failure}"' if job.on_failure else f'/d /s /c "{line}"'


def _for_cmd(part: str) -> str:
    """A part of a command for cmd.exe, between quotation marks where it has a character that is special there."""
    quoted = subprocess.list2cmdline([part])
    return f'"{quoted}"' if SPECIAL_TO_CMD.search(part) and not quoted.startswith('"') else quoted


def write_files(schedule: Schedule, folder: Path) -> list[Path]:
    """Write a schedule's files into a folder to look at; systemd's are then put where each file's `where` says."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in schedule.files:
        path = folder / ("crontab.txt" if schedule.kind == "cron" else Path(file.where).name)
        path.write_text(file.text, encoding=file.encoding, newline="\r\n" if schedule.kind == "windows" else "\n")
        written.append(path)
    return written
