"""Guards names: a printed label is read as one speaker whatever its form, and nothing else is taken for a label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.load import LIBRARY, read_manifest
from corpus.manifest import SpeakerPattern
from corpus.schema import Role, Speaker
from corpus.speakers import label_pattern, speaker_of

FAMILIES = read_manifest(LIBRARY / "involve-2017").reader.speakers


@pytest.mark.parametrize(
    ("printed", "label", "role"),
    [
        *((f"Academic Researcher {n}", f"Academic Researcher {n}", "academic") for n in (1, 5, 10, 11, 13)),
        ("Academic Researchers 1", "Academic Researcher 1", "academic"),
        ("Academic researcher 5", "Academic Researcher 5", "academic"),
        ("Academic Researcher \n7", "Academic Researcher 7", "academic"),
        ("Academic\nResearcher 7", "Academic Researcher 7", "academic"),
        ("Academic\tResearcher\t7", "Academic Researcher 7", "academic"),
        *((f"Public partner {letter}", f"Public partner {letter}", "public") for letter in "ABCDFZ"),
        ("Public Partner B", "Public partner B", "public"),
        ("Public partnerF", "Public partner F", "public"),
        ("public partner a", "Public partner A", "public"),
        ("Service User Researcher C", "Service User Researcher C", "public"),
    ],
)
def test_printed_label_is_read(families: tuple[SpeakerPattern, ...], printed: str, label: str, role: Role) -> None:
    assert speaker_of(printed, families) == Speaker(label=label, role=role)


@pytest.mark.parametrize(
    "printed",
    [
        *("patient partner", "specialist", "and lived experience", "Part B Interviews", "Project Oversight"),
        *("Part A Literature review", "Academic Researcher", "Academic Researchers", "Public partner"),
        *("Service User Researcher", "Researcher 5", "Academic Researcher 1 and 5", "an Academic Researcher 1"),
        *("Academic Researcher 5x", "Public partner AB", "Public partner 3", "Academic Researcher C", ""),
    ],
)
def test_other_words_are_no_label(families: tuple[SpeakerPattern, ...], printed: str) -> None:
    assert speaker_of(printed, families) is None
    for brackets in ("[{}]", "({})"):
        assert label_pattern(families).search(brackets.format(printed)) is None


@pytest.mark.parametrize("printed", ["[Academic Researcher 10]", "(Academic Researcher 7)", "[Public partnerF]"])
def test_label_is_found_in_its_brackets(families: tuple[SpeakerPattern, ...], printed: str) -> None:
    match = label_pattern(families).search(f"the end.” {printed} And then")
    assert match is not None
    assert match.group() == printed
    assert match["label"] == printed[1:-1]


@pytest.mark.parametrize("space", ["\n", "\t", " \n", "\r\n", "\u00a0", "  "])
def test_label_is_found_whatever_space_is_in_it(families: tuple[SpeakerPattern, ...], space: str) -> None:
    printed = f"[Service{space}User{space}Researcher{space}C]"
    match = label_pattern(families).search(f"the end.” {printed}")
    assert match is not None
    assert speaker_of(match["label"], families) == Speaker(label="Service User Researcher C", role="public")


@given(number=st.integers(0, 10**6))
def test_number_is_read_whole(number: int) -> None:
    found = speaker_of(f"Academic Researcher {number}", FAMILIES)
    assert found == Speaker(label=f"Academic Researcher {number}", role="academic")


@given(printed=st.text())
def test_any_text_is_read_or_refused_without_failing(printed: str) -> None:
    found = speaker_of(printed, FAMILIES)
    assert found is None or found.label.startswith(("Academic Researcher ", "Public partner ", "Service User "))
