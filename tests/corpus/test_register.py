"""Guards who said what: every quote of the report with its speaker, section and lines, as counted by hand.

Words are counted as a reader counts them: runs of characters between white space, in the cleaned text, where
"co-" at a line's end and "production" on the next line are one word.
"""

import re
import statistics
from collections import Counter
from itertools import pairwise

import pytest

from corpus.quotes import quotes_of
from corpus.schema import Document, Kind, Passage

# First and last line of the words @ first line of the label, section | speaker | first three … last three words.
REGISTER = """
565-565 @566 B.4.i | Public partner B | It is very … front of everything
572-572 @573 B.4.i | Academic Researcher 4 | I am using … it is co-production.
581-584 @584 B.4.i | Academic Researcher 3 | It just feels … completely different things.
586-589 @589 B.4.i | Academic Researcher 5 | We’ve both come … the research community
591-592 @592 B.4.i | Public partner C | I like the … prefer joint production
597-600 @600 B.4.i | Academic Researcher 2 | I am supportive … am quite resistant
602-602 @603 B.4.i | Academic Researcher 3 | Just re-inventing PPI … this magic thing
616-617 @617 B.4.ii | Public partner B | It’s collaboration, I … rather than co-production
619-620 @620 B.4.ii | Academic Researcher 7 | PPI should strive … not actually developing
626-630 @631 B.4.ii | Academic Researcher 2 | I struggle with … denuded of meaning.
637-640 @641 B.4.ii | Academic Researcher 2 | I think PPI … radical than that.
643-648 @648 B.4.ii | Academic Researcher 4 | PPI is structured … fit within PPI?
654-660 @660 B.4.ii | Academic Researcher 5 | y’know you’re learning … something quite innovative
661-664 @664 B.4.ii | Academic Researcher 7 | I think it … about standardised tools.
671-674 @674 B.4.iii | Academic Researcher 5 | The whole point … it’s about equality
679-681 @681 B.4.iii | Academic Researcher 2 | They are very … programme management group
683-689 @689 B.4.iii | Academic Researcher 3 | I always think … and health professionals.
695-702 @702 B.4.iii | Academic Researcher 5 | But that piece … difficult I think
704-709 @709 B.4.iii | Academic Researcher 5 | I find it … doing things differently.
715-717 @717 B.4.iii | Public partner D | Very difficult to … a voluntary contribution.
719-722 @723 B.4.iii | Public partner A | I think it … an equal footing.
728-729 @729 B.4.iii | Academic Researcher 4 | If you put … changes the dynamics
735-740 @740 B.4.iii | Public partner B | Well he said, … could do this…
742-743 @743 B.4.iii | Public partner A | She empowered me … sorts of events.
751-757 @757 B.4.iv | Academic Researcher 4 | So the first … identify our skills
759-761 @761 B.4.iv | Public partner A | So I think … of the research.
767-773 @774 B.4.iv | Academic Researcher 4 | At the beginning … build from there.
779-780 @781 B.4.iv | Academic Researcher 5 | A sign of … you’re aiming for.
789-793 @793 B.4.iv | Academic Researcher 1 | Talking to people … through their enthusiasm
795-799 @800 B.4.iv | Academic Researcher 5 | Sharing your view, … meet the people
806-806 @807 B.4.iv | Public partner B | He really worked … was driving us
809-810 @810 B.4.iv | Public partner A | She didn’t stand … number of occasions.
814-815 @815 B.4.iv | Academic Researcher 3 | I think a … a real partner.
820-822 @823 B.4.iv | Academic Researcher 1 | It was having … work to do.
837-841 @842 B.4.v | Academic Researcher 7 | If you put … as a methodology
844-847 @847 B.4.v | Academic Researcher 5 | If you are … is not co-production
849-851 @852 B.4.v | Academic Researcher 8 | Co-production is acknowledging … kind of interaction.
858-861 @862 B.4.v | Academic Researcher 5 | I think it … of the findings
864-864 @865 B.4.v | Academic Researcher 7 | Some meetings not … to be ‘sciency
869-873 @873 B.4.v | Public partner C | You have a … you mean by….?
875-878 @878 B.4.v | Academic Researcher 2 | There are some … got to come
884-884 @885 B.4.v | Academic Researcher 7 | letting go of … patients speak first
892-895 @895 B.4.v | Academic Researcher 1 | And I think, … to be involved
901-904 @904 B.4.v | Academic Researcher 5 | We need to … experience]…before we start
909-910 @910 B.4.v | Academic Researcher 8 | Get everyone around … to each other.
919-921 @921 B.4.vi | Academic Researcher 4 | Another important thing … that are missing?
923-923 @923 B.4.vi | Academic Researcher 5 | Need all stakeholders … a voice out
925-927 @927 B.4.vi | Academic Researcher 6 | We are open … more about experience.
933-934 @934 B.4.vi | Academic Researcher 3 | Important to get … to the top
939-939 @939 B.4.vi | Academic Researcher 7 | If you value … with the goods
945-945 @946 B.4.vi | Academic Researcher 6 | Adapting tasks to … don’t do that.
952-956 @957 B.4.vi | Academic Researcher 5 | You’ve got the … the practitioner element
959-961 @961 B.4.vi | Academic Researcher 4 | Co-production is wider … and the scientists
967-972 @973 B.4.vi | Academic Researcher 5 | It’s about acknowledging … an equal role.
980-980 @981 B.4.vii | Academic Researcher 6 | It’s about being … you don’t know
988-988 @989 B.4.vii | Academic Researcher 5 | We had to … couldn’t do it
995-995 @995 B.4.vii | Academic Researcher 1 | Always be open … have to say
997-998 @998 B.4.vii | Public partner Z | But also being … you weren’t expecting
1008-1008 @1008 B.4.viii | Academic Researcher 2 | Creative and emergent, … will end up
1010-1012 @1012 B.4.viii | Academic Researcher 4 | Because as soon … is, it’s interacting
1014-1014 @1015 B.4.viii | Academic Researcher 1 | Doing research differently…Co-production … a different place
1017-1018 @1018 B.4.viii | Academic Researcher 7 | It seems to … challenging, it’s transformational.
1023-1023 @1024 B.4.viii | Academic Researcher 5 | You can push … do research differently
1026-1026 @1026 B.4.viii | Academic Researcher 8 | Novel for me … and for them
1028-1028 @1029 B.4.viii | Academic Researcher 3 | Did not set … led us there!
1035-1036 @1036 B.4.viii | Academic Researcher 1 | Difficult to leave … prevents good co-production
1038-1038 @1039 B.4.viii | Academic Researcher 8 | Being prepared to … space for iterations
1041-1046 @1047 B.4.viii | Academic Researcher 3 | It is always … to get started.
1053-1053 @1053 B.4.viii | Academic Researcher 8 | Don’t be afraid … Don’t be afraid
1055-1055 @1055 B.4.viii | Academic Researcher 1 | Flying by the … of our pants
1057-1060 @1060 B.4.viii | Academic Researcher 3 | Yes, which is … and validate that.
1062-1062 @1062 B.4.viii | Academic Researcher 3 | Lots of balls … keep everyone involved
1071-1071 @1071 B.4.ix | Academic Researcher 11 | You can have … the whole system
1073-1074 @1074 B.4.ix | Academic Researcher 13 | We do have … them into practice.
1076-1077 @1078 B.4.ix | Academic Researcher 10 | We’ve got a … and the patients.
1083-1086 @1087 B.4.ix | Academic Researcher 1 | For me it … delivery as well.
1089-1092 @1092 B.4.ix | Academic Researcher 5 | I think what … on from that
1097-1100 @1101 B.4.ix | Public partner B | Well sometimes I … interested in me.
1103-1107 @1107 B.4.ix | Public partner C | Personally when I … to society again.
1109-1110 @1111 B.4.ix | Public partner A | I could only … of reward really.
1115-1115 @1116 B.4.ix | Academic Researcher 1 | It’s quite time … we really did.
1130-1139 @1139 B.4.x | Academic Researcher 5 | In order for … conversations of interest...
1141-1143 @1143 B.4.x | Academic Researcher 4 | Really the only … trust each other.
1158-1162 @1162 B.4.x | Academic Researcher 4 | First of all … co-creating the agenda.
1164-1166 @1167 B.4.x | Academic Researcher 5 | Early on we … into this document
1178-1179 @1179 B.4.x | Academic Researcher 7 | We didn’t think … being positively assertive.
1181-1182 @1182 B.4.x | Service User Researcher C | Treated the same … do with PPI.
1184-1188 @1189 B.4.x | Public partner D | The challenge all … you can understand.
1191-1192 @1193 B.4.x | Academic Researcher 4 | And I will … expert on everything.
1204-1208 @1209 B.4.x | Academic Researcher 4 | We try to … than the parts.
1211-1215 @1215 B.4.x | Academic Researcher 4 | For me it … skews the relationship.
1229-1231 @1231 B.4.x | Academic Researcher 4 | It’s really hard … push it forward
1233-1235 @1236 B.4.x | Academic Researcher 13 | We have salaried … different lay members
1247-1251 @1252 B.4.x | Academic Researcher 8 | I really feel … to work differently
1254-1257 @1257 B.4.x | Public partner F | Suppose I don’t … people’s personal needs
"""

