"""The rules of axe-core, run in a page as it stands: `violations(page)` is empty where none is broken."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Frame, Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_RUN = """([tags, iframes]) => axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], iframes,
})"""


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page | Frame, tags: tuple[str, ...] = TAGS, *, frames: bool = True) -> list[str]:
    """Say which rules a page breaks and where: "rule: what it asks for | the element", one for each element.

    `frames`: whether to look into the page's frames too. The script is put there
    by the debugger, which a Content-Security-Policy does not stop.
    """
    inside = [page] if isinstance(page, Frame) else page.frames if frames else page.frames[:1]
    for frame in inside:
        if not frame.is_detached() and not frame.evaluate("() => typeof axe === 'object'"):
            frame.evaluate(_script())
    found: dict[str, Any] = page.evaluate(_RUN, [list(tags), frames])
    return [
        f"{one['id']}: {one['help']} | {' '.join(str(part) for part in node['target'])} | {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
