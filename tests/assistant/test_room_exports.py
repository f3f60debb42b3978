"""Files of packs and sessions, read back by parsers: words, titles, reading order; what people write stays words."""

import csv
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import docx
import pptx
import pytest

from assistant.quoting.export.cells import unguard_cell
from assistant.room import changes as to
from assistant.room.activities import prompts_of
from assistant.room.exports.pages import write_page, write_scorm
from assistant.room.exports.paper import write_paper
from assistant.room.exports.sheets import (
    NOT_FOUND,
    OURS,
    TRAINERS,
    Sheet,
    activity,
    all_cards,
    cards_of,
    handout,
    join_sheet,
    mats_of,
    notes,
    summary,
)
from assistant.room.exports.slides import write_slides
from assistant.room.exports.tables import write_cards_csv, write_gift, write_summary_csv
from assistant.room.exports.word import write_word
from assistant.room.packs import Packs
from assistant.room.plan import Plan, Step
from assistant.room.store import RoomFile
from corpus.load import load_library
from tests.assistant.room_plans import made
from tests.payloads import ONE_OF_EACH, PAYLOADS
from tests.web.live import alive


@pytest.fixture(scope="module")
def packs() -> Packs:
    return Packs(load_library())


def finished(packs: Packs, words: str = "A heron") -> RoomFile:
    """Give a session in which three people did everything, with words of a participant's wherever they may stand."""
    plan = packs.plans["long"].plan.model_copy(update={"title": words[:160]})
    file = RoomFile.make(None, made().model_copy(update={"plan": plan}))
    cut = packs.quotes.find(plan.steps[2].sides[0][0])
    block = to.KeptBlock(kind="quotation", document=cut.document, passage=cut.passage, start=cut.start, end=cut.end)
    changes: list[to.Change] = [to.Opened(), *(to.Joined(person=f"p{n}", token=f"t{n}") for n in range(3))]
    changes += [to.RuleWritten(rule="r1", text=words[:200], person="p1"), to.RuleAgreed(rule="r1", agreed=True)]
    changes += [to.RuleWritten(rule="r2", text="a hidden rule"), to.Hid(what="rule", id="r2", hidden=True)]
    changes += [
        to.Asked(person="p1", question="q1", text=words[:500], same="x"),
        to.Flagged(person="p1", word=words[:60]),
    ]
    changes += [to.Answered(same="x", answer=to.KeptAnswer(status="answered", blocks=(block,)))]
    changes += [to.Asked(person="p2", question="q2", text="Who pays?", same="y")]
    changes += [
        to.Answered(
            same="y", answer=to.KeptAnswer(status="not_in_corpus", blocks=(to.KeptBlock(kind="refusal", text="No."),))
        )
    ]
    for number, phase in ((1, "think"), (2, "again")):
        changes.append(to.Moved(step=2, phase=phase))  # type: ignore[arg-type]
        for person, view in (("p0", "view-1"), ("p1", "view-2"), ("p2", "view-1")):
            fields = {"nearer": view, "would-do": words[:600]}
            changes.append(to.Responded(person=person, step="power-views", round=number, fields=fields))  # type: ignore[arg-type]
    changes.append(to.Ended(on="2026-01-31"))
    for number, change in enumerate(changes):
        file.do("x", str(number), change)
    return file


def sheets(packs: Packs, words: str = "A heron") -> dict[str, Sheet]:
    room = finished(packs, words).room
    own = Step(
        id="own-1",
        kind="own",
        title=words[:160],
        text=words,
        whose="trainer",
        prompts=prompts_of(packs.steps["power-scenario"]),
    )
    return {
        "summary": summary(room, packs.quotes),
        "join": join_sheet(words, "http://192.0.2.1:7860/room", "CDFHJK"),
        "handout": handout(room.plan, packs.quotes),
        "own": activity(own, packs.quotes),
    }