# Quotes of each speaker in B.4.i to B.4.x.
TABLE = """
Academic Researcher 1     | 0 0 0 2 1 0 1 3 2 0
Academic Researcher 2     | 1 2 1 0 1 0 0 1 0 0
Academic Researcher 3     | 2 0 1 1 0 1 0 4 0 0
Academic Researcher 4     | 1 1 1 2 0 2 0 1 0 6
Academic Researcher 5     | 1 1 3 2 3 3 1 1 1 2
Academic Researcher 6     | 0 0 0 0 0 2 1 0 0 0
Academic Researcher 7     | 0 2 0 0 3 1 0 1 0 1
Academic Researcher 8     | 0 0 0 0 2 0 0 3 0 1
Academic Researcher 10    | 0 0 0 0 0 0 0 0 1 0
Academic Researcher 11    | 0 0 0 0 0 0 0 0 1 0
Academic Researcher 13    | 0 0 0 0 0 0 0 0 1 1
Public partner A          | 0 0 2 2 0 0 0 0 1 0
Public partner B          | 1 1 1 1 0 0 0 0 1 0
Public partner C          | 1 0 0 0 1 0 0 0 1 0
Public partner D          | 0 0 1 0 0 0 0 0 0 1
Public partner F          | 0 0 0 0 0 0 0 0 0 1
Public partner Z          | 0 0 0 0 0 0 1 0 0 0
Service User Researcher C | 0 0 0 0 0 0 0 0 0 1
"""
B4 = [f"B.4.{number}" for number in ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")]

# The line of the label, where it is not the line of the closing mark.
LABELS_APART = [
    *(566, 573, 603, 631, 641, 723, 774, 781, 800, 807, 823, 842, 852, 862, 865, 885, 946, 957, 973),
    *(981, 989, 1015, 1024, 1029, 1039, 1047, 1078, 1087, 1101, 1111, 1116, 1167, 1189, 1193, 1209, 1236, 1252),
]

PRINTED_LABELS = {
    *(f"[Academic Researcher {number}]" for number in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13)),
    "(Academic Researcher 7)",
    "[Academic Researchers 1]",
    "[Academic researcher 4]",
    "[Academic researcher 5]",
    *(f"[Public partner {letter}]" for letter in "ABCDZ"),
    "[Public Partner B]",
    "[Public partnerF]",
    "[Service User Researcher C]",
}

