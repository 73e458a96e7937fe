"""HTTP downloads within the publisher's limits: retried when that helps, resumed when interrupted."""

import contextlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
import urllib3
from urllib3.exceptions import HTTPError

from hcsp_assess import __version__
from hcsp_assess.errors import InputError
from hcsp_assess.files import read_json_object, sha256_of, write_whole
from hcsp_assess.sources.fetch.addresses import Address

Progress = Callable[[str, int, int], None]
T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
LONGEST_WAIT = 600.0  # a server that asks for more is left alone
LONGEST_DOWNLOAD = 4 * 3600.0  # seconds for one file: the largest needs an hour on a line of 4 Mbit/s
LONGEST_ANSWER = 900.0  # seconds for a page, a form or a list
CHUNK = 1 << 18
WITH_CONTENT = {200, 203, 206, 416}
BUSY = {408, 425, 429, 500, 502, 503, 504}
MEGABYTE = 1_000_000
LARGEST_ANSWER = 500 * MEGABYTE  # bytes of a page, a form or a list, unpacked; the largest known has 20 MB
LARGEST_DOWNLOAD = 20_000 * MEGABYTE  # bytes of a file; the largest published has 1,700 MB


class FetchError(InputError):
    """Something could not be fetched; the message names the address and says what to do by hand."""


class _Transient(Exception):  # noqa: N818 - never shown to anybody as it is
    """A failure that may pass: `wait` seconds were asked for by the server, if any."""

    def __init__(self, reason: str, wait: float = 0.0, status: int = 0) -> None:
        super().__init__(reason)
        self.wait = wait
        self.status = status