def test_summary_holds_what_was_said_and_nothing_of_who_or_when(packs: Packs) -> None:
    room = finished(packs).room
    written = write_paper(summary(room, packs.quotes))
    table = write_summary_csv(room, packs.quotes)
    for kept in (written, table):
        assert "A heron" in kept and "power differential" not in kept
        assert "One view" in kept and "Another view" in kept and "Who pays?" in kept
        assert not re.search(
            r"\bp[012]\b|\bt[012]\b|\d\d:\d\d|a hidden rule", re.sub(r"<style>.*?</style>", "", kept, flags=re.DOTALL)
        )
    assert "(agreed)" in written and "1 hidden" in written and "What the report does not answer" in written
    quoted = packs.quotes.find(room.plan.steps[2].sides[0][0])
    assert quoted.attribution in written and quoted.attribution in table


def test_word_files_have_a_title_headings_and_reading_order(packs: Packs) -> None:
    sheet = summary(finished(packs).room, packs.quotes)
    file = docx.Document(io.BytesIO(write_word(sheet)))
    headings = [one.text for one in file.paragraphs if one.style and one.style.name.startswith("Heading")]
    assert headings[0] == sheet.title and "Questions" in headings
    assert file.core_properties.title == sheet.title and file.core_properties.language == "en-GB"
    for name in ("power-sort", "what-counts-who"):
        step = packs.steps[name]
        for layout, columns in (("small", 2), ("large", 1)):
            cards = docx.Document(io.BytesIO(write_word(cards_of(step, packs.quotes, layout))))  # type: ignore[arg-type]
            assert len(cards.tables[0].columns) == columns
            cells = [cell.text for row in cards.tables[0].rows for cell in row.cells if cell.text]
            cuts = [packs.quotes.find(card.span) for card in step.cards]
            for cell, cut in zip(cells, cuts, strict=False):
                assert cell.startswith(cut.words)
                assert (cut.attribution in cell) is (name == "power-sort")


def test_cards_of_everybody_are_all_95_and_name_speaker_section_and_reference(packs: Packs) -> None:
    library = load_library()
    for layout in ("small", "large"):
        page = write_paper(all_cards(library, packs.quotes, layout))  # type: ignore[arg-type]
        assert page.count('<figure class="card">') == 95 == page.count('class="reference"')
    assert (
        "Academic Researcher 13, B.4.x" in page
        and "@page { size: A4" in page
        and alive(page, page.replace("95", "")) == []
    )


def test_cards_for_guessing_say_who_said_it_on_a_last_page_alone(packs: Packs) -> None:
    page = write_paper(cards_of(packs.steps["what-counts-who"], packs.quotes, "large"))
    front, _, back = page.partition('<div class="break">')
    assert "Public partner" not in front and "Academic Researcher" not in front
    assert "Card 1: — Public partner B" in back
    assert write_paper(mats_of(packs.steps["power-sort"])).count('class="mat"') == 5


def test_slides_have_titles_notes_and_one_quotation_each(packs: Packs) -> None:
    plan = packs.plans["middle"].plan
    file = pptx.Presentation(io.BytesIO(write_slides(plan, packs.quotes)))
    slides = list(file.slides)
    assert len(slides) == 1 + len(plan.steps) + sum(len(step.spans) for step in plan.steps)
    for slide in slides:
        assert slide.shapes.title is not None and slide.shapes.title.text_frame.text
        assert slide.shapes[0] == slide.shapes.title  # read first
        assert slide.has_notes_slide
    cut = packs.quotes.find(plan.steps[0].cards[0].span)
    shown = [one for one in slides if cut.words in one.placeholders[1].text_frame.text]
    assert len(shown) == 1 and cut.attribution in [s.text_frame.text.split("\n")[0] for s in shown[0].shapes]
    assert cut.reference in shown[0].notes_slide.notes_text_frame.text


def read_gift(written: str) -> list[tuple[str, str, list[str]]]:
    """Read GIFT: title, question and answers of each, unescaped."""
    found = []
    for item in re.split(r"\n\n", "\n".join(line for line in written.split("\n") if not line.startswith("//")).strip()):
        match = re.fullmatch(
            r"::((?:[^\\:]|\\.)*)::\s((?:[^\\{}]|\\.)*) \{((?:[^\\{}]|\\.)*)\}", item.strip(), re.DOTALL
        )
        assert match, item
        answers = [one for one in re.split(r"(?<!\\)[~=]", match[3]) if one.strip()]
        found.append(
            (*(re.sub(r"\\(.)", r"\1", match[n]) for n in (1, 2)), [re.sub(r"\\(.)", r"\1", one) for one in answers])
        )
    return found