# Words in quotation marks that nobody is named for, and their lines.
INLINE_PHRASES = [
    ("good science", (316, 316)),
    ("taken off as the new buzz word", (562, 563)),
    ("equal seat at the table", (676, 677)),
    ("Through the lenses of another person", (784, 785)),
    ("talked down to", (829, 829)),
    ("the tripartite voice of academics, practitioners and patients.", (949, 950)),
    ("spirit of openness", (991, 991)),
    ("you never quite know where you are going to end up", (1003, 1003)),
]

# Quotes printed with odd marks or labels: the line → (all words or the last ones, label as printed, what stands
# between the words and the label).
ODD = {
    640: ("co-production is much more radical than that.", "[Academic Researcher 2]", " ” "),
    664: ("not just about standardised tools.", "[Academic Researcher 7]", " “ "),
    757: ("designing the funding application, we all identify our skills", "[Academic Researcher 4]", " “ "),
    815: ("do they genuinely feel that they are a real partner.", "[Academic Researcher 3]", "” "),
    864: ("Some meetings not relevant to them to attend, it is going to be ‘sciency", "[Academic Researcher 7]", "” "),
    873: ("we might even want to say ‘well what do you mean by….?", "[Public partner C]", "” "),
    939: ("If you value what they have to offer, they come up with the goods", "[Academic Researcher 7]", "” "),
    980: ("It’s about being safe enough in a group to say what you don’t know", "[Academic Researcher 6]", "”. "),
    988: (
        "We had to put our hands up and say we couldn’t do it",
        "[Academic researcher 5]",
        "” and ask for help ",
    ),
    995: ("Always be open about problems and see what they have to say", "[Academic Researchers 1]", ' "'),
    1018: (
        "It seems to me that co-production is really radical, it’s really challenging, it’s transformational.",
        "[Academic Researcher 7]",
        "” ",
    ),
}


