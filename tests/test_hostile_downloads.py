"""Downloads from servers that misbehave: endless bodies, redirections in a circle, headers that make no sense."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from attacks import attack
from local_site import make_project

from hcsp_assess.project import Project
from hcsp_assess.sources.fetch import Clock, FetchError, fetch_archive, fetch_fingertips, transfer
from hcsp_assess.sources.fetch.addresses import addresses
from hcsp_assess.sources.fetch.transfer import Connection

BY_HAND = "It should give what is at police_archive. Instead, do this by hand. Put the file in data/raw/police_uk/."


class Raw:
    """A server that sends the bytes it is given, one part after another, whatever they are."""

    def __init__(self) -> None:
        self.parts: Callable[[str], Iterator[bytes]] = lambda path: iter(())
        self.asked = 0
        raw = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                raw.asked += 1
                self.close_connection = True
                try:
                    for part in raw.parts(self.path):
                        self.wfile.write(part)
                except OSError:  # the client has hung up, as it should
                    pass

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture(scope="module")
def raw() -> Iterator[Raw]:
    server = Raw()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def project(raw: Raw, tmp_path: Path) -> Project:
    raw.asked = 0
    return make_project(tmp_path / "project", raw.url)


def no_wait(ticks: float = 0.0) -> Clock:
    """A clock that waits for nothing, and goes on by `ticks` seconds whenever it is looked at."""
    now = iter(range(10**9))
    return Clock(now=lambda: ticks * next(now), sleep=lambda seconds: None)


def answer(head: str, *parts: bytes, status: str = "200 OK") -> Callable[[str], Iterator[bytes]]:
    lines = f"HTTP/1.1 {status}\r\n{head}\r\n\r\n".replace("\n", "\r\n").replace("\r\r", "\r") if head else ""
    return lambda path: iter([(lines or f"HTTP/1.1 {status}\r\n\r\n").encode("latin-1"), *parts])


def endless(size: int, pause: float = 0.0) -> Callable[[str], Iterator[bytes]]:
    """An answer without a length that never ends."""

    def parts(path: str) -> Iterator[bytes]:
        yield b'HTTP/1.1 200 OK\r\nETag: "a"\r\n\r\n'
        while True:
            yield b"x" * size
            time.sleep(pause)

    return parts


def refused(project: Project, clock: Clock | None = None) -> str:
    with pytest.raises(FetchError) as error:
        fetch_archive(project, "2026-07", clock=clock or no_wait())
    said = str(error.value)
    assert said.endswith(BY_HAND)
    assert not list((project.raw / "police_uk").glob("*"))
    return said


@attack(
    "a file without a length that never ends", 'stopped at 20 GB (a page or a list at 500 MB): "gave more than ..."'
)
def test_an_endless_file_stops_at_a_stated_size(raw: Raw, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert transfer.LARGEST_DOWNLOAD == 20e9
    assert transfer.LARGEST_ANSWER == 500e6
    monkeypatch.setattr(transfer, "LARGEST_DOWNLOAD", 5_000_000)
    monkeypatch.setattr(transfer, "LARGEST_ANSWER", 3_000_000)
    raw.parts = endless(100_000)
    assert "gave more than 5 MB, which cannot be what was asked for" in refused(project)
    with (
        Connection(addresses(project.root)["police_archive"], clock=no_wait()) as connection,
        pytest.raises(FetchError, match="gave more than 3 MB"),
    ):
        connection.get(f"{raw.url}/list")


@attack("a server that sends one byte now and then", "stopped after four hours (a page or a list after 15 minutes)")
def test_a_file_that_arrives_too_slowly_stops_at_a_deadline(raw: Raw, project: Project) -> None:
    assert (transfer.LONGEST_DOWNLOAD, transfer.LONGEST_ANSWER) == (4 * 3600, 900)
    raw.parts = endless(1, 0.002)
    assert "sends too slowly: 0.0 MB were received in the time allowed" in refused(project, no_wait(ticks=400))
    with (
        Connection(addresses(project.root)["police_archive"], clock=no_wait(ticks=90)) as connection,
        pytest.raises(FetchError, match="sends too slowly"),
    ):
        connection.get(f"{raw.url}/list")


@attack("a server that hangs up after every byte", "stopped at the same deadline, though something arrived each time")
def test_a_server_that_always_hangs_up_is_not_asked_for_ever(raw: Raw, project: Project) -> None:
    def parts(path: str) -> Iterator[bytes]:
        yield b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 1000000\r\n\r\nx'

    raw.parts = parts
    assert re.search("sends too slowly|could not be fetched", refused(project, no_wait(ticks=300)))
    assert raw.asked < 100


@pytest.mark.parametrize(
    ("location", "message"),
    [
        pytest.param(
            "{url}/again",
            "redirects in a circle, or too often",
            marks=attack("redirections in a circle", "refused at once, without trying again"),
        ),
        pytest.param(
            "file:///etc/passwd",
            "does not lead to, an address of the web (http or https)",
            marks=attack("a redirection to file:///etc/passwd", "refused: not an address of the web; nothing is read"),
        ),
        pytest.param("ftp://127.0.0.1/x", "does not lead to, an address of the web"),
        pytest.param("http://[::1", "does not lead to, an address that can be used"),
        pytest.param("http://127.0.0.1:99999/", "does not lead to, an address that can be used"),
        pytest.param("http://a..b/", "does not lead to, an address that can be used"),
    ],
)
def test_redirections_that_lead_nowhere(raw: Raw, project: Project, location: str, message: str) -> None:
    raw.parts = answer(f"Location: {location.format(url=raw.url)}", status="302 Found")
    assert message in refused(project)
    assert raw.asked <= 31


@pytest.mark.parametrize("length", ["abc", "-5", "1e9", "²", "9" * 5000, "10, 20"])
@attack(
    "a Content-Length that is not a number, negative, or has 5,000 digits", "refused at once, with the length quoted"
)
def test_a_length_that_is_not_one(raw: Raw, project: Project, length: str) -> None:
    raw.parts = answer(f"Content-Length: {length}", b"x" * 10)
    assert re.search("gave a length of|sent a header that cannot be read", refused(project))
    assert raw.asked == 1


@attack("a Content-Length of 10^18 bytes", "refused before anything is received")
def test_a_length_beyond_any_file(raw: Raw, project: Project) -> None:
    raw.parts = answer("Content-Length: 999999999999999999", b"x" * 10)
    assert "gave more than 20,000 MB" in refused(project)


@pytest.mark.parametrize("after", ["soon", "²", "-1", "nan", "Mon, 99 Foo 20xx", "Fri, 31 Dec 9999 23:59:59 -0000"])
@attack("a Retry-After that cannot be read", "the usual wait, five attempts, then a sentence")
def test_a_wait_that_cannot_be_read(raw: Raw, project: Project, after: str) -> None:
    raw.parts = answer(f"Retry-After: {after}\nContent-Length: 0", status="503 Busy")
    assert re.search("could not be fetched in 5 attempts|asks to come back in more than a month", refused(project))


@pytest.mark.parametrize(
    ("after", "said"), [("9" * 400, "more than a month"), ("86400", "1 days"), ("3600", "60 minutes")]
)
@attack("a Retry-After of an hour, a day or for ever", "not waited for; the sentence says how long the server asks for")
def test_a_wait_that_is_too_long(raw: Raw, project: Project, after: str, said: str) -> None:
    raw.parts = answer(f"Retry-After: {after}\nContent-Length: 0", status="503 Busy")
    assert f"asks to come back in {said}" in refused(project)
    assert raw.asked == 1


@pytest.mark.parametrize("status", ["204 Nothing", "304 Same", "299 Odd"])
@attack("an answer with status 204 or 304, without a file", 'refused: "answered with status 204"')
def test_an_answer_without_a_file(raw: Raw, project: Project, status: str) -> None:
    raw.parts = answer("Content-Length: 0", status=status)
    assert f"answered with status {status[:3]}" in refused(project)


@attack("an answer in JSON nested 100,000 deep", "refused: it did not answer in JSON")
def test_deep_json(raw: Raw, project: Project) -> None:
    body = b"[" * 100_000
    raw.parts = answer(f"Content-Length: {len(body)}", body)
    with (
        Connection(addresses(project.root)["police_archive"], clock=no_wait()) as connection,
        pytest.raises(FetchError, match="did not answer in JSON"),
    ):
        connection.parse(raw.url, connection.get(raw.url).text)


@attack("what is remembered of a broken-off download is damaged", "the download starts again")
def test_a_damaged_memory_of_a_download(raw: Raw, project: Project) -> None:
    folder = project.raw / ".fetch"
    folder.mkdir()
    for content in ("null", "[1]", "{", "\udce9"):
        (folder / "2026-07.zip.part").write_bytes(b"half")
        (folder / "2026-07.zip.part.json").write_bytes(content.encode("utf-8", "surrogatepass"))
        raw.parts = answer("Content-Length: 4", b"xxxx")
        assert "not a whole zip" in refused(project) or "zip" in refused(project)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param(
            "file:///etc/passwd",
            r"http or https, not file",
            marks=attack("an address file:///etc/passwd in addresses.toml", "refused: not an address of the web"),
        ),
        ("C:\\\\data", "an address of the web"),
        ("", "the address is not, or does not lead to, an address of the web"),
        ("http://127.0.0.1:1/{month}", r"may have {snapshot} only"),
        ("http://127.0.0.1:1/{", "cannot be filled in"),
    ],
)
def test_addresses_of_a_project_that_cannot_be_used(project: Project, url: str, message: str) -> None:
    file = project.root / "addresses.toml"
    file.write_text(
        re.sub(r'url = "[^"]*snapshot[^"]*"', lambda _: f'url = "{url}"', file.read_text()), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=message):
        fetch_archive(project, "2026-07", clock=no_wait())


@attack("an indicator number of 23 digits", "asked for like any other; the server's answer is refused in a sentence")
def test_a_number_beyond_any_indicator(raw: Raw, project: Project) -> None:
    entry = (
        f'[fingertips]\nwhat = "x"\nurl = "{raw.url}/{{indicator}}/{{area_type}}"\nsure = "general"\n'
        'known_from = "this test"\nby_hand = "do this"\nfolder = "data/raw/open_data/fingertips"\n'
    )
    with (project.root / "addresses.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    raw.parts = answer("Content-Length: 2", b"hi")
    with pytest.raises(FetchError, match="gave something else"):
        fetch_fingertips(project, [10**22], clock=no_wait())
