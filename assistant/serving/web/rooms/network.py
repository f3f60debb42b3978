"""Where phones reach this computer: its addresses in the local network, and the QR code of one."""

import ipaddress
import socket
from contextlib import suppress
from functools import lru_cache
from io import BytesIO, StringIO

import segno

from assistant.settings import Settings


def local_addresses() -> list[str]:
    """List this computer's IPv4 addresses in networks that phones may be in, the likeliest first. Nothing is sent."""
    found: dict[str, None] = {}
    for target in ("10.255.255.255", "192.0.2.1"):  # connecting a datagram socket chooses a way and sends nothing
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as finder:
            finder.connect((target, 9))
            found[finder.getsockname()[0]] = None
    with suppress(OSError):
        for _, _, _, _, place in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            found[str(place[0])] = None
    return [one for one in found if not ipaddress.ip_address(one).is_loopback and one != "0.0.0.0"]  # noqa: S104


def is_own_name(name: str) -> bool:
    """Tell whether a name or address, as `Host` has it without its port, is this computer's own."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        own = socket.gethostname().lower()
        return name.lower() in ("localhost", own, f"{own.partition('.')[0]}.local")
    return address.is_loopback or _can_be_bound(str(address))


@lru_cache(maxsize=256)
def _can_be_bound(address: str) -> bool:
    """Only an address of this computer can be listened on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return not ipaddress.ip_address(address).is_unspecified
    return False


def join_address(settings: Settings, scheme: str, host: str) -> str:
    """Give the address that phones open, without a path.

    How the page was reached comes first where its name is one of the settings, then those names, and where it was
    reached as this computer alone, its address in the local network.
    """
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if settings.hosts:
        return f"{scheme}://{host}" if name in settings.hosts else named_addresses(settings, scheme)[0]
    if not _is_loopback(name.strip("[]")):
        return f"{scheme}://{host}"
    found = local_addresses() if not _is_loopback(settings.host) else []
    return f"http://{found[0]}:{settings.port}" if found else f"{scheme}://{host}"


def named_addresses(settings: Settings, scheme: str = "http") -> list[str]:
    """List the addresses of the names of the settings: those of a proxy, which has https, or else of our own port."""
    behind_proxy = bool(settings.proxies) or scheme == "https"
    return [f"https://{name}" if behind_proxy else f"http://{name}:{settings.port}" for name in settings.hosts]


def phones_reach(settings: Settings) -> bool:
    """Tell whether other devices can reach the server at all: it listens for them, or a proxy does."""
    return bool(settings.hosts and settings.proxies) or not _is_loopback(settings.host)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def warnings_of(settings: Settings) -> list[str]:
    """Say why phones may not reach this computer, and what to do."""
    if settings.hosts and settings.proxies:
        return []
    if not phones_reach(settings):
        return [
            f"Phones cannot reach {settings.host}: it is this computer alone. Leave out --host, or give --host 0.0.0.0."
        ]
    if not local_addresses() and not settings.hosts:
        return [
            "This computer is in no network that phones could be in. Join a Wi-Fi, or switch on this computer's or a "
            "phone's hotspot, and start again. Without any network there is paper: /room/packs."
        ]
    return [
        f"If a phone cannot open the address: allow port {settings.port} in this computer's firewall, for private "
        "networks. Guest Wi-Fi often keeps devices apart: use another network, a hotspot of your own, or paper. "
        "Try it beforehand on a phone: /room/check"
    ]


def qr_svg(address: str) -> str:
    """Draw the QR code of an address as SVG, black on white."""
    out = BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=8, border=4, light="#fff")
    return out.getvalue().decode()


def qr_text(address: str) -> str:
    """Draw the QR code of an address for a terminal."""
    out = StringIO()
    segno.make(address, error="l").terminal(out, border=2, compact=True)
    return out.getvalue()