@pytest.fixture(scope="module")
def quotes(document: Document) -> list[Passage]:
    """The attributed quotations, in reading order."""
    return [passage for passage in document.passages if passage.kind is Kind.INTERVIEW]


def ending_on(quotes: list[Passage], line: int) -> Passage:
    """Give the one quote whose words end on a line."""
    (found,) = [quote for quote in quotes if quote.lines[1] == line]
    return found


def test_register_of_quotes_is_the_hand_counted_one(document: Document, quotes: list[Passage]) -> None:
    found = [
        f"{quote.lines[0]}-{quote.lines[1]} @{document.line_of(quote.label_start or 0)} {quote.section} | "
        f"{quote.speaker} | {' '.join(quote.text.split()[:3])} … {' '.join(quote.text.split()[-3:])}"
        for quote in quotes
    ]
    assert found == REGISTER.strip().splitlines()
    assert len(found) == 95


def test_quotes_by_speaker_and_section_are_the_hand_counted_table(quotes: list[Passage]) -> None:
    counts = Counter((quote.speaker, quote.section) for quote in quotes)
    expected = {}
    for line in TABLE.strip().splitlines():
        speaker, _, row = line.partition("|")
        for section, count in zip(B4, row.split(), strict=True):
            expected[speaker.strip(), section] = int(count)
    assert sum(expected.values()) == 95
    assert counts == Counter({key: count for key, count in expected.items() if count})
    assert [sum(counts[who, section] for who in {key[0] for key in counts}) for section in B4] == [
        *(7, 7, 10, 10, 11, 9, 4, 14, 9, 14)
    ]


def test_speakers_are_eleven_academics_and_seven_public_in_order_of_number(document: Document) -> None:
    assert [(speaker.label, speaker.role) for speaker in document.speakers] == [
        *((f"Academic Researcher {number}", "academic") for number in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13)),
        *((f"Public partner {letter}", "public") for letter in "ABCDFZ"),
        ("Service User Researcher C", "public"),
    ]


def test_role_filter_gives_77_academic_and_18_public_quotes(document: Document) -> None:
    academic = quotes_of(document, role="academic")
    public = quotes_of(document, role="public")
    assert (len(academic), len(public)) == (77, 18)
    assert all(quote.speaker.startswith("Academic Researcher") for quote in academic)
    assert Counter(quote.speaker.rpartition(" ")[0] for quote in public) == {
        "Public partner": 17,
        "Service User Researcher": 1,
    }


@pytest.mark.parametrize(
    ("section", "count"), [("B.4.ii", 1), ("B.4.v", 1), ("B.4.vi", 0), ("B.4.vii", 1), ("B.4.viii", 0)]
)
def test_public_quotes_are_few_in_some_sections(document: Document, section: str, count: int) -> None:
    assert len(quotes_of(document, role="public", section=section)) == count


