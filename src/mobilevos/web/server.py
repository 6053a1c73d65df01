"""Brings the page to a browser: a server on this machine, or a folder for any static host."""

import hashlib
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from mobilevos.errors import OutputError
from mobilevos.video.files import atomic, make_folder
from mobilevos.web.compression import CODINGS, COMPRESSIBLE, chosen_coding, compressed
from mobilevos.web.site import TYPES, Site

POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    # Threads need shared memory, which browsers grant to pages that let nothing foreign in.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # Nothing inline and nothing foreign runs; only WebAssembly is compiled. index.html says the same for static hosts.
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
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
        suffix = PurePosixPath(path).suffix
        coding = chosen_coding(self.headers.get("Accept-Encoding", "")) if suffix in COMPRESSIBLE else None
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}{coding or ""}"'
        more = {"Content-Encoding": coding} if coding else {}
        if suffix in COMPRESSIBLE:
            more["Vary"] = "Accept-Encoding"
        if self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", None, False, tag, {"Vary": "Accept-Encoding"})
            return
        body = compressed(content, coding, tag) if coding else content
        self._send(HTTPStatus.OK, body, TYPES[suffix], with_body, tag, more)

    def _send(
        self,
        status: HTTPStatus,
        body: bytes,
        kind: str | None,
        with_body: bool,
        tag: str | None = None,
        more: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **(more or {})}.items():
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
