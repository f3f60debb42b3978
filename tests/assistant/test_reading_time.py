"""Guards that what people type is read in time that grows with its length, whatever it repeats.

Patterns hold the interpreter's lock while they search: one that is slow stops everybody. `tests/growth.py` finds what
reads text, and makes the texts; what it tells apart is twice and four times as long for twice the text.
"""

import importlib
import importlib.util
import pkgutil
import random
import re
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import assistant.answering
import assistant.reading
from assistant.finding.encoder import OnnxEncoder
from assistant.pipeline import Assistant
from assistant.reading.language import language_of
from assistant.reading.query import Reader as QueryReader
from assistant.reading.segments import Mentions
from assistant.schema import MAX_HISTORY, Query
from assistant.settings import Settings
from corpus.load import load_library
from corpus.schema import Document
from tests.growth import (
    HALF,
    WHOLE,
    Reader,
    Supplies,
    Text,
    TooSlow,
    functions_in,
    growth,
    patterns_in,
    texts_of,
    texts_of_repeats,
    things_in,
    words_in,
    words_of_pattern,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="what takes too long is stopped by a signal of POSIX")

#: Where what people type is read, and text of theirs is written.
MODULES = [
    *(
        f"{room.__name__}.{one.name}"
        for room in (assistant.reading, assistant.answering)
        for one in pkgutil.iter_modules(room.__path__)
    ),
    "assistant.quoting.cite",
    "assistant.quoting.visible",
    "assistant.serving.web.search_text",
    "corpus.glossary",
]
#: What functions read here has no more than one space anywhere: `clean_question` has seen to that.
#: Patterns of these count on it.
COUNT_ON_ONE_SPACE = ("assistant.answering.special", "assistant.reading.question", "assistant.reading.voices")
#: So many texts of words for each pattern, of its repeats at most, and of words for each function.
FOR_A_PATTERN, OF_REPEATS, FOR_A_FUNCTION = 40, 400, 24


@dataclass(frozen=True)
class AtHand:
    """All that there is to read with, and the words that it knows."""

    things: list[tuple[str, object]]
    patterns: list[Reader]
    supplies: Supplies
    words: list[str]


@pytest.fixture(scope="module")
def at_hand(settings_built: Settings, report: Document) -> Iterator[AtHand]:
    # Its own: the model reads the first words only. What it takes is bounded by its limit, and no matter of patterns.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnnxEncoder, "max_tokens", property(lambda _: 8, lambda *_: None), raising=False)
        assistant_built = Assistant.from_settings(settings_built)
        yield _at_hand(assistant_built, report)


def _at_hand(assistant_built: Assistant, report: Document) -> AtHand:
    assistant_built.retriever.repair("reserch")  # which learns how words are spelt when it is first asked
    language_of(
        "Comment les patients et les chercheurs travaillent-ils ensemble ?", lambda _: False
    )  # loads its models
    modules = [importlib.import_module(name) for name in MODULES]
    others = [assistant_built, load_library().glossary]
    things = list(things_in(modules, others))
    patterns = patterns_in(modules, others)
    names = [name for one in report.sections for name in (one.id, one.title)] + [one.label for one in report.speakers]
    words = [*names, *words_in(one for _, one in things), *(word for one in patterns for word in one.words)]
    more = {
        "<class 'bool'>": True,
        "<class 'int'>": WHOLE,
        "collections.abc.Callable[[str], str]": str,
        "collections.abc.Callable[[str], bool]": assistant_built.retriever.knows,
        str(Mentions): assistant_built.reader.grammar.voices.mentions,
    }
    return AtHand(things, patterns, Supplies((one for _, one in things), more), list(dict.fromkeys(words)))


def slow(reader: Reader, texts: Iterable[Text], *, cleaned: bool = False) -> Iterator[TooSlow]:
    """Give the first text for which something takes more than its share."""
    for said, make in texts:
        whole, half = make(WHOLE), make(HALF)
        if cleaned:
            whole, half = " ".join(whole.split()), " ".join(half.split())
        found = growth(reader.name, reader.call, said, whole, half)
        if found:
            yield found
            return


def texts_for_pattern(reader: Reader) -> Iterator[Text]:
    chosen = random.Random(reader.name)
    for texts, most in (
        (list(texts_of_repeats(reader.repeats, chosen)), OF_REPEATS),
        (list(texts_of(reader.words, chosen, pairs=2)), FOR_A_PATTERN),
    ):
        yield from chosen.sample(texts, min(most, len(texts)))


