"""Guards how plain text, Markdown and captions are read, how encodings are told and how speakers are found."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.readers import captions, markdown, plain
from corpus.readers.assemble import assemble
from corpus.readers.encodings import decode
from corpus.readers.extracted import Extracted
from corpus.readers.labels import find_labels, likeness_of, person_in

READERS = {"md": markdown.read, "txt": plain.read, "vtt": captions.read, "srt": captions.read}


def read(ending: str, words: str | bytes) -> Extracted:
    """Read a file and hold what every reader promises against what it gives."""
    content = words.encode() if isinstance(words, str) else words
    found = READERS[ending](content, f"a.{ending}")
    check(found)
    return found


def check(found: Extracted) -> None:
    position = 0
    for block in found.blocks:
        assert position <= block.start <= block.end
        position = block.end
    if any(re.search(r"\w", found.text[one.start : one.end]) for one in found.blocks if one.kind != "heading"):
        document = assemble(found, document_id="a", name="a")
        assert undo_cleaning(document) == found.source
        assert all(document.text[one.start : one.end] == one.text for one in document.passages)


def shown(found: Extracted) -> list[tuple[str, str]]:
    return [(one.kind, found.text[one.start : one.end].strip()) for one in found.blocks if one.kind != "break"]


def said(found: Extracted) -> list[tuple[str | None, str]]:
    return [(one.speaker, found.text[one.start : one.end].strip()) for one in found.blocks if one.kind == "turn"]


MARKDOWN = """---
title: "A guide"
authors: [Ann Lee, Bob Ray]
date: 2021-03-04
---
# The *Guide* {#top}

