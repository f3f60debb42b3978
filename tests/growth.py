"""Find what reads text, give it repeats of its own words, and tell whether its time grows faster than the text.

What is looked at is found, not listed: every pattern that a module holds, in whatever object, and every function that
takes a text. A pattern's words are taken from the pattern itself, one sample of each of its branches and repeats.
"""

import ast
import inspect
import random
import re
import signal
import time
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, get_args, get_origin, get_type_hints

from corpus.errors import CoproduceError

#: Characters of a text, and of one half as long.
WHOLE, HALF = 2000, 1000
#: Twice the text may take so many times as long: what grows with the square of the length takes four times.
MOST = 3.0
#: Seconds of the processor under which nothing is worth a complaint.
FLOOR = 0.001
#: Seconds of the processor after which a single call is given up: it is no matter of a slow machine.
FAR_TOO_LONG = 1.0
_TRIES = 5
#: What stands between words that are repeated, and after the last one.
BETWEEN = (" ", ", ", "? ", "")
ENDS = ("", "x", "?x", " x")

#: What a text is made of, in words, and what makes it in any length.
Text = tuple[str, Callable[[int], str]]


@dataclass(frozen=True)
class TooSlow:
    """What takes more than its share for twice the text."""

    what: str
    text: str
    half: float
    whole: float

    def __str__(self) -> str:
        """Say what grows how fast, and with which words."""
        return f"{self.what}: {1000 * self.half:.2f} ms, of twice the text {1000 * self.whole:.2f} ms: {self.text}"


class _GivenUp(BaseException):
    """A call takes far too long."""


@contextmanager
def _given_up_after(seconds: float) -> Iterator[None]:
    """Stop what takes so long of the processor; patterns look for signals as they go."""

    def stop(*_: object) -> None:
        raise _GivenUp

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _seconds(call: Callable[[Any], object], given: object) -> float:
    start = time.thread_time()
    call(given)
    return time.thread_time() - start


def growth(
    what: str, call: Callable[[Any], object], said: str, whole: Any, *halves: Any, far: float | None = None
) -> TooSlow | None:
    """Tell whether a call takes more than three times as long for the whole as for one of its halves.

    The time is the processor's own, spent by this thread, and the least of several tries: a busy machine is no failure.
    """
    far = far or FAR_TOO_LONG
    try:
        with _given_up_after(far):
            first = _seconds(call, whole)
    except _GivenUp:
        return TooSlow(what, said, 0, far)
    for half in halves if first > FLOOR else ():
        long, short = first, _seconds(call, half)
        for _ in range(_TRIES):
            if long <= max(FLOOR, MOST * short):
                break
            long, short = min(long, _seconds(call, whole)), min(short, _seconds(call, half))
        else:
            return TooSlow(what, said, short, long)
    return None


def repeated(before: str, again: str, after: str = "") -> Callable[[int], str]:
    """Give what makes a text of up to any length of words: one before, one as often as it fits, one at the end."""

    def text(length: int) -> str:
        return before + again * ((length - len(before) - len(after)) // len(again)) + after

    return text


def texts_of(words: Sequence[str], chosen: random.Random, pairs: int) -> Iterator[Text]:
    """Give repeats of each word, alone and with so many others; what stands between and around them `chosen` draws.

    Two words are both repeated, or one is, after the other. At the end of some texts stands what no pattern looks for.
    """
    for number, word in enumerate(words):
        for between in dict.fromkeys([" ", BETWEEN[number % len(BETWEEN)]]):
            for last in ENDS[:2]:
                yield from _text("", word + between, last)
        for other in chosen.sample(words, min(pairs, len(words))):
            first, second = chosen.choice(BETWEEN), chosen.choice(BETWEEN)
            before, again = chosen.choice([("", word + first + other + second), (word + first, other + second)])
            yield from _text(before, again, chosen.choice([*ENDS, chosen.choice(words), chosen.choice(words) + "x"]))


def texts_of_repeats(repeats: Iterable[tuple[str, str]], chosen: random.Random) -> Iterator[Text]:
    """Give long runs of each repeat, and many places where it could begin."""
    for before, again in repeats:
        for between in dict.fromkeys(["", chosen.choice(BETWEEN)]):
            yield from _text(before, again + between, chosen.choice(ENDS[1:]))
        for between in dict.fromkeys([" ", chosen.choice(BETWEEN)]):
            yield from _text("", before + again + between, chosen.choice(ENDS))


def _text(before: str, again: str, after: str) -> Iterator[Text]:
    yield f"{before!r}, {again!r} again and again, then {after!r}", repeated(before, again, after)


# What the words of a pattern are.

_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_CATEGORIES = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " \n",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "- ",
}


