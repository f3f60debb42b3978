"""The rules of axe-core, run in a page as it stands: `violations(page)` is empty where none is broken."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Frame, Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
#: What other colours can break, and what larger text can. In a narrow window, where a page is laid out anew and shows
#: other things, all rules are run.
COLOURS = ("color-contrast", "link-in-text-block")
LARGE_TEXT = (*COLOURS, "target-size", "scrollable-region-focusable")
_RUN = """([only, iframes]) => axe.run(document, { runOnly: only, resultTypes: ['violations'], iframes })"""
# An element goes if three of its kind were met before, unless it is the cited one or holds it, or names what it stands
# in; a table keeps its shape.
_SHORTEN = """() => {
    const named = one => one.tagName + "." + [...one.classList].join(".");
    const kind = one => [one.parentElement, one, ...new Set([...one.querySelectorAll("*")].map(named))]
        .map(part => part.tagName ? named(part) : part).sort().join();
    const met = new Map();
    const shorten = parent => {
        for (const child of [...parent.children]) {
            const count = (met.get(kind(child)) || 0) + 1;
            met.set(kind(child), count);
            const names = child.id && parent.getAttribute("aria-labelledby") === child.id;
            if (names) continue;
            if (count > 3 && !child.matches("td, th, #cited, :has(#cited)")) child.remove();
            else shorten(child);
        }
    };
    shorten(document.body);
    return document.querySelectorAll("*").length;
}"""


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(
    page: Page | Frame, tags: tuple[str, ...] = TAGS, *, rules: tuple[str, ...] = (), frames: bool = True
) -> list[str]:
    """Say which rules a page breaks and where: "rule: what it asks for | the element", one for each element.

    `rules`: these alone, where they are named. `frames`: whether to look into the page's
    frames too. The script is put there by the debugger, which a Content-Security-Policy
    does not stop.
    """
    inside = [page] if isinstance(page, Frame) else page.frames if frames else page.frames[:1]
    for frame in inside:
        if not frame.is_detached() and not frame.evaluate("() => typeof axe === 'object'"):
            frame.evaluate(_script())
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(tags)}
    found: dict[str, Any] = page.evaluate(_RUN, [only, frames])
    return [
        f"{one['id']}: {one['help']} | {' '.join(str(part) for part in node['target'])} | {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def shorten(page: Page | Frame) -> int:
    """Leave three of each kind of element that stands beside others made as it is, and count what is left.

    A page of a thousand paragraphs is looked at whole once; in other looks it breaks no rule that three of them keep.
    A frame that was opened a moment ago may hold nothing yet: it is waited for.
    """
    page.wait_for_function("() => document.body && document.readyState === 'complete'")
    return int(page.evaluate(_SHORTEN))