Some **bold** words, [a link](http://x.y/a_(b) "t") and `code *x*`; a note[^1] &amp; more \\*star\\*. [Ref][r], <b>tag</b>
goes co-
operatively on.

> quoted words
> go on

- one **item**
  - inner
- two

1. first

| a | b |
|---|---|
| c d | **e** |

<div><h2>In HTML</h2><p>Words &eacute;</p><!-- secret --></div>

![alt](img.png) done

```
x = [1](2)
```

[r]: http://reference.org
[^1]: The note *itself*.
"""


def test_markdown_is_its_words_without_its_marks() -> None:
    found = read("md", MARKDOWN)
    assert shown(found) == [
        ("heading", "The Guide"),
        (
            "paragraph",
            "Some bold words, a link and code *x*; a note & more *star*. Ref, tag goes co-operatively on.",
        ),
        ("paragraph", "quoted words go on"),
        ("item", "one item"),
        ("item", "inner"),
        ("item", "two"),
        ("item", "1. first"),
        ("row", "a\tb"),
        ("row", "c d\te"),
        ("heading", "In HTML"),
        ("paragraph", "Words é"),
        ("paragraph", "done"),
        ("paragraph", "x = [1](2)"),
        ("note", "The note itself."),
    ]
    assert (found.title, found.authors, found.year) == ("A guide", ("Ann Lee", "Bob Ray"), 2021)
    note = found.blocks[-1]
    assert note.number == 1
    assert found.text[: note.anchor].endswith("a note")
    assert found.source == MARKDOWN


MARKS = st.sampled_from(["*", "_", "**", "`", "[", "](", ")", "<", ">", "&amp;", "!", "#", "\n", "\n\n", "- ", " ", "|", "\\", "x", "1. ", "é", ":", "~~"])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(MARKS, st.sampled_from("alpha beta gamma delta".split())), max_size=40))
def test_no_word_of_markdown_is_lost_whatever_stands_around_it(parts: list[str]) -> None:
    source = "".join(parts)
    html = MarkdownIt("commonmark").enable("table").enable("strikethrough").render(source)
    visible = re.sub(r"<[^<>]*>", " ", html)
    found = read("md", source)
    count = {word: len(re.findall(word, visible)) for word in ("alpha", "beta", "gamma", "delta")}
    for word, times in count.items():
        assert found.text.count(word) >= times, (source, found.text)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_plain_text_keeps_every_letter(source: str) -> None:
    content = source.encode()
    found = plain.read(content, "a.txt")
    check(found)
    assert found.source == decode(content).text


def test_plain_text_of_printed_pages_loses_its_running_heads_and_margin_numbers() -> None:
    bodies = ["One of us\nspoke.", "Two came\nlate.", "Three left\nsoon.", "Then four\nmore.", "At last\nfive."]
    pages = "\f".join(f"Trust board   {n}\n\n{words}\n" for n, words in enumerate(bodies, 1))
    found = read("txt", pages)
    assert shown(found) == [("paragraph", words.replace("\n", " ")) for words in bodies]
    assert [spot.page for spot in found.spots] == [1, 2, 3, 4, 5]
    margin = "  1 INT: So how did you come to be\n  2 involved here?\n  3 P1: Well I saw a poster and\n"
    margin += "  4 thought that I could help.\n  5 INT: And then?\n  6 P1: They rang me up and\n  7 asked.\n"
    assert said(read("txt", margin)) == [
        ("INT", "So how did you come to be involved here?"),
        ("P1", "Well I saw a poster and thought that I could help."),
        ("INT", "And then?"),
        ("P1", "They rang me up and asked."),
    ]


TRANSCRIPTS = {
    "**Jane Smith, Chief Nurse:** Thank you.\n\n**Tom:** I do.\n\n**Jane Smith:** And?\n\nThe tape stops.\n\n**Tom:** Yes.": [
        ("Jane Smith", "Thank you."),
        ("Tom", "I do."),
        ("Jane Smith", "And?"),
        (None, "The tape stops."),
        ("Tom", "Yes."),
    ],
    "Date: 3 May\nAim: to learn\n\nAnn Lee  0:01\nHello all.\n\nMore of it.\n\nBob Ray  1:12\nFine.\n[laughs]\n\nAnn Lee  1:20\nOK": [
        ("Ann Lee", "Hello all."),
        ("Ann Lee", "More of it."),
        ("Bob Ray", "Fine."),
        (None, "[laughs]"),
        ("Ann Lee", "OK"),
    ],
    "Interviewer: Why?\nParticipant 4: Because.\nNote: the line drops\nInterviewer: Go on.": [
        ("Interviewer", "Why?"),
        ("Participant 4", "Because."),
        (None, "Note: the line drops"),
        ("Interviewer", "Go on."),
    ],
    "Project Manager: One line.\nAnd another of it.\nMarketing: Do you?\nProject Manager: I do.\nMarketing: Ah.\nMr Day: Yes.": [
        ("Project Manager", "One line."),
        ("Project Manager", "And another of it."),
        ("Marketing", "Do you?"),
        ("Project Manager", "I do."),
        ("Marketing", "Ah."),
        ("Mr Day", "Yes."),
    ],
    "[00:00:05] SPEAKER_00: So.\n[00:00:09] SPEAKER_01: Well.\n[00:01:02] SPEAKER_00: Right.": [
        ("SPEAKER_00", "So."),
        ("SPEAKER_01", "Well."),
        ("SPEAKER_00", "Right."),
    ],
    "One said “we were never asked about it” [Public partner 3] and a paper “says so at length” [Smith, 2012].": [
        ("Public partner 3", "we were never asked about it")
    ],
}


@pytest.mark.parametrize("source", TRANSCRIPTS)
def test_speakers_are_right_or_none(source: str) -> None:
    for ending in ("md", "txt"):
        found = read(ending, source)
        words = [(who, words.strip("*")) for who, words in said(found)]
        if ending == "md" or "**" not in source:
            assert words == TRANSCRIPTS[source]


def test_time_of_a_turn_is_its_place() -> None:
    found = read("txt", "Ann Lee  0:01\nHello.\n\nBob Ray  1:12\nFine.\n\nAnn Lee  1:20\nOK")
    document = assemble(found, document_id="a", name="a")
    assert [document.place_of(one.start, one.end).time for one in document.passages] == [1.0, 72.0, 80.0]


NOBODY = [
    "Strengths: a team\nWeaknesses: few\nStrengths: we are\nWeaknesses: some\nStrengths: you",
    "Present: Ann Lee\n\nAction: AL to send\n\nWe met.\n\nAction: BR to write\n\nAction: all\n\nIt was agreed.",
    "Q: What is it?\n\nA: You use it.\n\nQ: Why?\n\nA: Because we do.",
    "UK: five sites\nUS: three sites\nUK: many\nUS: few",
    "Pedal: I use it\nWheel: you turn it\nBrake: we stop\nPedal: me\nWheel: us\nBrake: we\nPedal: I\nWheel: you",
    "Background: we did\nMethods: we ran\nBackground: I did\nMethods: you ran",
    "There are two things: first, time.\n\nI said this: never.\n\nThere are two things: money.\n\nI said this: no.",
    "He wrote “this is how it is done” [12] and “so it goes on and on” [sic] and “a longer one of them” [our translation].",
]


@pytest.mark.parametrize("source", NOBODY)
def test_nobody_is_invented(source: str) -> None:
    found = read("txt", source)
    assert {one.speaker for one in found.blocks} == {None}


FIELDS = ["Problem", "Owner", "Site name", "Kit", "Next steps", "Cost", "Lead"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(FIELDS), min_size=2, max_size=5, unique=True), st.integers(2, 6), st.data())
def test_forms_have_no_speakers_and_talk_between_the_same_words_has(
    fields: list[str], times: int, data: st.DataObject
) -> None:
    form = [f"{field}: {data.draw(st.sampled_from(['12', 'done in May', 'see above']))}" for field in fields * times]
    assert find_labels(form) is None
    people = ["Ann", "Interviewer", "Bob Ray"]
    talk = [data.draw(st.sampled_from(people)) + ": I think so, do you?" for _ in range(12)]
    names = {one.partition(":")[0] for one in talk}
    labels = find_labels(talk)
    if len(names) > 1 and sum(a != b for a, b in pairwise(talk)) > 5 and len(names) == 3:
        assert labels is None or set(labels._known.values()) <= names


def test_labels_are_told_by_what_they_are_like() -> None:
    like = {"Participant 4": "role", "JS": "code", "Ann Lee": "name", "Ann": "word", "Next steps": None, "http": None}
    assert {one: likeness_of(one) for one in like} == like
    names = {"Jane Smith, Chief Nurse": "Jane Smith", "Smith, Jane": "Smith, Jane", "Maria, carer": "Maria"}
    assert {one: person_in(one) for one in names} == names


VTT = """WEBVTT - Team call

NOTE made by hand

1
00:00:01.000 --> 00:00:03.000
<v Ann Lee>Hello <i>all</i> &amp; welcome.</v>

00:03.000 --> 00:05.000 align:start
<v Ann Lee>How are you?</v>

00:00:05.000 --> 00:00:06.000
<v.loud Bob>Fine.</v><v Cy>Good.</v>

00:00:07.000 --> 00:00:08.000
Somebody speaks.
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
Ann: Hello all

2
00:00:03,000 --> 00:00:05,000
and welcome to you.

3
00:00:05,000 --> 00:00:06,000
BOB: I am
fine.
4
00:00:06,000 --> 00:00:07,000
Ann: Are you?

5
00:00:07,000 --> 00:00:08,000
- Yes.

6
00:00:08,000 --> 00:01:09,500
Bob: <i>I think</i> so.
"""


def test_cues_are_joined_to_turns_with_their_times() -> None:
    found = read("vtt", VTT)
    assert said(found) == [
        ("Ann Lee", "Hello all & welcome. How are you?"),
        ("Bob", "Fine."),
        ("Cy", "Good."),
        (None, "Somebody speaks."),
    ]
    assert found.title == "Team call"
    at = {found.text[spot.start : spot.start + 3]: spot.seconds for spot in found.spots}
    assert at["How"] == 3.0
    found = read("srt", SRT)
    assert said(found) == [
        ("Ann", "Hello all and welcome to you."),
        ("BOB", "I am fine."),
        ("Ann", "Are you?"),
        (None, "Yes."),
        ("BOB", "I think so."),
    ]
    labels = [found.text[one.label_start : one.label_end] for one in found.blocks if one.speaker]
    assert labels == ["Ann", "BOB", "Ann", "Bob"]


def test_captions_that_roll_are_read_once_and_those_without_names_have_no_speakers() -> None:
    lines = ["so today we", "talk about co", "production and", "what it means", "for all of us", "here in Leeds"]
    cues = "".join(
        f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.000\n{lines[n - 1] if n else ''}\n{line}\n\n"
        for n, line in enumerate(lines)
    ).replace("\n\n" + lines[0], "\n" + lines[0])
    found = read("vtt", "WEBVTT\n\n" + cues)
    assert [words for _, words in shown(found)] == [" ".join(lines)]
    with pytest.raises(CorpusError, match="no cue"):
        captions.read(b"WEBVTT\n\nwords only\n", "a.vtt")


ENCODINGS = [
    ("Don’t go to the café for £5 – “yes”.", "cp1252", "cp1252"),
    ("Zażółć gęślą jaźń, być może łódź. Współpraca z pacjentami jest ważna.", "cp1250", "cp1250"),
    ("Привет мир, как дела сегодня? Это текст о людях.", "cp1251", "cp1251"),
    ("Don’t we’re it’s fine", "mac_roman", "mac_roman"),
    ("Plain é text", "utf-16-le", "utf-16-le"),
    ("Plain é\ntext", "utf-16-be", "utf-16-be"),
]


@pytest.mark.parametrize(("words", "encoding", "told"), ENCODINGS)
def test_encoding_is_told_and_what_was_assumed_is_said(words: str, encoding: str, told: str) -> None:
    found = decode(words.encode(encoding))
    assert (found.text, found.encoding, [one.code for one in found.remarks]) == (words, told, ["encoding_assumed"])


def test_encoding_that_a_file_says_is_not_assumed() -> None:
    for words, encoding in (("é", "utf-8"), ("é", "utf-8-sig"), ("é", "utf-16"), ("plain", "ascii")):
        found = decode(words.encode(encoding))
        assert (found.text.removeprefix("\ufeff"), found.remarks) == (words, ())
    mixed = decode("é ’ “good” – à è ù £".encode() + b" caf\xe9")
    assert mixed.text.endswith("£ café")
    with pytest.raises(CorpusError, match="byte 3 is NUL"):
        decode(b"abc\0\x01\x02\x03")


def test_letters_are_repaired_only_where_that_is_certain() -> None:
    found = read("txt", "They donâ€™t go to the cafÃ© in SÃ£o Paulo; “Itâ€™s” Ã¢â‚¬â„¢.")
    assert shown(found) == [("paragraph", "They don’t go to the café in São Paulo; “It’s” ’.")]
    assert [one.code for one in found.remarks] == ["letters_repaired"]
    repaired = [piece.source_text for piece in found.pieces if piece.reason == "kept" and piece.source_text]
    assert repaired == ["â€™", "Ã©", "Ã£", "â€™", "Ã¢â‚¬â„¢"]
    for certain in ("São Paulo, Ângela, VoilÃ la", "naïve café ’ “x” £5", "ÃÅ"):
        assert decode(certain.encode()).repairs == ()
