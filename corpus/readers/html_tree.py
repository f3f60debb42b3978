"""Parse a page of HTML into a small tree, and tell what of it a browser would not show. Nothing is fetched or run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.errors import CorpusError

#: Elements nested deeper than this are no page that anybody wrote.
MAX_DEPTH = 3000
_UNSEEN = frozenset(
    "script style template noscript head svg canvas iframe object embed video audio map select datalist input button "
    "textarea dialog frameset applet param track source meta link title base rp rt annotation annotation-xml".split()
)
_OFTEN_OPEN = frozenset("p li td th tr dt dd option thead tbody tfoot colgroup html body head a font rb rt rp".split())
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*?(/?)>")
_SELF_CLOSED = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s[^<>]*?)?)/>")
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)", re.I)
_HIDING_CLASSES = frozenset(
    "hidden hide sr-only visually-hidden visuallyhidden screen-reader-text screenreader-text d-none is-hidden "
    "govuk-visually-hidden nhsuk-u-visually-hidden invisible print-only noshow element-invisible offscreen".split()
)
_AT_RULE = re.compile(r"@media[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.I)


@dataclass(eq=False)
class Node:
    """An element or a stretch of text of a page; `length` and `links` count the characters inside, and in links."""

    tag: str
    attributes: dict[str, str]
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    text: str = ""
    hidden: bool = False
    length: int = 0
    links: int = 0

    def get(self, name: str) -> str:
        """Give an attribute; nothing where it is missing."""
        return self.attributes.get(name, "")

    @property
    def names(self) -> list[str]:
        """Its classes and its id, in small letters."""
        return f"{self.get('class')} {self.get('id')}".casefold().split()

    def walk(self) -> Iterator["Node"]:
        """Give it and all inside it, in the page's order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def words(self) -> str:
        """Give all text inside it that is not hidden."""
        parts: list[str] = []
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if not node.hidden:
                parts.append(node.text)
                waiting.extend(reversed(node.children))
        return "".join(parts)


def parse(text: str, *, is_xml: bool = False) -> tuple[Node, LexborHTMLParser]:
    """Give the root of a page's tree, and the parser for what stands in its head.

    Raises:
        CorpusError: its elements are nested deeper than any page's.
    """
    if is_xml:
        text = _SELF_CLOSED.sub(
            lambda one: one[0] if one[1].casefold() in _VOID else f"<{one[1]}{one[2]}></{one[1]}>", text
        )
    _check_depth(text)
    parser = LexborHTMLParser(text)
    root = Node("html", {})
    hiding = _hiding_names(parser)
    source = parser.root
    if source is not None:
        _copy(source, root, hiding)
    _measure(root)
    return root, parser


def _check_depth(text: str) -> None:
    """Refuse a page whose elements stand in each other without end: parsing it would take hours."""
    depth = deepest = 0
    for match in _TAG.finditer(text):
        tag = match[2].casefold()
        if tag in _VOID or tag in _OFTEN_OPEN or match[3]:
            continue
        depth = max(depth - 1, 0) if match[1] else depth + 1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH or text.count("<p") + text.count("<li") + text.count("<a") > 500_000:
        raise CorpusError(
            f"its elements stand inside each other {deepest:,} deep; no page is written so. Save its words as plain "
            "text, and add that."
        )


def _copy(source: LexborNode, root: Node, hiding: frozenset[str]) -> None:
    """Copy the tree without recursion: a page may be nested deep."""
    waiting: list[tuple[LexborNode, Node]] = [(source, root)]
    while waiting:
        element, node = waiting.pop()
        one = element.child
        while one is not None:
            tag = one.tag or ""
            if tag == "-text":
                node.children.append(Node("", {}, node, text=one.text_content or ""))
            elif tag and not tag.startswith(("-", "!")):
                attributes = {str(key).casefold(): value or "" for key, value in (one.attributes or {}).items()}
                copied = Node(tag.casefold(), attributes, node)
                copied.hidden = _is_hidden(copied, hiding)
                node.children.append(copied)
                if not (copied.hidden and copied.tag in _UNSEEN):
                    waiting.append((one, copied))
            one = one.next


def _is_hidden(node: Node, hiding: frozenset[str]) -> bool:
    if node.tag in _UNSEEN or "hidden" in node.attributes:
        return node.get("hidden").casefold() != "until-found" or node.tag in _UNSEEN
    if node.get("aria-hidden").casefold() == "true" or _HIDING_STYLE.search(node.get("style")):
        return True
    classes = node.get("class").split()
    return any(one.casefold() in _HIDING_CLASSES or f".{one}" in hiding for one in classes) or (
        f"#{node.get('id')}" in hiding
    )


def _hiding_names(parser: LexborHTMLParser) -> frozenset[str]:
    """List the classes and ids that the page's own style sheets hide."""
    found: set[str] = set()
    for style in parser.css("style"):
        sheet = re.sub(r"/\*.*?\*/", "", style.text() or "", flags=re.DOTALL)[:200_000]
        for rule in _AT_RULE.sub("", sheet).split("}"):
            selectors, _, declared = rule.rpartition("{")
            if re.search(r"display\s*:\s*none", declared, re.I):
                found.update(one.strip() for one in selectors.split(",") if re.fullmatch(r"[.#][\w-]+", one.strip()))
    return frozenset(found)


def _measure(root: Node) -> None:
    """Count the characters that are shown inside each element, and those of links."""
    for node in reversed(list(root.walk())):
        if node.hidden:
            continue
        if not node.tag:
            node.length = len(" ".join(node.text.split()))
        else:
            node.length = sum(one.length for one in node.children if not one.hidden)
            node.links = (
                node.length
                if node.tag == "a" and node.get("href")
                else sum(one.links for one in node.children if not one.hidden)
            )
