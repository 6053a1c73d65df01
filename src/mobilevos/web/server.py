"""Brings the page to a browser: a server on this machine, or a folder for any static host."""

import hashlib
import io
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from mobilevos.errors import OutputError
from mobilevos.video.files import atomic, make_folder
from mobilevos.web.compression import CODINGS, COMPRESSIBLE, chosen_coding, compressed, compressed_once
from mobilevos.web.hosts import is_loopback
from mobilevos.web.ranges import asked_ranges, content_range, several_parts
from mobilevos.web.site import LARGEST, TYPES, Site

POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'"
)
PATIENCE = 30.0
"""Seconds that a client has for a whole request, or to take the next piece of an answer."""
MOST_CONNECTIONS = 224
"""At a time; with one more, that which has been quiet the longest is closed. Some systems allow 256 open files."""
_HEADERS = {
    # Threads need shared memory, which browsers grant to pages that let nothing foreign in.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # Nothing inline and nothing foreign runs; only WebAssembly is compiled. index.html says the same for static hosts.
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    # Browsers keep everything but ask whether it has changed, so that no version of the page mixes with another.
    "Cache-Control": "no-cache",
}
_PIECE = 1 << 16
_PLAIN = "text/plain; charset=utf-8"


def _tag(content: bytes, coding: str | None) -> str:
    """An ETag that tells all contents and codings apart."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}{coding or ""}"'


class _Arriving(io.RawIOBase):
    """What a client sends, up to a moment, however slowly it comes; then TimeoutError."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.until = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        return self._line.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mobilevos"
    sys_version = ""
    disable_nagle_algorithm = True  # else a body waits until its head is acknowledged
    server: "_Server"

    def __init__(self, site: Site, *arguments: Any) -> None:
        self._site = site
        super().__init__(*arguments)

    def setup(self) -> None:
        super().setup()
        self.rfile.close()  # would keep the connection open
        self._arriving = _Arriving(self.connection)
        self.rfile = io.BufferedReader(self._arriving)

    def handle_one_request(self) -> None:
        self.server.heard_from(self.connection)
        self._arriving.until = time.monotonic() + self.server.patience
        try:
            super().handle_one_request()
        except ConnectionError:  # the client went away
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # its body would be taken for the next request
        hosts = self.headers.get_all("Host", [])
        try:
            address = urlsplit(self.path)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        if len(hosts) != 1:
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif not all(map(self.server.answers_to, (address.netloc or hosts[0], hosts[0]))):
            self.send_error(
                HTTPStatus.MISDIRECTED_REQUEST,
                "Only this machine is answered: open http://localhost, or see --host.",
            )
        else:
            self._send_file(unquote(address.path).removeprefix("/") or "index.html")

    def _send_file(self, path: str) -> None:
        content = self._site.find(path)
        if content is None:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such file.\n", {"Content-Type": _PLAIN})
            return
        suffix = PurePosixPath(path).suffix
        coding = chosen_coding(self.headers.get("Accept-Encoding", "")) if suffix in COMPRESSIBLE else None
        tag = _tag(content, coding)
        about = {"ETag": tag, "Accept-Ranges": "bytes"}
        if suffix in COMPRESSIBLE:
            about["Vary"] = "Accept-Encoding"
        if tag in [each.strip().removeprefix("W/") for each in self.headers.get("If-None-Match", "").split(",")]:
            self._send(HTTPStatus.NOT_MODIFIED, None, about)
            return
        if coding:
            about["Content-Encoding"] = coding
        body, kind = compressed_once(content, coding, tag) if coding else content, TYPES[suffix]
        parts = self._asked_parts(len(body), tag)
        if parts is None:
            self._send(HTTPStatus.OK, body, {**about, "Content-Type": kind})
        elif not parts:
            whole = {"ETag": tag, "Content-Range": f"bytes */{len(body)}", "Content-Type": _PLAIN}
            self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"The file has no such part.\n", whole)
        elif len(parts) == 1:
            (part,) = parts
            about |= {"Content-Type": kind, "Content-Range": content_range(part, len(body))}
            self._send(HTTPStatus.PARTIAL_CONTENT, memoryview(body)[part.start : part.stop], about)
        else:
            boundary = tag.strip('"')
            about["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
            self._send(HTTPStatus.PARTIAL_CONTENT, several_parts(body, parts, kind, boundary), about)

    def _asked_parts(self, size: int, tag: str) -> list[range] | None:
        """Which parts of a body are wanted; None for the whole."""
        if self.command != "GET" or self.headers.get("If-Range", tag).strip() != tag:
            return None
        return asked_ranges(self.headers.get("Range", ""), size)

    def _send(self, status: int, body: bytes | memoryview | None, about: dict[str, str]) -> None:
        self.connection.settimeout(self.server.patience)
        self.send_response(status)
        for name, value in {**_HEADERS, **about}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body is not None and self.command != "HEAD":
            view = memoryview(body)
            for start in range(0, len(view), _PIECE):  # by pieces: a slow line takes longer for the whole
                self.wfile.write(view[start : start + _PIECE])

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request and end the connection."""
        self.close_connection = True
        known = HTTPStatus(code)
        said = message if known is HTTPStatus.MISDIRECTED_REQUEST else f"{known.phrase}."
        self._send(code, f"{said}\n".encode(), {"Content-Type": _PLAIN})

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: a page of fifty files is no news."""


class _Server(ThreadingHTTPServer):
    """A thread for each connection, and no more connections than the system bears.

    Args:
        patience: seconds that a client has for a whole request, or to take the next piece of an answer.
    """

    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: Any, patience: float) -> None:
        self.patience = patience
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._for_this_machine = is_loopback(address[0])
        self._connections: dict[socket.socket, None] = {}
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer also asks the network for this machine's name, which can take long
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def answers_to(self, host: str) -> bool:
        """Whether a client that called this server by such a name is answered."""
        return not self._for_this_machine or is_loopback(host)

    def heard_from(self, connection: socket.socket) -> None:
        """Count a connection as the one that is in use."""
        with self._lock:
            if connection in self._connections:
                del self._connections[connection]
                self._connections[connection] = None

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            if len(self._connections) >= MOST_CONNECTIONS:
                quiet = next(iter(self._connections))
                del self._connections[quiet]
                with suppress(OSError):
                    quiet.shutdown(socket.SHUT_RDWR)  # its thread ends
            self._connections[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)


