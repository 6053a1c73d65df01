"""Names that mean this machine."""

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]*)?|[0-9a-fA-F:.]+")


def is_loopback(host: str) -> bool:
    """Whether a name or an address, with or without a port, always leads to the machine that it is used on.

    A page from elsewhere can make its own name lead here (DNS rebinding) and then read what this machine serves; these
    names it cannot take.
    """
    if not _HOST.fullmatch(host):
        return False
    bare = f"[{host}]" if host.count(":") > 1 and "[" not in host else host
    try:
        name = (urlsplit(f"//{bare}").hostname or "").rstrip(".")
        return name == "localhost" or name.endswith(".localhost") or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