def test_gift_is_read_back(packs: Packs) -> None:
    step = packs.steps["what-counts-who"]
    questions = read_gift(write_gift(step, packs.quotes))
    assert len(questions) == 8
    cut = packs.quotes.find(step.cards[0].span)
    assert questions[0][1] == " ".join(cut.words.split()) and len(questions[0][2]) == 3
    assert all(answer.startswith("%33.33333%") for _, _, answers in questions for answer in answers)  # none is right
    for payload in (*PAYLOADS, "a = b ~ c # d { e } : f \\ g"):
        own = Step(
            id="own-1", kind="own", title=payload[:160], text=payload, prompts=prompts_of(packs.steps["power-scenario"])
        )
        read = read_gift(write_gift(own, packs.quotes))
        assert len(read) == 3 and all(answers == [] for _, _, answers in read)


def test_csv_is_read_back_and_holds_no_formula(packs: Packs) -> None:
    step = packs.steps["power-views"]
    rows = list(csv.reader(io.StringIO(write_cards_csv(step, packs.quotes).lstrip("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [packs.quotes.find(span).words for span in step.spans]
    summed = list(
        csv.reader(io.StringIO(write_summary_csv(finished(packs, "=1+1").room, packs.quotes).lstrip("\ufeff")))
    )
    cells = [cell for row in summed for cell in row]
    assert "'=1+1" in cells and not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert unguard_cell("'=1+1") == "=1+1"


def test_scorm_package_is_read_back(packs: Packs) -> None:
    for name in ("what-counts-who", "power-sort", "power-views", "closing-closing"):
        with zipfile.ZipFile(io.BytesIO(write_scorm(packs.steps[name], packs.quotes))) as package:
            assert package.testzip() is None
            manifest = ET.fromstring(package.read("imsmanifest.xml"))
            spaces = {"c": "http://www.imsproject.org/xsd/imscp_rootv1p1p2"}
            assert manifest.findtext("c:metadata/c:schemaversion", namespaces=spaces) == "1.2"
            resource = manifest.find("c:resources/c:resource", spaces)
            assert resource is not None and resource.get("{http://www.adlnet.org/xsd/adlcp_rootv1p2}scormtype") == "sco"
            item = manifest.find(".//c:item", spaces)
            assert item is not None and item.get("identifierref") == resource.get("identifier")
            page = package.read(str(resource.get("href"))).decode()
        assert page == write_page(packs.steps[name], packs.quotes)
        assert (
            page.count("LMSSetValue") == 1
            and "score" not in page
            and "http" not in re.sub(r"<p class=.reference.*?</p>", "", page).replace("http-equiv", "")
        )


def test_words_of_people_do_nothing_on_paper_slides_and_pages(packs: Packs) -> None:
    like = Step(id="own-1", kind="own", title="A heron", text="A heron", whose="trainer")
    harmless = {name: write_paper(sheet) for name, sheet in sheets(packs).items()}
    harmless_page = write_page(like, packs.quotes)
    for payload in PAYLOADS:
        for name, sheet in sheets(packs, payload).items():
            assert alive(write_paper(sheet), harmless[name]) == [], (name, payload)
        own = like.model_copy(update={"title": payload[:160], "text": payload})
        assert alive(write_page(own, packs.quotes), harmless_page) == []
    for payload in ONE_OF_EACH:  # both write what they get as text; each is slow
        word = docx.Document(io.BytesIO(write_word(join_sheet(payload, payload, "CDFHJK"))))
        assert [one for one in word.part.rels.values() if one.is_external] == []
        own = like.model_copy(update={"title": payload[:160], "text": payload})
        slides = pptx.Presentation(io.BytesIO(write_slides(Plan(title=payload[:160], steps=(own,)), packs.quotes)))
        assert [one for slide in slides.slides for one in slide.part.rels.values() if one.is_external] == []


def test_cards_have_the_numbers_that_results_name(packs: Packs) -> None:
    for name, called in (("power-sort", "Card"), ("what-counts-who", "Card"), ("power-views", "Quotation")):
        step = packs.steps[name]
        by = [one.by for one in cards_of(step, packs.quotes, "small").blocks if one.kind == "card"]
        assert [one.startswith(f"{called} {number}") for number, one in enumerate(by, start=1)] == [True] * len(by)
    sheet = activity(packs.steps["power-sort"], packs.quotes)
    assert [one.text for one in sheet.blocks if one.text.startswith("Card ")][:2] == ["Card 1", "Card 2"]


def test_notes_and_handout_are_whole(packs: Packs) -> None:
    plan = packs.plans["long"].plan
    page = write_paper(notes(plan, packs.checklist))
    assert page.count("Take care:") == 7 and "no rates of pay" in page
    given = write_paper(handout(plan, packs.quotes))
    assert all(step.title in given.replace("&#39;", "'") for step in plan.steps)


def test_words_of_a_trainers_step_are_marked_as_theirs_everywhere(packs: Packs) -> None:
    theirs = packs.steps["what-counts-who"].model_copy(update={"whose": "trainer", "text": "A heron of ours"})
    plan = Plan(title="Mixed", steps=(packs.steps["power-views"], theirs))
    for sheet in (notes(plan, packs.checklist), handout(plan, packs.quotes)):
        first, _, second = write_paper(sheet).partition(f"2. {theirs.title}")
        assert OURS in first and TRAINERS not in first and TRAINERS in second.partition("Checklist")[0]
        assert OURS not in second.partition("Checklist")[0]
    assert (
        TRAINERS in write_gift(theirs, packs.quotes) and "ours" not in write_gift(theirs, packs.quotes).split("\n")[0]
    )
    slides = list(pptx.Presentation(io.BytesIO(write_slides(plan, packs.quotes))).slides)
    said = next(one for one in slides if one.placeholders[1].text_frame.text == "A heron of ours")
    assert TRAINERS in [shape.text_frame.text for shape in said.shapes]
    assert TRAINERS in said.notes_slide.notes_text_frame.text
    cut = packs.quotes.find(theirs.cards[0].span)
    guessed = next(one for one in slides if one.placeholders[1].text_frame.text == cut.words)
    assert cut.attribution not in [shape.text_frame.text for shape in guessed.shapes]
    noted = guessed.notes_slide.notes_text_frame.text
    assert cut.attribution in noted and cut.reference in noted


def test_files_are_written_after_a_corpus_change_and_say_what_is_gone(packs: Packs) -> None:
    file = finished(packs)
    step = file.room.plan.steps[2]
    gone = step.sides[0][0].model_copy(update={"words": "Nobody says this any more."})
    changed = step.model_copy(update={"sides": ((gone, *step.sides[0][1:]), *step.sides[1:]), "dots": 3})
    steps = (*file.room.plan.steps[:2], changed, *file.room.plan.steps[3:])
    file.room.plan = file.room.plan.model_copy(update={"steps": steps})
    file.room.dots = {step.id: {"p0": {"0": 3}}}
    (block,) = file.room.answers["x"].blocks
    answer = to.KeptAnswer(status="answered", blocks=(block.model_copy(update={"passage": "gone"}),))
    file.room.answers["x"] = answer
    for written in (
        write_paper(summary(file.room, packs.quotes)),
        write_summary_csv(file.room, packs.quotes),
    ):
        assert written.count(NOT_FOUND) == 2 and "Nobody says this" not in written
    assert NOT_FOUND in write_paper(activity(changed, packs.quotes))
    assert file.room.plan.title in write_paper(handout(file.room.plan, packs.quotes))
    shown = [
        one.placeholders[1].text_frame.text
        for one in pptx.Presentation(io.BytesIO(write_slides(file.room.plan, packs.quotes))).slides
    ]
    assert shown.count(NOT_FOUND) == 1


def test_sheet_for_ground_rules_has_a_place_to_write_them(packs: Packs) -> None:
    page = write_paper(activity(packs.steps["ground-rules-starter"], packs.quotes))
    assert page.partition("Our ground rules")[2].count('class="write"') == 8
