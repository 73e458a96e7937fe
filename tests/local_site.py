"""A web site on this machine that answers as the publishers' interfaces are documented to, and fails on request."""

import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hcsp_assess.project import Project

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, list[str]]
    headers: dict[str, str]
    at: float = 0.0


@dataclass
class Answer:
    """What to answer; `cut` sends only so many bytes and hangs up, `claim` lies about the length, `hang` says nothing."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    claim: int | None = None
    hang: bool = False


@dataclass
class Site:
    """The site: `pages` by path; `faults` are used up one by one, for any path, before pages answer."""

    url: str
    pages: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)
    faults: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = lambda: 0.0

    def answer(self, asked: Asked) -> Answer:
        asked.at = self.clock()
        self.asked.append(asked)
        if self.faults:
            return self.faults.pop(0)
        page = self.pages.get(asked.path)
        return page(asked) if page else Answer(b"not here", 404)


class FakeClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds


@contextmanager
def serve() -> Iterator[Site]:
    """A site that answers until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            self.respond()

        def do_POST(self) -> None:
            self.respond()

        def respond(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            form = parse_qs(self.rfile.read(length).decode()) if length else {}
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = site.answer(Asked(self.command, parts.path, query, form, headers))
            if answer.hang:
                site.over.wait(20)
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) if answer.claim is None else answer.claim))
            self.end_headers()
            try:
                self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            if answer.cut is not None or answer.claim is not None:
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what the tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def serve_file(body: Callable[[], bytes], etag: Callable[[], str]) -> Callable[[Asked], Answer]:
    """A file as object stores serve it: ETag, ranges, and If-Range."""

    def page(asked: Asked) -> Answer:
        content, tag = body(), etag()
        headers = {"ETag": tag, "Accept-Ranges": "bytes"}
        wanted = asked.headers.get("range")
        if not wanted or asked.headers.get("if-range", tag) != tag:
            return Answer(content, 200, headers)
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            return Answer(b"beyond the end", 416, headers | {"Content-Range": f"bytes */{len(content)}"})
        reach = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Answer(content[start:], 206, headers | {"Content-Range": reach})

    return page


def make_zip(months: tuple[str, ...], force: str = "west-mercia", filler: int = 0) -> bytes:
    """A small archive in the layout of data.police.uk; `filler` makes it longer by random-looking bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for month in months:
            row = f"{month.replace('-', '') * 10}abcd,{month},West Mercia Police,West Mercia Police,-2.7,52.05,On or near A,"
            row += "E01013986,Herefordshire 012A,Burglary,Under investigation,\n"
            archive.writestr(f"{month}/{month}-{force}-street.csv", HEADER + row)
        archive.writestr("notes.txt", bytes(range(256)) * (filler // 256))
    return content.getvalue()


def make_project(root: Path, site: str) -> Project:
    """An empty project whose addresses are those of the local site."""
    (root / "notebooks").mkdir(parents=True)
    (root / "data" / "raw").mkdir(parents=True)
    entries = {
        "police_archive": (f"{site}/data/archive/{{snapshot}}.zip", "data/raw/police_uk", ""),
        "police_custom": (f"{site}/data/", "data/raw/police_uk", ""),
        "police_api": (f"{site}/api/", "data/raw/police_uk", "per_second = 15\nburst = 30\n"),
        "recorded_crime": (f"{site}/api/content/tables", "data/raw/recorded_crime", ""),
        "ons": (f"{site}/services/{{layer}}/FeatureServer/0/query", "data/raw/geography", ""),
    }
    text = "".join(
        f'[{key}]\nwhat = "what is at {key}"\nurl = "{url}"\nsure = "general"\nknown_from = "this test"\n'
        f'by_hand = "do this by hand"\nfolder = "{folder}"\n{more}'
        for key, (url, folder, more) in entries.items()
    )
    (root / "addresses.toml").write_text(text + LAYERS, encoding="utf-8")
    return Project(root)


LAYERS = """
[ons.layers]
lsoa11_to_ward = ["LSOA11_WD22_LAD22_EW_LU", "LSOA11_WD21_LAD21_EW_LU"]
district_to_partnership = ["LAD21_CSP21_PFA21_EW_LU"]
lsoa11_to_lsoa21 = ["LSOA11_LSOA21_LAD22_EW_LU_v5"]
lsoa11 = ["LSOA11_BGC"]
lsoa21 = ["LSOA21_BGC"]
wards = ["WD25_BGC"]
"""
