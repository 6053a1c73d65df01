"""Brings the page to a browser: a server on this machine, or a folder for any static host."""

import hashlib
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from mobilevos.errors import OutputError
from mobilevos.video.files import atomic, make_folder
from mobilevos.web.site import TYPES, Site

_HEADERS = {
    # Threads need shared memory, which browsers grant to pages that let nothing foreign in.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # Browsers keep everything but ask whether it has changed, so that no version of the page mixes with another.
    "Cache-Control": "no-cache",
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mobilevos"
    sys_version = ""

    def __init__(self, site: Site, *arguments: object) -> None:
        self._site = site
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path).removeprefix("/") or "index.html"
        content = self._site.find(path)
        if content is None:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such file.\n", "text/plain; charset=utf-8", with_body)
            return
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", None, False, tag)
            return
        self._send(HTTPStatus.OK, content, TYPES[PurePosixPath(path).suffix], with_body, tag)

    def _send(self, status: HTTPStatus, body: bytes, kind: str | None, with_body: bool, tag: str | None = None) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if tag:
            self.send_header("ETag", tag)
        if kind:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            try:
                self.wfile.write(body)
            except ConnectionError:  # the reader went away
                self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: a page of fifty files is no news."""


def make_server(site: Site, host: str = "127.0.0.1", port: int = 8000) -> ThreadingHTTPServer:
    """A server of the page, bound but not yet serving; port 0 takes any free one.

    Raises:
        OutputError: the address cannot be used.
    """
    try:
        return ThreadingHTTPServer((host, port), partial(_Handler, site))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{host}:{port} cannot be used ({reason}); choose another with --port or --host.") from error


def write_site(site: Site, folder: Path) -> int:
    """Write all files of the page to a folder, for any static host.

    Returns:
        their number.

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
        with atomic(target) as part:
            part.write_bytes(content)
        number += 1
    return number