@dataclass(frozen=True)
class Clock:
    """Time as the transfer sees it; tests give one that does not wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Pace:
    """A bucket that fills at `per_second` up to `burst`: each request takes one, or waits for it.

    A quarter of the publisher's limits is left unused, because its clock and ours differ.
    """

    per_second: float
    burst: int
    clock: Clock
    tokens: float = field(init=False)
    filled: float = field(init=False)

    def __post_init__(self) -> None:
        self.per_second, self.burst = 0.75 * self.per_second, max(1, int(0.75 * self.burst))
        self.tokens, self.filled = float(self.burst), self.clock.now()

    def wait(self) -> None:
        """Wait until one more request is within the limits."""
        self._fill()
        if self.tokens < 1:
            self.clock.sleep((1 - self.tokens) / self.per_second)
            self._fill()
        self.tokens -= 1

    def _fill(self) -> None:
        now = self.clock.now()
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.per_second)
        self.filled = now


@dataclass(frozen=True)
class Downloaded:
    """A whole file under its temporary name.

    Attributes
    ----------
    part : Path
        Where it is.
    url : str
        Where it came from in the end, after redirections.
    etag, last_modified : str
        What the server says of its version; "" where it says nothing.
    """

    part: Path
    url: str
    etag: str
    last_modified: str
    bytes: int
    sha256: str


class Connection:
    """One session with one publisher.

    Parameters
    ----------
    address : Address
        For its limits, and for what to say when it fails.
    attempts : int
        How often in a row a request may fail before it is given up.
    read_seconds : float
        How long the server may say nothing.
    """

    def __init__(
        self, address: Address, *, clock: Clock | None = None, attempts: int = 5, read_seconds: float = READ_SECONDS
    ) -> None:
        self.address = address
        self.clock = clock or Clock()
        self.attempts = attempts
        self._pace = Pace(address.per_second, address.burst, self.clock)
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"hcsp-assess/{__version__} (community safety assessment)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(self, url: str, parameters: Mapping[str, Any] | None = None) -> requests.Response:
        """Get one complete answer; raises `FetchError` if every attempt fails."""
        return self._tried(url, lambda: self._whole("GET", url, params=parameters))

    def post(
        self, url: str, form: Any, *, headers: Mapping[str, str] | None = None, too_much: int = 0
    ) -> requests.Response | None:
        """Send a form and get the answer whole.

        Parameters
        ----------
        too_much : int
            Status by which this server says that the question is too big, though it may also mean that it is busy.

        Returns
        -------
        requests.Response or None
            None where the server kept answering `too_much`.
        """
        try:
            return self._tried(url, lambda: self._whole("POST", url, data=form, headers=headers), too_much)
        except _Transient:
            return None

    def look(self, url: str) -> requests.Response:
        """Get the head of an answer, with its final address, and leave the body."""
        return self._tried(url, lambda: self._head_only(url))

    def download(self, url: str, part: Path, *, progress: Progress | None = None, name: str = "") -> Downloaded:
        """Download a file under its temporary name, going on where an earlier attempt broke off.

        A part is gone on with only where the server confirms, by `If-Range`, that the file is still the same; otherwise
        the download starts again. Attempts are counted anew whenever something arrived.

        Parameters
        ----------
        part : Path
            The temporary name; `PART.json` beside it remembers which version of the file it is a part of.
        progress : callable, optional
            Called with the stage, and megabytes done and to do.
        name : str
            What the stage calls the file.

        Raises
        ------
        FetchError
            If it cannot be downloaded, has more than `LARGEST_DOWNLOAD` bytes, or takes longer than `LONGEST_DOWNLOAD`;
            what arrived is kept for the next time, unless it was too much.
        InputError
            If it would not fit on the disk.
        """
        part.parent.mkdir(parents=True, exist_ok=True)
        stage = f"Downloading {name or part.stem} (MB)"
        deadline = self.clock.now() + LONGEST_DOWNLOAD
        while not self._tried(url, lambda: self._more(url, part, stage, progress, deadline)):
            pass
        about = _read_about(part)
        size, digest = part.stat().st_size, sha256_of(part)
        return Downloaded(part, about["final"], about["etag"], about["last_modified"], size, digest)

    def parse(self, url: str, text: str) -> Any:
        """Parse an answer in JSON; raises `FetchError` if it is not JSON."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.fail(url, f"did not answer in JSON ({error})") from error

    def fail(self, url: str, reason: str) -> FetchError:
        """What to raise where an address gave nothing usable."""
        return FetchError(
            f"{url or 'the address'} {reason}. It should give {self.address.what}. {self.address.instead}"
        )

    def _tried(self, url: str, action: Callable[[], T], too_much: int = 0) -> T:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=_wait,
            sleep=self.clock.sleep,
            retry=tenacity.retry_if_exception_type(_Transient),
            reraise=True,
        )
        try:
            return retrying(action)
        except _Transient as error:
            if too_much and error.status == too_much:
                raise
            raise self.fail(url, f"could not be fetched in {self.attempts} attempts ({error})") from error

    def _whole(self, method: str, url: str, **how: Any) -> requests.Response:
        deadline = self.clock.now() + LONGEST_ANSWER
        with self._request(method, url, **how) as response, _network():
            content = bytearray()
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                content += chunk
                self._check_bounds(url, len(content), LARGEST_ANSWER, deadline)
            response._content = bytes(content)  # what `content` would have read without a limit
            return response

    def _head_only(self, url: str) -> requests.Response:
        with self._request("GET", url, headers={"Accept-Encoding": "identity"}) as response:
            return response

    def _request(self, method: str, url: str, **how: Any) -> requests.Response:
        self._pace.wait()
        with _network(), self._refused(url):
            response = self._session.request(method, url, stream=True, timeout=self._timeout, **how)
        if response.status_code in BUSY:
            response.close()
            wait = _asked_for(response)
            if wait > LONGEST_WAIT:
                raise self.fail(url, f"asks to come back in {_in_words(wait)} (status {response.status_code})")
            raise _Transient(f"status {response.status_code}", wait, response.status_code)
        length = response.headers.get("Content-Length", "0")
        if response.status_code not in WITH_CONTENT or _number(length) is None:
            response.close()
            bad_length = response.status_code in WITH_CONTENT
            told = f"gave a length of {length[:40]!r}, which is not a number of bytes" if bad_length else ""
            raise self.fail(url, told or f"answered with status {response.status_code}")
        return response

    @contextlib.contextmanager
    def _refused(self, url: str) -> Iterator[None]:
        """Turn an address or a chain of redirections that cannot be followed into a `FetchError`: no wait helps."""
        try:
            yield
        except requests.exceptions.TooManyRedirects as error:
            raise self.fail(url, "redirects in a circle, or too often") from error
        except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as error:
            asked = urlsplit(url).scheme
            also = "" if asked in ("http", "https") else f", not {asked or 'an address without a scheme'}"
            raise self.fail(url, f"is not, or does not lead to, an address of the web (http or https{also})") from error
        except requests.exceptions.InvalidHeader as error:
            raise self.fail(url, f"sent a header that cannot be read ({error})") from error
        except ValueError as error:  # also requests' InvalidURL, and Unicode errors
            raise self.fail(url, "is not, or does not lead to, an address that can be used") from error

    def _check_bounds(self, url: str, size: int, most: int, deadline: float) -> None:
        if size > most:
            raise self.fail(url, f"gave more than {most // MEGABYTE:,} MB, which cannot be what was asked for")
        if self.clock.now() > deadline:
            raise self.fail(url, f"sends too slowly: {size / MEGABYTE:,.1f} MB were received in the time allowed")

    def _more(self, url: str, part: Path, stage: str, progress: Progress | None, deadline: float) -> bool:
        """Receive more of a file; True when it is whole, False when it broke off after some more had come."""
        had = part.stat().st_size if part.exists() else 0
        self._check_bounds(url, had, LARGEST_DOWNLOAD, deadline)
        validator = _read_about(part)["validator"] if had else ""
        headers = {"Accept-Encoding": "identity"}
        if had and validator:
            headers |= {"Range": f"bytes={had}-", "If-Range": validator}
        with self._request("GET", url, headers=headers) as response:
            start, total = _span(response, had)
            if start < 0:
                discard(part)
                raise _Transient("the part already downloaded no longer matches the file")
            if start == total > 0:
                return True
            if start == 0:
                _write_about(part, response)
            self._check_bounds(url, total, LARGEST_DOWNLOAD, deadline)
            self._check_space(part, total - start, url)
            told = _megabytes(progress, stage)

            def watched(done: int, total: int) -> None:
                self._check_bounds(url, done, LARGEST_DOWNLOAD, deadline)
                told(done, total)

            try:
                _receive(response, part, start, total, watched)
            except _Transient:
                if part.stat().st_size > had:
                    return False
                raise
        return True

    def _check_space(self, part: Path, needed: int, url: str) -> None:
        free = shutil.disk_usage(part.parent).free
        if needed > free:
            raise InputError(
                f"{url} needs {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free where {part.parent} is: free "
                "some space"
            )