def make_server(
    site: Site, host: str = "127.0.0.1", port: int = 8000, *, patience: float = PATIENCE
) -> ThreadingHTTPServer:
    """A server of the page, bound but not yet serving; port 0 takes any free one.

    On an address of this machine alone, requests under any name that is not this machine's are refused, so that no page
    from elsewhere can read what is served here; on others, every name is answered to.

    Args:
        site: what to serve.
        host: address to listen on.
        port: 0 to 65535.
        patience: seconds that a client has for a whole request, or to take the next piece of an answer.

    Raises:
        OutputError: the address cannot be used.
    """
    try:
        server = _Server((host, port), partial(_Handler, site), patience)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{host}:{port} cannot be used ({reason}); choose another with --port or --host.") from error
    threading.Thread(target=_prepare, args=(site,), daemon=True).start()
    return server


def _prepare(site: Site) -> None:
    """Compress the largest file of a first visit, while its browser is still opening."""
    content = site.find(LARGEST)
    if content is not None:
        coding = next(iter(CODINGS))  # the one that browsers take
        compressed_once(content, coding, _tag(content, coding))


def write_site(site: Site, folder: Path) -> int:
    """Write all files of the page to a folder, for any static host.

    Beside each file that becomes smaller lie its compressed forms, ``.gz`` and, where the package brotli is installed,
    ``.br``: hosts that know them send them in its place.

    Returns:
        the number of files of the page.

    Raises:
        OutputError: the folder cannot be written.
    """
    number = 0
    for path in site.paths():
        content = site.find(path)
        if content is None:
            continue  # removed meanwhile
        target = folder / path
        make_folder(target.parent)
        forms = {target: content}
        if target.suffix in COMPRESSIBLE:
            for coding, ending in CODINGS.items():
                forms[target.with_name(target.name + ending)] = compressed(content, coding)
        for file, form in forms.items():
            with atomic(file) as part:
                part.write_bytes(form)
        number += 1
    return number
