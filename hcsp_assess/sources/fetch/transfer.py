"""HTTP downloads within the publisher's limits: retried when that helps, resumed when interrupted."""

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import requests
import tenacity
import urllib3
from urllib3.exceptions import HTTPError

from hcsp_assess import __version__
from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of, write_whole
from hcsp_assess.sources.fetch.addresses import Address

Progress = Callable[[str, int, int], None]
T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
LONGEST_WAIT = 600.0  # a server that asks for more is left alone
CHUNK = 1 << 18
BUSY = {408, 425, 429, 500, 502, 503, 504}
MEGABYTE = 1_000_000


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
            If it cannot be downloaded; what arrived is kept for the next time.
        InputError
            If it would not fit on the disk.
        """
        part.parent.mkdir(parents=True, exist_ok=True)
        stage = f"Downloading {name or part.stem} (MB)"
        while not self._tried(url, lambda: self._more(url, part, stage, progress)):
            pass
        about = _read_about(part)
        size, digest = part.stat().st_size, sha256_of(part)
        return Downloaded(part, about["final"], about["etag"], about["last_modified"], size, digest)

    def parse(self, url: str, text: str) -> Any:
        """Parse an answer in JSON; raises `FetchError` if it is not JSON."""
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise self.fail(url, f"did not answer in JSON ({error})") from error

    def fail(self, url: str, reason: str) -> FetchError:
        """What to raise where an address gave nothing usable."""
        return FetchError(f"{url} {reason}. It should give {self.address.what}. {self.address.instead}")

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
        with self._request(method, url, **how) as response, _network():
            response.content  # noqa: B018 - reads the body while failures of the network are still caught
            return response

    def _head_only(self, url: str) -> requests.Response:
        with self._request("GET", url, headers={"Accept-Encoding": "identity"}) as response:
            return response

    def _request(self, method: str, url: str, **how: Any) -> requests.Response:
        self._pace.wait()
        with _network():
            response = self._session.request(method, url, stream=True, timeout=self._timeout, **how)
        if response.status_code in BUSY:
            response.close()
            wait = _asked_for(response)
            if wait > LONGEST_WAIT:
                raise self.fail(url, f"asks to come back in {wait / 60:.0f} minutes (status {response.status_code})")
            raise _Transient(f"status {response.status_code}", wait, response.status_code)
        if response.status_code >= 400 and response.status_code != 416:
            response.close()
            raise self.fail(url, f"answered with status {response.status_code}")
        return response

    def _more(self, url: str, part: Path, stage: str, progress: Progress | None) -> bool:
        """Receive more of a file; True when it is whole, False when it broke off after some more had come."""
        had = part.stat().st_size if part.exists() else 0
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
            self._check_space(part, total - start, url)
            try:
                _receive(response, part, start, total, _megabytes(progress, stage))
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
    if response.status_code == 200:
        return 0, int(response.headers.get("Content-Length", 0))
    reach, _, total = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    fits = reach.startswith(f"{had}-") if response.status_code == 206 else total == str(had)  # 416: all of it is here
    return (had, int(total)) if fits and total.isdigit() else (-1, 0)


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
    about = part.with_name(f"{part.name}.json")
    empty = {"final": "", "etag": "", "last_modified": "", "validator": ""}
    return empty | json.loads(about.read_text(encoding="utf-8")) if about.exists() else empty


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
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return 0.0


def _megabytes(progress: Progress | None, stage: str) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if progress:
            progress(stage, done // MEGABYTE, max(total, done) // MEGABYTE)

    return told
