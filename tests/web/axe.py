"""The rules of axe-core, run in a page as it stands: `violations(page)` is empty where none is broken."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_RUN = """tags => axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], iframes: true,
})"""


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, tags: tuple[str, ...] = TAGS) -> list[str]:
    """Say which rules a page breaks and where: "rule: what it asks for | the element", one for each element.

    The script is put into each frame of ours by the debugger, which a Content-Security-Policy does not stop.
    """
    for frame in page.frames:
        if not frame.is_detached() and not frame.evaluate("() => typeof axe === 'object'"):
            frame.evaluate(_script())
    found: dict[str, Any] = page.evaluate(_RUN, list(tags))
    return [
        f"{one['id']}: {one['help']} | {' '.join(str(part) for part in node['target'])} | {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
