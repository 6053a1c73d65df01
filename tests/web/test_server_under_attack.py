"""The server among clients that are slow, many, huge, malformed or not from here: it keeps serving the page alone."""

import random
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from raw_http import APP, PAGE, asked, connected, said, serving

from mobilevos.web import server as page_server
from mobilevos.web.hosts import is_loopback
from mobilevos.web.server import make_server
from mobilevos.web.site import Site
from waiting import PATIENCE, wait_until

PATIENT = 3.0
"""Seconds that a server waits for its clients, long enough for those who mean well on a busy machine."""


def assert_serves(port: int) -> None:
    """While others are there: an answer that waited for them would not come before the test gives up."""
    assert asked(port)[2] == APP


# --- what is not the page


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/errors.py",
        "/%252e%252e/errors.py",
        "/effects/..%2fserver.py",
        "/effects/%2e%2e%2fapp.js",
        "/effects/../app.js",
        "/..\\server.py",
        "/..%5c..%5cerrors.py",
        "/%c0%ae%c0%ae/errors.py",
        "/%2fetc%2fpasswd",
        "//etc/passwd",
        "/file:///etc/passwd",
        "/C:/Windows/win.ini",
        "/C:%5cWindows%5cwin.ini",
        "/app.js%00.html",
        "/app.js/",
        "/app.js/..",
        "/./app.js",
        "/server.py",
        "/__pycache__/server.cpython-311.pyc",
        "/ort/../app.js",
    ],
)
def test_no_path_leads_out_of_the_page(port: int, path: str) -> None:
    assert asked(port, path)[0] == 404


def test_links_in_the_runtimes_folder_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    ort = tmp_path / "ort"
    ort.mkdir()
    (ort / "link.txt").symlink_to(tmp_path / "secret.txt")
    (ort / "up").symlink_to(tmp_path, target_is_directory=True)
    with serving(ort) as port:
        for path in ("/ort/link.txt", "/ort/up/secret.txt", "/ort/up/ort/link.txt"):
            assert asked(port, path)[0] == 404


# --- who is answered


def test_only_this_machine_unless_asked(tmp_path: Path) -> None:
    with make_server(Site(tmp_path), port=0) as server:
        assert server.server_address[0] == "127.0.0.1"
        with socket.socket() as line:
            line.settimeout(2)
            others = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
            for address in others - {"127.0.0.1"}:
                assert line.connect_ex((address, server.server_port)) != 0


LOCAL = [
    "localhost",
    "localhost:8000",
    "LOCALHOST",
    "localhost.",
    "page.localhost",
    "127.0.0.1:1",
    "127.8.8.8",
    "[::1]:8",
]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "notlocalhost",
    "192.168.1.4",
    "0.0.0.0",
    "[::]",
    "[::ffff:1.2.3.4]",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost/evil",
    "[localhost",
    "::1]",
    "localhost, evil.example",
    "löcalhost",
    "",
]


@pytest.mark.parametrize("host", LOCAL)
def test_names_of_this_machine(port: int, host: str) -> None:
    assert is_loopback(host)
    assert asked(port, Host=host)[2] == APP


@pytest.mark.parametrize("host", FOREIGN)
def test_other_names_are_refused(port: int, host: str) -> None:
    """A page from elsewhere whose name leads here reads nothing."""
    assert not is_loopback(host)
    status, _, body = asked(port, Host=host)
    assert status == 421
    assert body.startswith(b"Only this machine is answered")


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /app.js HTTP/1.1\r\n", 400),
        (b"GET /app.js HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400),
        (b"GET http://evil.example/app.js HTTP/1.1\r\nHost: localhost\r\n", 421),
        (b"GET http://localhost/app.js HTTP/1.1\r\nHost: evil.example\r\n", 421),
        (b"GET http://localhost/app.js HTTP/1.1\r\nHost: localhost\r\n", 200),
        (b"GET http://[::/app.js HTTP/1.1\r\nHost: localhost\r\n", 400),
    ],
)
def test_one_name_and_the_right_one(port: int, request_head: bytes, status: int) -> None:
    answer = said(port, request_head + b"Connection: close\r\n\r\n")
    assert answer.split()[1] == str(status).encode()


