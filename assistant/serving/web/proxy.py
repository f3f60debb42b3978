"""Stand behind a proxy: below a sub-path, and told by it of the browser's address, if it is one that is trusted."""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount

from assistant.settings import Settings
from corpus.errors import CoproduceError

Inner = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


class BehindProxy:
    """ASGI middleware, the outermost: what is inside sees the browser's scheme, host and address, and its own root.

    Nothing inside reads a forwarded header: Gradio would believe them of anybody.
    """

    def __init__(self, app: Inner, settings: Settings) -> None:
        self.app = app
        self.root = settings.root_path
        self.trusted = settings.proxies

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Pass a request on. One for the sub-path without a last slash is sent there: Gradio's addresses need it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = self._as_the_browser_sent_it(scope)
        if self.root:
            if scope["path"] == self.root:
                asked = scope.get("query_string", b"").decode("latin-1")
                there = f"{self.root}/?{asked}" if asked else f"{self.root}/"
                await RedirectResponse(there, status_code=308)(scope, receive, send)
                return
            if not scope["path"].startswith(f"{self.root}/"):  # the proxy has taken it away, or there was none
                scope["path"] = self.root + scope["path"]
            scope["root_path"] = self.root
        await self.app(scope, receive, send)

    def _as_the_browser_sent_it(self, scope: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        said = Headers(scope=scope)
        headers = [one for one in scope["headers"] if one[0] != b"forwarded" and not one[0].startswith(b"x-forwarded-")]
        scope = {**scope, "headers": headers}
        if not self._trusts((scope.get("client") or ("",))[0]):
            return scope
        # Of several values the last is what the proxy itself has seen; those before it, anybody can have sent.
        if (scheme := _last(said, "x-forwarded-proto").lower()) in ("http", "https"):
            scope["scheme"] = scheme
        if host := _last(said, "x-forwarded-host"):
            scope["headers"] = [one for one in headers if one[0] != b"host"] + [(b"host", host.encode("latin-1"))]
        return scope

    def _trusts(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        # An address of IPv4 that comes in over IPv6.
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.trusted)


def path_below_root(scope: MutableMapping[str, Any]) -> str:
    """Give the path of a request as if the pages stood at the root of the site."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def check_root(root: str, routes: Iterable[BaseRoute]) -> None:
    """Refuse a sub-path that begins like an address of ours: which of the two is meant could not be told.

    Raises:
        CoproduceError: it does.
    """
    first = root.split("/")[1] if root else ""
    taken = set(_first_names(routes))
    if first in taken:
        raise CoproduceError(
            f"COPRODUCE_ROOT_PATH cannot be {root!r}: the web chat has pages below /{first} itself. "
            f"Choose another name, for example /coproduce{root}."
        )


def _first_names(routes: Iterable[BaseRoute]) -> Iterator[str]:
    for route in routes:
        path = getattr(route, "path", "")
        if isinstance(route, Mount) and not path:
            yield from _first_names(route.routes)
        elif name := path.strip("/").split("/")[0]:
            yield name


def _last(headers: Headers, name: str) -> str:
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()