def test_speaker_filter_takes_the_number_whole(document: Document) -> None:
    assert len(quotes_of(document, speaker="Academic Researcher 1")) == 9
    assert len(quotes_of(document, speaker="Academic Researcher 13")) == 2
    assert quotes_of(document, speaker="Academic Researcher 9") == []
    assert quotes_of(document, speaker="Academic Researcher 12") == []
    (service_user,) = quotes_of(document, speaker="Service User Researcher C")
    assert service_user.lines == (1181, 1182)
    assert service_user.role == "public"


def test_quotes_of_says_what_the_passage_says(document: Document, quotes: list[Passage]) -> None:
    for quote, passage in zip(quotes_of(document), quotes, strict=True):
        assert quote.passage_id == passage.id
        assert quote.quoted_text == document.text[passage.start : passage.end]
        assert (quote.speaker, quote.section, quote.lines) == (passage.speaker, passage.section, passage.lines)
        assert quote.label_as_printed == passage.label_as_printed


def test_printed_labels_are_the_23_spellings(quotes: list[Passage]) -> None:
    assert len(PRINTED_LABELS) == 23
    assert {quote.label_as_printed for quote in quotes} == PRINTED_LABELS


def test_label_stands_after_its_quote_in_the_text(document: Document, quotes: list[Passage]) -> None:
    for quote in quotes:
        assert quote.label_start is not None
        assert quote.label_end is not None
        assert quote.printed_start is not None
        assert document.text[quote.label_start : quote.label_end] == quote.label_as_printed
        assert quote.printed_start < quote.start < quote.end < quote.label_start
        assert document.text[quote.printed_start : quote.start].strip() == "“"


def test_labels_on_another_line_than_the_closing_mark_are_37(document: Document, quotes: list[Passage]) -> None:
    apart = [
        line for quote in quotes if (line := document.line_of(quote.label_start or 0)) != document.line_of(quote.end)
    ]
    assert len(LABELS_APART) == 37
    assert apart == LABELS_APART


def test_label_broken_over_two_lines_is_read_whole(document: Document, quotes: list[Passage]) -> None:
    broken = [
        (quote.lines, document.lines_of(quote.label_start or 0, quote.label_end or 0), quote.label_as_printed)
        for quote in quotes
        if len(set(document.lines_of(quote.label_start or 0, quote.label_end or 0))) > 1
    ]
    assert broken == [((939, 939), (939, 940), "[Academic Researcher 7]")]


@pytest.mark.parametrize("line", ODD)
def test_odd_marks_are_read_as_a_reader_reads_them(document: Document, quotes: list[Passage], line: int) -> None:
    words, label, between = ODD[line]
    quote = ending_on(quotes, line)
    assert quote.text.endswith(words)
    assert quote.label_as_printed == label
    assert document.text[quote.end : quote.label_start] == between


def test_quotes_with_ordinary_marks_have_only_a_mark_and_a_space_before_the_label(
    document: Document, quotes: list[Passage]
) -> None:
    odd = {quote.lines[1] for quote in quotes if document.text[quote.end : quote.label_start] != "” "}
    assert odd == {640, 664, 757, 980, 988, 995}


def test_quotes_without_a_blank_line_between_are_two(quotes: list[Passage]) -> None:
    first, second = ending_on(quotes, 660), ending_on(quotes, 664)
    assert first.text.endswith("so what we did is something quite innovative")
    assert first.speaker == "Academic Researcher 5"
    assert second.text.startswith("I think it can be in all research but it requires")
    assert second.speaker == "Academic Researcher 7"
    assert second.lines == (661, 664)


def test_quotes_over_a_page_end_are_whole(quotes: list[Passage]) -> None:
    assert ending_on(quotes, 815).text == (
        "I think a sense of community of support is actually quite important so rather than content it is this sense "
        "do they genuinely feel that they are a real partner."
    )
    assert ending_on(quotes, 1018).text.endswith("it’s really challenging, it’s transformational.")


def test_brackets_inside_a_quote_are_not_labels(quotes: list[Passage]) -> None:
    assert "so we have [patient partner] being very much" in ending_on(quotes, 689).text
    assert "the actual [specialist] ….so you could have" in ending_on(quotes, 740).text
    assert ending_on(quotes, 904).text.endswith("experience of as clinicians [and lived experience]…before we start")