def test_a_server_that_was_asked_to_listen_elsewhere_answers_to_every_name(tmp_path: Path) -> None:
    with serving(tmp_path, host="0.0.0.0") as port:
        for host in (*LOCAL, "studio.local:8000", "192.168.1.4"):
            assert asked(port, Host=host)[2] == APP


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_the_other_protocol(tmp_path: Path) -> None:
    with make_server(Site(tmp_path), "::1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with socket.create_connection(("::1", server.server_port), timeout=PATIENCE) as line:
            line.sendall(PAGE)
            assert line.makefile("rb").read().endswith(APP)
        server.shutdown()


@pytest.mark.parametrize(
    ("verb", "path", "host", "status"),
    [
        ("GET", "/app.js", "localhost", 200),
        ("GET", "/none", "localhost", 404),
        ("GET", "/", "evil.example", 421),
        ("POST", "/app.js", "localhost", 501),
        ("TRACE", "/", "localhost", 501),
        ("GET", "/a b", "localhost", 400),
    ],
)
def test_every_answer_has_the_headers_that_protect(port: int, verb: str, path: str, host: str, status: int) -> None:
    found, headers, body = asked(port, path, verb, Host=host)
    assert found == status
    for name in page_server._HEADERS:
        assert headers[name]
    assert headers["X-Frame-Options"] == "DENY"
    assert "Python" not in headers["Server"]
    assert b"<" not in body or found == 200


# --- too slow, too many, too large, malformed


def test_slow_clients_hold_nobody_up_and_are_dropped(tmp_path: Path) -> None:
    with serving(tmp_path, patience=PATIENT) as port, ExitStack() as stack:
        begin = time.monotonic()
        slow = [stack.enter_context(connected(port)) for _ in range(40)]
        starts = (b"", b"G", PAGE[:-2], b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\nbody")
        for index, line in enumerate(slow):
            line.sendall(starts[index % len(starts)])
        stopped = set()

        def all_are_dropped() -> bool:
            if len(stopped) < len(slow) / 2:
                assert_serves(port)
            for index, line in enumerate(slow):
                try:
                    line.sendall(b"x")  # a byte now and then, each soon enough for a timeout of single reads
                except ConnectionError:
                    stopped.add(index)
            time.sleep(0.3)
            return len(stopped) == len(slow)

        wait_until(all_are_dropped)
        assert time.monotonic() - begin > PATIENT / 2


def test_a_reader_that_takes_nothing_is_dropped(tmp_path: Path) -> None:
    before = set(threading.enumerate())

    def threads() -> int:
        """Of the server, which has one itself, and of its connections."""
        return len(set(threading.enumerate()) - before)

    with serving(tmp_path, patience=PATIENT) as port, connected(port) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(b"GET /models/lite0/query.onnx HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4)
        wait_until(lambda: threads() == 2)
        assert_serves(port)
        wait_until(lambda: threads() == 1)


def test_two_hundred_connections(port: int) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connected(port)) for _ in range(200)]
        for line in lines:
            line.sendall(PAGE)
        for line in lines:
            assert line.makefile("rb").read().endswith(APP)
        assert_serves(port)


def test_more_connections_than_there_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that have been quiet the longest go."""
    monkeypatch.setattr(page_server, "MOST_CONNECTIONS", 20)
    before = set(threading.enumerate())
    with serving(tmp_path) as port, ExitStack() as stack:
        first = stack.enter_context(connected(port))
        quiet = [stack.enter_context(connected(port)) for _ in range(19)]
        first.sendall(PAGE.replace(b"close", b"keep-alive"))
        assert first.recv(12) == b"HTTP/1.1 200"
        more = [stack.enter_context(connected(port)) for _ in range(19)]
        assert_serves(port)
        assert all(line.recv(1) == b"" for line in quiet)
        wait_until(lambda: len(set(threading.enumerate()) - before) <= 21)  # a server and 20 connections
        more[-1].sendall(PAGE)
        assert more[-1].makefile("rb").read().endswith(APP)


@pytest.mark.parametrize(
    ("request_text", "statuses"),
    [
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", {b"414"}),
        (b"GET /" + b"a" * 3_000_000, {b"414"}),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", {b"431"}),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % i for i in range(5000)) + b"\r\n", {b"431"}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a" * 60_000 + b"\r\nConnection: close\r\n\r\n", {b"200"}),
    ],
)
def test_large_heads(port: int, request_text: bytes, statuses: set[bytes]) -> None:
    answer = said(port, request_text)
    assert not answer or answer.split()[1] in statuses  # what came after its end may have cut the answer off
    assert_serves(port)


def test_a_body_is_not_the_next_request(port: int) -> None:
    inner = b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for head in (b"Content-Length: %d" % len(inner), b"Transfer-Encoding: chunked", b"Content-Length: 0x5"):
        answer = said(port, b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n" + inner)
        assert answer.count(b"HTTP/1.1 ") <= 1


ENDS = ["\r\n", "\n", "\r"]
VERBS = ["GET", "GET", "HEAD", "POST", "get", "", "G\0T", "PRI", "\x16\x03\x01", "_answer", "GET" * 99]
PATHS = ["/app.js", "/", "*", "", "/%", "/%zz", "/\xff", "?", "#", "http://", "http://[", "a:b", "/" * 99]
VERSIONS = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/", "HTTP/1.\xb2", "HTTP/-1.1", "x", ""]
NAMES = ["Host", "Range", "If-Range", "If-None-Match", "Accept-Encoding", "Content-Length", "Expect", "Connection"]
NAMES += ["Transfer-Encoding", "", " ", "X\0Y", "Host "]
VALUES = ["localhost", "bytes=0-1", "bytes=5-2", "", ";q=0,*;;", "-1", "100-continue", "keep-alive", "\0", '"']
VALUES += ["\xff" * 9, "é", "a" * 2000, "=,=", "[::1", "gzip;q=x", "chunked"]


def malformed(dice: random.Random) -> bytes:
    """A request with some of its bytes changed, or nothing like one."""
    kind = dice.random()
    if kind < 0.15:
        return dice.randbytes(dice.randrange(1, 400))
    head = "".join(
        dice.choice(NAMES)
        + dice.choice([": ", ":", "", " : "])
        + dice.choice(VALUES)
        + dice.choice(["\r\n", "\n", "\r"])
        for _ in range(dice.randrange(8))
    )
    first = f"{dice.choice(VERBS)} {dice.choice(PATHS)} {dice.choice(VERSIONS)}"
    request = bytearray(f"{first}\r\n{head}\r\n".encode("latin-1"))
    for _ in range(dice.choice((0, 0, 1, 5))):
        request[dice.randrange(len(request))] = dice.randrange(256)
    return bytes(request[: dice.randrange(1, len(request) + 1)] if kind < 0.4 else request)


def test_a_thousand_malformed_requests(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(19)
    answered = 0
    for number in range(1000):
        request = malformed(dice)
        with connected(port) as line, suppress(ConnectionError):
            line.sendall(request)
            if number % 3:
                line.shutdown(socket.SHUT_WR)
                answer = line.makefile("rb").read()
                assert b"Traceback" not in answer
                answered += bool(answer)
    assert answered > 300
    assert_serves(port)
    assert capfd.readouterr().err == ""


def test_many_at_once_get_the_same_bytes_in_little_memory(port: int) -> None:
    """Of a large file, which is read and compressed once."""
    import tracemalloc

    path = "/models/lite0/query.onnx"
    whole = asked(port, path)[2]
    packed = asked(port, path, Accept_Encoding="gzip")[2]
    tracemalloc.start()
    try:
        with ExitStack() as stack:
            lines = [stack.enter_context(connected(port)) for _ in range(60)]
            for line in lines:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            assert asked(port, path, Accept_Encoding="gzip")[2] == packed
            time.sleep(0.5)
            assert tracemalloc.get_traced_memory()[1] < 8 * len(whole)
    finally:
        tracemalloc.stop()
