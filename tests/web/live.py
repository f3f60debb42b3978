"""Tell whether HTML holds something alive: what runs, loads, sends, leads elsewhere or lies over the page."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from tests.payloads import HOST

#: Tags that none of our pages has where words of a person or a document stand.
LIVE = {"img", "svg", "iframe", "object", "dialog", "video", "source", "base", "embed", "textarea", "meta", "style"}
_LEADS = ("href", "src", "action", "formaction", "data", "poster")
_LOADS = ("srcset", "content")  # an address stands somewhere within


class Alive(HTMLParser):
    """What a page has of it, in words: "img", "onclick", "href=javascript:…"."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in LIVE:
            self.found.append(tag)
        if tag == "script" and not given.get("src", "").startswith("/files/"):
            self.found.append("script")
        for name, value in given.items():
            if name.startswith("on") or name in ("formaction", "autofocus", "style"):
                self.found.append(name)
            elsewhere = HOST in value if name in _LOADS else _host(value) == HOST
            if elsewhere or (name in _LEADS and value.strip().startswith(("javascript:", "data:"))):
                self.found.append(f"{name}={value}")


def _host(address: str) -> str | None:
    try:
        return urlsplit(address.strip()).hostname
    except ValueError:  # "[1" and the like
        return None


def alive(page: str, like: str = "") -> list[str]:
    """Give what is alive in a page beyond what is in one like it, which holds harmless words instead."""
    found = Alive(page).found
    for expected in Alive(like).found:
        if expected in found:
            found.remove(expected)
    return found