def test_inner_single_marks_stay_in_the_quote(quotes: list[Passage]) -> None:
    dialogue = ending_on(quotes, 740).text
    assert dialogue.startswith("Well he said, ‘you could do a review’...’no, I’m not a scientist")
    assert "and I thought ‘what?’.... I thought about it" in dialogue
    assert "he said ‘what are you waiting for?’…all my shelf life had gone" in ending_on(quotes, 1107).text


@pytest.mark.parametrize(
    ("lines", "speakers", "shared"),
    [
        ((630, 1018), ("Academic Researcher 2", "Academic Researcher 7"), "to me that co-production is really radical"),
        ((674, 799), ("Academic Researcher 5",) * 2, "the whole point about co-production is you’ve got to work with"),
        ((773, 1215), ("Academic Researcher 4",) * 2, "hard for academics to get away from doing that…"),
        ((799, 1139), ("Academic Researcher 5",) * 2, "share a bit of yourself"),
        ((584, 602), ("Academic Researcher 3",) * 2, "magic thing"),
        ((660, 988), ("Academic Researcher 5",) * 2, "put our hands up and s"),
    ],
)
def test_near_duplicates_are_kept_apart_each_with_its_own_speaker(
    quotes: list[Passage], lines: tuple[int, int], speakers: tuple[str, str], shared: str
) -> None:
    pair = [ending_on(quotes, line) for line in lines]
    assert all(shared.casefold() in quote.text.casefold() for quote in pair)
    assert tuple(quote.speaker for quote in pair) == speakers
    assert len({quote.id for quote in pair}) == 2


def test_quote_lengths_are_the_hand_counted_ones(quotes: list[Passage]) -> None:
    lengths = {quote.lines[0]: len(quote.text.split()) for quote in quotes}
    assert (min(lengths.values()), statistics.median(lengths.values()), max(lengths.values())) == (3, 40, 163)
    assert lengths[1130] == 163
    assert lengths[1053] == 3
    assert sorted(line for line, words in lengths.items() if words > 100) == [654, 695, 767, 1041, 1130]
    assert sorted(line for line, words in lengths.items() if words <= 6) == [1026, 1053]
    assert sum(first != last for first, last in (quote.lines for quote in quotes)) == 72


def test_inline_phrases_are_the_eight_and_have_no_speaker(document: Document, quotes: list[Passage]) -> None:
    found = [(document.text[start:end], document.lines_of(start, end)) for start, end in document.inline_phrases]
    assert found == INLINE_PHRASES
    for start, end in document.inline_phrases:
        assert not any(quote.start < end and start < quote.end for quote in quotes)
        (holder,) = [passage for passage in document.passages if passage.start <= start and end <= passage.end]
        assert holder.speaker is None


def test_double_quoted_spans_are_103(document: Document, quotes: list[Passage]) -> None:
    assert len(quotes) + len(document.inline_phrases) == 103


def test_block_quotation_without_marks_has_no_speaker(document: Document) -> None:
    (block,) = [passage for passage in document.passages if passage.lines == (272, 278)]
    assert block.text.startswith("Co-production re-defines relationships between research participants")
    assert block.text.endswith("lead to socially just change. (ibid: 12).")
    assert (block.kind, block.speaker, block.lead_in[-5:]) == (Kind.LITERATURE, None, "Thus:")


def test_no_passage_holds_words_of_a_quote_and_anything_else(document: Document, quotes: list[Passage]) -> None:
    passages = sorted(document.passages, key=lambda passage: passage.start)
    for before, after in pairwise(passages):
        assert before.end <= after.start, (before.lines, after.lines)
    for quote in quotes:
        assert quote.label_start is not None
        assert quote.label_end is not None
        held = [p for p in passages if p.start < quote.label_end and quote.label_start < p.end]
        assert held == [], f"the label at line {document.line_of(quote.label_start)} stands in a passage"
    label = re.compile(r"[\[(]\s*(?:Academic Researchers?|Public Partner|Service User Researcher)\s*\w+\s*[\])]", re.I)
    assert len(label.findall(document.text)) == 95
    assert [passage.lines for passage in passages if label.search(passage.text)] == []