def _receive(response: requests.Response, part: Path, start: int, total: int, told: Callable[[int, int], None]) -> None:
    done = start
    with part.open("ab" if start else "wb") as file, _network():
        while chunk := response.raw.read1(CHUNK):  # what has arrived, so that nothing of it is lost when it breaks off
            file.write(chunk)
            done += len(chunk)
            told(done, total)
    if total and done != total:
        raise _Transient(f"{done:,} of {total:,} bytes were received")


def _span(response: requests.Response, had: int) -> tuple[int, int]:
    """Where the answer starts in the file (-1 where it cannot be used), and how long the file is (0 for unknown)."""
    if response.status_code in (200, 203):
        return 0, _number(response.headers.get("Content-Length", "0")) or 0
    reach, _, total = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    fits = reach.startswith(f"{had}-") if response.status_code == 206 else total == str(had)  # 416: all of it is here
    return (had, _number(total) or 0) if fits and _number(total) is not None else (-1, 0)


def _number(text: str) -> int | None:
    """A number of bytes or seconds in a header, or None if it is not one."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text.strip()) else None


def _in_words(seconds: float) -> str:
    days = seconds / 86_400
    return f"{seconds / 60:.0f} minutes" if days < 1 else "more than a month" if days > 31 else f"{days:.0f} days"


def discard(part: Path) -> None:
    """Remove a part and what is remembered of it."""
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}.json").unlink(missing_ok=True)


def _write_about(part: Path, response: requests.Response) -> None:
    """Remember which version of the file a part is of. A weak ETag cannot vouch for bytes; the time of change can."""
    etag, modified = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    about = {
        "final": response.url,
        "etag": etag,
        "last_modified": modified,
        "validator": etag if etag and not etag.startswith("W/") else modified,
    }
    part.unlink(missing_ok=True)
    write_whole(part.with_name(f"{part.name}.json"), json.dumps(about).encode())


def _read_about(part: Path) -> dict[str, str]:
    about = read_json_object(part.with_name(f"{part.name}.json"))
    return {name: str(about.get(name, "")) for name in ("final", "etag", "last_modified", "validator")}


@contextlib.contextmanager
def _network() -> Iterator[None]:
    """Tell failures that may pass from others."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise FetchError(
            f"{_address_of(error)} has a certificate that this computer does not trust. If your network inspects "
            "encrypted traffic, ask IT for its certificate file and set REQUESTS_CA_BUNDLE to its path"
        ) from error
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise _Transient("no answer in time") from error
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError, HTTPError) as error:
        raise _Transient(f"the connection failed or broke off: {type(error).__name__}") from error


def _address_of(error: requests.exceptions.RequestException) -> str:
    return str(error.request.url) if error.request is not None else "the server"


def _wait(state: tenacity.RetryCallState) -> float:
    """As long as the server asked for, or ever longer, by chance a little more."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, _Transient) else 0.0
    return max(asked, tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)(state))


def _asked_for(response: requests.Response) -> float:
    """Seconds to wait by the header Retry-After, given in seconds or as a date."""
    from email.utils import parsedate_to_datetime

    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):  # not understood: the usual wait
        return 0.0


def _megabytes(progress: Progress | None, stage: str) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if progress:
            progress(stage, done // MEGABYTE, max(total, done) // MEGABYTE)

    return told