def words_of_pattern(pattern: re.Pattern[str]) -> list[str]:
    """Give the words that a pattern looks for: a sample of each of its branches, the words in it, and its signs."""
    samples = _samples(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    words = [word for sample in samples for word in (sample.strip(), *sample.split())]
    signs = [sign for sample in samples for sign in sample if not sign.isalnum()]
    return [word for word in dict.fromkeys([*words, *signs]) if word]


def _samples(node: Any) -> list[str]:
    """Give samples of a part of a pattern so that each branch, and each repeat none and two times, is in one."""
    columns = [column for operator, given in node if (column := _samples_of(operator, given))]
    rows = max((len(column) for column in columns), default=0)
    return list(dict.fromkeys("".join(column[row % len(column)] for column in columns) for row in range(rows)))


def _samples_of(operator: Any, given: Any) -> list[str]:
    if operator is codes.LITERAL:
        return [chr(given)]
    if operator is codes.NOT_LITERAL:
        return ["a" if given != ord("a") else "b"]
    if operator is codes.ANY:
        return ["a"]
    if operator is codes.IN:
        return _members(given)
    if operator is codes.BRANCH:
        return list(dict.fromkeys(sample for branch in given[1] for sample in _samples(branch)))
    if operator in _REPEATS:
        least, most, body = given
        once = _samples(body)
        return [sample * times for sample in once for times in sorted({max(least, 1), min(least + 2, most)})] + (
            [] if least else [""]
        )
    if operator is codes.SUBPATTERN:
        return _samples(given[-1])
    if operator is codes.ATOMIC_GROUP:
        return _samples(given)
    if operator is codes.ASSERT:
        return ["", *_samples(given[1])]
    return []  # places, and what must not stand somewhere


def repeats_of_pattern(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Give for each repeat without an end in a pattern what leads up to it, and what it repeats: samples of both."""
    found = [
        (befores[row % len(befores)], again[row % len(again)])
        for befores, again in _repeats(parser.parse(pattern.pattern, pattern.flags), [""])
        for row in range(max(len(befores), len(again)))
    ]
    return list(dict.fromkeys((before.lstrip(), again) for before, again in found))


def _repeats(node: Any, befores: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Give the samples of what stands before each repeat of a part of a pattern, and of what is repeated."""
    for operator, given in node:
        inner = _inner(operator, given)
        if operator in _REPEATS and given[1] is codes.MAXREPEAT and (again := list(filter(None, _samples(given[2])))):
            yield befores, again
        for part in inner:
            yield from _repeats(part, befores)
        column = _samples_of(operator, given) or [""]
        rows = max(len(befores), len(column))
        befores = [befores[row % len(befores)] + column[row % len(column)] for row in range(rows)]


def _inner(operator: Any, given: Any) -> list[Any]:
    """Give the parts of a part of a pattern, in which repeats may stand."""
    if operator is codes.BRANCH:
        return list(given[1])
    if operator in _REPEATS:
        return [given[2]]
    if operator is codes.SUBPATTERN:
        return [given[-1]]
    if operator in (codes.ASSERT, codes.ASSERT_NOT):
        return [given[1]]
    return [given] if operator is codes.ATOMIC_GROUP else []


def _members(given: Any) -> list[str]:
    """Give one sample of each member of a class; of all but its members, some that are none."""
    found = [sign for operator, value in given if operator is not codes.NEGATE for sign in _member(operator, value)]
    if given[0][0] is codes.NEGATE:
        return [sign for sign in "a1 -?" if sign not in found and not (found and "a" in found and sign.isalnum())][:3]
    return list(dict.fromkeys(found))


def _member(operator: Any, value: Any) -> str:
    if operator is codes.CATEGORY:
        return _CATEGORIES[value]
    return chr(value[0] if operator is codes.RANGE else value)


# What reads text.

_ENTIRE = ("match", "fullmatch")
_METHODS = (*_ENTIRE, "search", "sub", "subn", "split", "findall", "finditer")


@dataclass(frozen=True)
class Reader:
    """Something that reads a text: what it is called, how it is called, and the words it looks for."""

    name: str
    call: Callable[[Any], object]
    words: tuple[str, ...]
    repeats: tuple[tuple[str, str], ...] = ()


def things_in(modules: Iterable[types.ModuleType], others: Iterable[object] = ()) -> Iterator[tuple[str, object]]:
    """Give all that modules and other objects hold, at any depth, each with its name: a thing with two names twice."""
    queue = [(f"{module.__name__}.{name}", one) for module in modules for name, one in vars(module).items()]
    queue += [(type(one).__name__, one) for one in others]
    seen: set[int] = set()
    for name, one in queue:  # which grows
        yield name, one
        if id(one) not in seen:
            seen.add(id(one))
            queue += [(f"{name}.{inner}", value) for inner, value in _held_by(one)]


def _held_by(one: object) -> list[tuple[str, object]]:
    if isinstance(one, dict):
        return [(str(key), value) for key, value in one.items()]
    if isinstance(one, list | tuple | set | frozenset):
        return [(str(place), value) for place, value in enumerate(one)]
    if not _is_ours(type(one)):
        return []
    made = [name for name, kind in inspect.getmembers(type(one)) if _makes_patterns(kind)]
    return [*getattr(one, "__dict__", {}).items(), *((name, getattr(one, name)) for name in made)]


def _makes_patterns(member: object) -> bool:
    """Tell whether a member of a class is a property that gives a pattern, or several."""
    made = member.fget if isinstance(member, property) else member.func if isinstance(member, cached_property) else None
    return made is not None and "Pattern" in str(inspect.get_annotations(made).get("return"))


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("assistant", "corpus", "eval")


def patterns_in(modules: Sequence[types.ModuleType], others: Iterable[object] = ()) -> list[Reader]:
    """Give a reader for each pattern that modules and objects hold, or write within a function, as they use it."""
    trees = {module.__name__: ast.parse(Path(str(module.__file__)).read_text("utf-8")) for module in modules}
    used = _uses(trees.values())
    held = [(name, one) for name, one in things_in(modules, others) if isinstance(one, re.Pattern)]
    own = {f"{module}.{name}" for module, tree in trees.items() for name in _assigned(tree)}
    held.sort(key=lambda one: not any(one[0] == name or one[0].startswith(f"{name}.") for name in own))
    found: dict[re.Pattern[str], dict[str, str]] = {}
    for name, one in held:
        for method in used.get(name.rpartition(".")[2]) or {"finditer"}:
            found.setdefault(one, {}).setdefault(method, name)
    for module, tree in trees.items():
        for line, method, one in _written(tree):
            found.setdefault(one, {}).setdefault(method, f"{module}:{line}")
    return [
        Reader(f"{name}.{method}", _running(one, method), tuple(words_of_pattern(one)), tuple(repeats_of_pattern(one)))
        for one, names in found.items()
        for method, name in names.items()
    ]


def _running(pattern: re.Pattern[str], method: str) -> Callable[[str], object]:
    if method in _ENTIRE:
        return getattr(pattern, method)  # type: ignore[no-any-return]
    return lambda text: list(pattern.finditer(text))


def _assigned(tree: ast.Module) -> Iterator[str]:
    """Give the names that a module gives itself, not those that it takes from another."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        yield from (one.id for one in targets if isinstance(one, ast.Name))


def _uses(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """Tell by which methods patterns are used, by their names: all that look further than the first place are one."""
    used: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in _METHODS and isinstance(node.value, ast.Name):
                used.setdefault(node.value.id, set()).add(node.attr if node.attr in _ENTIRE else "finditer")
    return used


def _written(tree: ast.Module) -> Iterator[tuple[int, str, re.Pattern[str]]]:
    """Give the patterns that are written where they are used: `re.sub(r"…", …)`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in _METHODS
            and isinstance(node.args[0], ast.Constant)
        ):
            flags = [ast.unparse(one) for one in (*node.args[2:], *(word.value for word in node.keywords))]
            known = [getattr(re, flag.rpartition(".")[2]) for flag in flags if flag.startswith("re.")]
            method = node.func.attr if node.func.attr in _ENTIRE else "finditer"
            yield node.lineno, method, re.compile(str(node.args[0].value), sum(known))


def words_in(things: Iterable[object]) -> list[str]:
    """Give the words of every set, tuple and dictionary of words."""
    held = [one for one in things if isinstance(one, frozenset | set | tuple | dict)]
    found = dict.fromkeys(word for one in held for word in one if isinstance(word, str) and 0 < len(word) < _LONG_WORD)
    return sorted(word for word in found if not word.startswith("__"))


class Supplies:
    """What functions take beside a text: of all things at hand, those of the type that a parameter is declared as."""

    def __init__(self, things: Iterable[object], more: dict[str, object]) -> None:
        """Take all things at hand, and what is given for a type that none of them has, by the type as it is written."""
        self._more = more
        self._by_type: dict[type, list[Any]] = {}
        for one in things:
            if _is_ours(type(one)):
                self._by_type.setdefault(type(one), []).append(one)

    def of(self, kind: Any) -> Any:
        """Give something of a type. Raises LookupError where there is nothing."""
        if str(kind) in self._more:
            return self._more[str(kind)]
        if get_origin(kind) in _ROWS:
            return _row(kind, _some(self._by_type[get_args(kind)[0]]))
        return self._by_type[kind][0]


def _some(things: list[Any]) -> list[Any]:
    """Give some of many things: the first ones of each kind."""
    by_kind: dict[Any, list[Any]] = {}
    for one in things:
        by_kind.setdefault(getattr(one, "kind", None), []).append(one)
    return [one for some in by_kind.values() for one in some[:_EACH_KIND]]


def _row(kind: Any, members: list[Any]) -> Any:
    """Give members as the type that a parameter is declared as."""
    origin = get_origin(kind)
    return members if origin is list else origin(members) if origin in (set, frozenset) else tuple(members)


_LONG_WORD = 40
_EACH_KIND = 12
_ROWS = (tuple, list, set, frozenset, Sequence)


def functions_in(module: types.ModuleType, things: Iterable[object], supplies: Supplies) -> list[Reader]:
    """Give a reader for each function of a module that takes a text, and for each such method of one of its classes.

    What cannot be called with a text alone and what is at hand is left out: the functions that call it are looked at.
    """
    callables = {
        f"{module.__name__}.{name}": inspect.unwrap(one)
        for name, one in vars(module).items()
        if callable(one) and inspect.isfunction(inspect.unwrap(one)) and one.__module__ == module.__name__
    }
    for one in things:
        if type(one).__module__ == module.__name__:
            methods = [name for name, kind in vars(type(one)).items() if inspect.isfunction(kind) and name[:2] != "__"]
            made = {f"{module.__name__}.{type(one).__name__}.{name}": name for name in methods}
            callables |= {long: getattr(one, name) for long, name in made.items() if long not in callables}
    return [reader for name, one in callables.items() for reader in _readers(name, one, supplies)]


def _readers(name: str, function: Callable[..., Any], supplies: Supplies) -> Iterator[Reader]:
    """Give a reader for all texts that a function takes together, and for each alone where it takes several."""
    kinds = get_type_hints(function)
    needed = [one for one, how in inspect.signature(function).parameters.items() if how.default is how.empty]
    texts = [
        one
        for one in needed
        if kinds.get(one) is str or (get_origin(kinds.get(one)) in _ROWS and str in get_args(kinds[one]))
    ]
    try:
        given = {one: supplies.of(kinds[one]) for one in needed if one not in texts}
    except LookupError:
        return
    for alone in ["", *texts] if len(texts) > 1 else [""] if texts else []:
        call = _calling(function, {one: kinds[one] for one in texts}, given, alone)
        try:
            call(_SHORT)
        except (LookupError, TypeError, ValueError, AttributeError):
            continue
        yield Reader(f"{name}{f' of {alone}' if alone else ''}", call, ())


_SHORT = "and that?"


def _calling(
    function: Callable[..., Any], texts: dict[str, Any], given: dict[str, Any], alone: str
) -> Callable[[str], object]:
    """Give what calls a function with a text wherever it takes one, or with short ones for all but one."""

    def call(text: str) -> object:
        own = {name: text if alone in ("", name) else _SHORT for name in texts}
        own = {name: one if texts[name] is str else _row(texts[name], [one]) for name, one in own.items()}
        try:
            done = function(**own, **given)
            return list(done) if isinstance(done, Iterator) else done
        except CoproduceError:
            return None

    return call
