"""The verb that brings the page to a browser: serve."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import File, Json, Target, app
from mobilevos.console import Progress, print_json


@app.command
def serve(
    *,
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65535))] = 8000,
    host: str = "127.0.0.1",
    open_: Annotated[bool, Parameter(name="--open", negative="")] = False,
    write: Target | None = None,
    ort: File | None = None,
    as_json: Json = False,
) -> None:
    """Serve the page, on which a browser does all the work; nothing is uploaded.

    Example: mobilevos serve --open
    Example: mobilevos serve --write site/

    Parameters
    ----------
    port
        Port to serve on; 0 takes any free one.
    host
        Address to serve on; 0.0.0.0 for every machine in the network. By default only this machine is answered,
        and only under names that are its own.
    open_
        Open the page in the standard browser.
    write
        In place of serving, write the page's files to this folder, for any static host.
    ort
        An unpacked copy of the npm package onnxruntime-web; without it, it is fetched once.
    """
    from mobilevos.web.onnxruntime_web import installed
    from mobilevos.web.server import make_server, write_site
    from mobilevos.web.site import Site

    with Progress("Fetching onnxruntime-web, MB", unit="MB/s", quiet=as_json) as progress:
        site = Site(installed(ort, progress))
    if write is not None:
        count = write_site(site, write)
        if as_json:
            print_json({"files": count, "out": str(write)})
        else:
            print(f"{count} files of the page are in {write}; put them on any static host.")
        return
    server = make_server(site, host, port)
    shown = "localhost" if host in ("", "127.0.0.1", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{server.server_port}/"
    if as_json:
        print_json({"address": address})
    else:
        print(f"The page is at {address}; Ctrl-C ends it.", flush=True)
    if open_:
        import webbrowser

        webbrowser.open(address)
    with server:
        server.serve_forever()
