"""Name the scripts that Gradio's page will load, so that a browser can fetch them at once and not one after another.

Gradio's page names one script; what that needs is learned only once it has come, and so on, four times over. Here the
same is read out of the files. Where they are written otherwise than expected, fewer are named and the page is slower.
"""

import re
from pathlib import Path

_ENTRY = re.compile(r'<script type="module"[^>]* src="\./assets/([\w.-]+\.js)"')
_NEEDS = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')
_FETCHES = re.compile(r"import\(`\./([\w.-]+\.js)`\)")
#: Of what a script may fetch later, this is what every application does.
_ALWAYS = re.compile(r"(?:Index|core|Blocks)-")
#: How often a script that was fetched fetches another.
_STEPS = 2


def scripts_needed(page: str, assets: Path) -> tuple[str, ...]:
    """Give the names of the scripts that Gradio's page needs before it draws, in the order in which they are met."""
    needed: dict[str, None] = {}
    ahead = _ENTRY.findall(page)
    for _ in range(_STEPS + 1):
        fetched = _closure(ahead, assets)
        needed |= dict.fromkeys(fetched)
        # The file that knows every component fetches those by name; a page fetches few of them.
        ahead = [name for one in fetched for name in _few(_FETCHES.findall(_read(assets / one))) if _ALWAYS.match(name)]
    return tuple(needed)


def _closure(names: list[str], assets: Path) -> list[str]:
    """Give scripts with all those that they need."""
    met: dict[str, None] = {}
    ahead = list(names)
    while ahead:
        name = ahead.pop(0)
        if name not in met and (assets / name).is_file():
            met[name] = None
            ahead += _NEEDS.findall(_read(assets / name))
    return list(met)


def _few(names: list[str]) -> list[str]:
    return names if len(names) < 10 else []


def _read(script: Path) -> str:
    return script.read_text(encoding="utf-8", errors="replace")