def texts_for_function(reader: Reader, near: list[str], words: list[str]) -> Iterator[Text]:
    """Mix words of the patterns that stand beside a function with others, one half each."""
    chosen = random.Random(reader.name)
    some = [*chosen.sample(near, min(FOR_A_FUNCTION // 2, len(near))), *chosen.sample(words, FOR_A_FUNCTION // 2)]
    texts = list(texts_of(some, chosen, pairs=1))
    yield from chosen.sample(texts, FOR_A_FUNCTION)


@pytest.mark.parametrize("module", MODULES)
def test_patterns_take_time_that_grows_with_the_text(module: str, at_hand: AtHand) -> None:
    mine = [one for one in at_hand.patterns if one.name.startswith((f"{module}.", f"{module}:"))]
    cleaned = module in COUNT_ON_ONE_SPACE
    assert not [str(found) for one in mine for found in slow(one, texts_for_pattern(one), cleaned=cleaned)]


def test_patterns_of_documents_take_time_that_grows_with_the_text(at_hand: AtHand) -> None:
    held = [one for one in at_hand.patterns if not one.name.startswith(("assistant.", "corpus."))]
    assert held
    assert not [str(found) for one in held for found in slow(one, texts_for_pattern(one))]


@pytest.mark.parametrize("module", MODULES)
def test_functions_take_time_that_grows_with_the_text(module: str, at_hand: AtHand) -> None:
    loaded = importlib.import_module(module)
    near = [word for _, one in things_in([loaded]) if isinstance(one, re.Pattern) for word in words_of_pattern(one)]
    readers = functions_in(loaded, [one for _, one in at_hand.things], at_hand.supplies)
    found = [
        str(found) for one in readers for found in slow(one, texts_for_function(one, near, at_hand.words), cleaned=True)
    ]
    assert not found


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did that one say?", "patients and "),
        ("And the one after?", "what about it? "),
    ],
)
def test_a_conversation_takes_time_that_grows_with_it(question: str, said: str) -> None:
    def conversation(turns: int, length: int) -> Query:
        return Query(question=question, history=(said * (length // len(said)),) * turns)

    reader = QueryReader(load_library(), max_characters=WHOLE, repair=str)

    shorter, fewer = conversation(MAX_HISTORY, HALF), conversation(MAX_HISTORY // 2, WHOLE)
    longest = conversation(MAX_HISTORY, WHOLE)

    def read(query: Query) -> object:
        return [reader.complete(turn, ()) for turn in reader.read_turns(query)]

    found = growth("Reader.read_turns", read, said, longest, shorter, fewer, far=60)
    assert not found, str(found)


PLANTED = """
import re
_TWICE = re.compile(r"(?:\\W*(?:and)\\b\\W*)*what")
_TO_THE_END = re.compile(r"\\bwho\\b[^.?!]*\\bgrant\\b")
_HYPHENS = re.compile(r"and \\w[\\w-]*\\W*$")
_VOICE = re.compile("patients?")
_GOOD = re.compile(r"\\bwho\\b[^.?!]{0,40}\\bgrant\\b")

class Rule:
    def __init__(self):
        self.pattern = re.compile(r"\\s*(?:no)?\\s*1")
        self.__class__.__module__ = "assistant.planted"

RULES = {"one": [Rule()]}

def before_each(text: str) -> list[str]:
    return [text[: match.start()] for match in _VOICE.finditer(text) if re.search(r"\\bby\\s+$", text[: match.start()])]

def cleaned(text: str) -> str:
    return re.sub(r"\\s+$", "", text)
"""


@pytest.fixture
def planted(tmp_path: Path) -> types.ModuleType:
    """A module with patterns and a function that take too long, and some that do not."""
    file = tmp_path / "planted.py"
    file.write_text(PLANTED, "utf-8")
    spec = importlib.util.spec_from_file_location("planted", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_takes_too_long_is_found(planted: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.growth.FAR_TOO_LONG", 0.2)
    found = {one.name for one in patterns_in([planted]) if any(slow(one, texts_for_pattern(one)))}
    assert found == {
        "planted._TWICE.finditer",
        "planted._TO_THE_END.finditer",
        "planted._HYPHENS.finditer",
        "planted.RULES.one.0.pattern.finditer",
        f"planted:{PLANTED[: PLANTED.index('re.sub')].count(chr(10)) + 1}.finditer",
    }
    readers = functions_in(planted, [], Supplies([], {}))
    near = ["patients", "by"]
    slow_ones = {one.name for one in readers if any(slow(one, texts_of(near, random.Random(1), pairs=2)))}
    assert slow_ones == {"planted.before_each"}


def test_words_of_a_pattern_are_all_of_its_branches() -> None:
    pattern = re.compile(r"\b(?:who|what) (?:paid|fund(?:s|ed))? for\W+(?=x[.!])(?<!y)", re.I)
    assert set(words_of_pattern(pattern)) >= {"who", "what", "paid", "funds", "funded", "for"}


def test_every_file_of_reading_is_driven(at_hand: AtHand) -> None:
    things = [one for _, one in at_hand.things]
    modules = [importlib.import_module(name) for name in MODULES if name.startswith("assistant.reading.")]
    assert not [module.__name__ for module in modules if not functions_in(module, things, at_hand.supplies)]
