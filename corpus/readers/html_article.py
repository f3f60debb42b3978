"""Find the article of a page: what is left without menus, notices of cookies, lists of links and the like.

A page says where its article is, by its elements or by names that nearly all pages use. Where it does not, all that is
shown counts but what is plainly none of it. Nothing is dropped that holds most of a page's words.
"""

import re

from corpus.readers.html_tree import Node

_MAIN_SHARE = 0.25  # of the words of a page: less is no article
_TOO_MUCH = 0.45  # of the words of an article: so much is never dropped for a name
_MANY = 200  # elements of a name: that many are no page's main one
_LINKS = 0.75  # of a list's characters in links: then it is a menu
_MENU_WORDS = 5  # at most so many words has a link of a menu, on average
_ALWAYS = frozenset(("nav", "menu"))
_OUTSIDE = frozenset(("header", "footer", "aside"))
_ROLES = frozenset(
    "navigation banner contentinfo search complementary dialog alertdialog menu menubar toolbar tablist doc-toc "
    "doc-backlink".split()
)
_MAIN_IDS = frozenset(
    "content main main-content maincontent mw-content-text bodycontent article-body articlebody page-content "
    "primary-content site-content content-main post-content article-content entry-content".split()
)
_MAIN_CLASSES = frozenset(
    "mw-parser-output article-body article__body article-content post-content entry-content post-body story-body "
    "page-content main-content content-body markdown-body documentwrapper body-content rst-content".split()
)
_FURNITURE = re.compile(
    r"cookie|consent|gdpr|ccpa|breadcrumbs?|nav|navbar|navbox|navigation|navheader|navfooter|menus?|sidebar|sidenav|"
    r"share|sharing|(?:share|social|sharing)-?(?:buttons?|icons?|links?|bar)|social|sharedaddy|newsletter|subscribe|subscription|signup|sign-up|related|recommended|"
    r"recommendations|advert|advertisement|ads?|promo|sponsored|banner|popup|modal|overlay|skip-?links?|skip-?nav|"
    r"pagination|pager|paginator|footer|site-?footer|site-?header|masthead|toc|table-?of-?contents|contents-list|"
    r"headerlink|sphinxsidebar\w*|comments?-?(?:list|area|section)?|disqus\w*|login|toolbar|topbar|tagcloud|"
    r"mw-editsection|mw-jump-link|catlinks|printfooter|noprint|vector-\w+|sitesub|jump-to-nav|backtotop|back-to-top|"
    r"print-?link|search-?(?:form|box|bar)|language-?(?:selector|switcher|list)|feedback|survey|rating|byline-share|"
    r"metadata-links|edit-?(?:this|page|link|on-?github)|prev-?next|next-?prev|nextprev|nav-?(?:panel|links|bar)|"
    r"edit-this-page|toctree-wrapper|theme-toggle|announcement|hatnote|ambox|mbox-small|sistersitebox|navigation-not-searchable"
)
#: What large sites put before the names of their parts.
_PREFIX = re.compile(r"(?:gem-c|govuk|nhsuk|app-c|app|wp-block|elementor|[cmou])-+(?=\w)")
_TEXINFO = re.compile(
    r"^\s*(?:(?:Next|Previous|Prev|Up|Top)\s*:.*)?(?:\[\s*(?:Contents|Index|<<?|>>?|Up)\s*\].*)?$", re.S
)
_LINK_HOLDERS = frozenset("ul ol div table p td section dl center form tr span".split())
_PERMALINKS = frozenset(
    ("headerlink", "anchor", "anchorjs-link", "permalink", "heading-link", "hash-link", "anchor-link")
)


