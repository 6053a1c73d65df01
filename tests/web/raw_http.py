"""Requests byte by byte, as no client would send them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from pathlib import Path
from typing import Any

from mobilevos.web import site as page_site
from mobilevos.web.server import make_server
from mobilevos.web.site import Site
from waiting import PATIENCE

APP = (Path(page_site.__file__).parent / "app.js").read_bytes()
CLIP = (Path(page_site.__file__).parent / "sample" / "clip.webm").read_bytes()
PAGE = b"GET /app.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@contextmanager
def serving(folder: Path, **options: Any) -> Iterator[int]:
    """The port of a server of the page, without its runtime."""
    with make_server(Site(folder), port=0, **options) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def said(port: int, request: bytes) -> bytes:
    """All that the server answers to bytes until it closes; nothing if it closes at once."""
    answer = b""
    with connected(port) as line, suppress(ConnectionError):
        line.sendall(request)
        while piece := line.recv(1 << 16):
            answer += piece
    return answer


def asked(port: int, path: str = "/app.js", verb: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and body of one request."""
    lines = {"Host": "localhost", "Connection": "close", **{k.replace("_", "-"): v for k, v in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    answer = said(port, f"{verb} {path} HTTP/1.1\r\n{head}\r\n".encode())
    top, _, body = answer.partition(b"\r\n\r\n")
    status, _, fields = top.partition(b"\r\n")
    return int(status.split()[1]), message_from_bytes(fields + b"\r\n\r\n"), body