class Article:
    """Tells which elements of a page are its article."""

    def __init__(self, root: Node) -> None:
        """Find where the article is."""
        self.body = next((one for one in root.walk() if one.tag == "body"), root)
        found = _main_of(self.body)
        self.known = found is not None
        self.root = found or self.body
        self._length = max(self.root.length, 1)
        self._lifted: dict[int, bool] = {}

    def is_furniture(self, node: Node) -> bool:
        """Tell whether an element is no part of the article."""
        if node is self.root or not node.tag or (node.length > _TOO_MUCH * self._length and node.tag not in _ALWAYS):
            return False
        if node.tag in _ALWAYS or node.get("role").casefold() in _ROLES:
            return node.length <= _TOO_MUCH * self._length or node.links > _LINKS * node.length
        if node.tag == "a":
            words = node.words().strip()
            return bool(_PERMALINKS.intersection(node.names)) and len(words) <= 2
        if node.tag in _OUTSIDE:
            return self._is_outside(node)
        if node.tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "em", "strong", "b", "i", "code"):
            named = False
        else:
            named = any(_is_furniture_name(one) for one in node.names)
        return named or self._is_menu(node)

    def _is_outside(self, node: Node) -> bool:
        """Tell whether the head, foot or margin of something is the page's and not the article's."""
        if node.tag == "header":
            has_title = any(one.tag == "h1" for one in node.walk())
            return not has_title or (node.links > node.length / 2 and node.length > 200)
        if node.tag == "aside":
            return True if not self.known else any(map(_is_furniture_name, node.names)) or self._is_menu(node)
        return True

    def _is_menu(self, node: Node) -> bool:
        """Tell whether an element holds hardly more than links of few words each."""
        if node.tag not in _LINK_HOLDERS or not node.links:
            return False
        if node.length < 500 and _TEXINFO.fullmatch(node.words()):
            return True
        if self.known or node.links < _LINKS * node.length:
            return False
        links = [one for one in node.walk() if one.tag == "a" and one.get("href")]
        outside = [one for one in links if not one.get("href").startswith("#")]
        if len(outside) < 3 and not (len(links) > 5 and not outside):
            return False
        words = sum(len(one.words().split()) for one in links)
        return words <= _MENU_WORDS * len(links)


def _is_furniture_name(name: str) -> bool:
    """Tell whether a class or id names what surrounds an article.

    >>> [_is_furniture_name(one) for one in ("cookie-banner", "site-nav", "content", "knave", "has-sidebar")]
    [True, True, False, False, False]
    """
    if name.startswith(("has-", "with-", "no-", "is-", "js-")):
        return False
    name = _PREFIX.sub("", name)
    if _FURNITURE.fullmatch(name):
        return True
    parts = re.split(r"[-_:]+", name)
    return (
        1 < len(parts) <= 5
        and any(_FURNITURE.fullmatch(one) for one in (parts[0], parts[-1]))
        and parts[-1]
        not in ("content", "body", "text", "main", "article", "page", "wrapper", "container", "wrap", "layout")
    )


def _main_of(body: Node) -> Node | None:
    """Give the element that a page calls its main one, where it holds a good part of the words."""
    enough = max(_MAIN_SHARE * _without_menus(body), 1)
    groups: list[list[Node]] = [[], [], []]
    for node in body.walk():
        if node.hidden or not node.tag:
            continue
        if node.tag == "main" or node.get("role").casefold() == "main":
            groups[0].append(node)
        elif node.tag == "article" or "articlebody" in node.get("itemprop").casefold():
            groups[1].append(node)
        elif _MAIN_IDS.intersection([node.get("id").casefold()]) or _MAIN_CLASSES.intersection(node.names):
            groups[2].append(node)
    for number, group in enumerate(groups):
        first = group[:_MANY]
        outermost = [one for one in first if not any(_holds(two, one) for two in first if two is not one)]
        large = [one for one in outermost if one.length >= enough]
        if len(large) == 1 and (number != 1 or len(outermost) == 1 or large[0].length > 2 * enough):
            return _inner_article(large[0]) if number == 0 else large[0]
    return None


def _inner_article(main: Node) -> Node:
    """Give the one article inside the main element, where it holds nearly all of it."""
    articles = [one for one in main.walk() if one.tag == "article" and one.length > 0.8 * main.length]
    return articles[0] if len(articles) == 1 else main


def _without_menus(body: Node) -> float:
    """Count the characters of a page that are in no link."""
    return body.length - body.links


def _holds(outer: Node, inner: Node) -> bool:
    up = inner.parent
    while up is not None:
        if up is outer:
            return True
        up = up.parent
    return False
