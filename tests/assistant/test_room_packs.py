"""Packs and plans: every card equals the corpus, every deck keeps its balance, and a broken one is refused."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.room.packs import CHECKLIST, FOLDER, PLANS, Packs
from assistant.room.plan import Plan, Span, Step, read_plan
from assistant.room.quotes import Quotes, why_unbalanced
from corpus.errors import CoproduceError, CorpusError
from corpus.load import LIBRARY, load_library
from corpus.schema import Document

#: What tells a researcher's words, or a member of the public's, from the other's. Read by hand beside the decks.
TELLS = re.compile(
    r"\b(patients?|service users?|public partners?|lay|academics?|researchers?|university|scientists?|carers?)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return Packs(load_library())


def steps(packs: Packs, kind: str = "") -> Iterator[Step]:
    yield from (step for step in packs.steps.values() if kind in ("", step.kind))


def test_every_quotation_equals_the_corpus(packs: Packs, report: Document) -> None:
    count = 0
    for step in steps(packs):
        for span in step.spans:
            cut = packs.quotes.find(span)
            passage = report.passage(cut.passage)
            assert report.text[cut.start : cut.end].replace("\n", " ") == span.words
            assert (cut.speaker, cut.role, cut.section) == (passage.speaker, passage.role, span.section)
            assert cut.words == (
                f"“{report.text[cut.start : cut.end]}”" if cut.speaker else report.text[cut.start : cut.end]
            )
            assert passage.section in cut.attribution and (passage.speaker or "") in cut.attribution
            if cut.speaker:
                assert (cut.start, cut.end) == (passage.start, passage.end), "somebody's words are shown whole"
            count += 1
    assert count == 130


def test_decks_for_guessing_are_half_and_half_and_name_no_side(packs: Packs) -> None:
    decks = list(steps(packs, "who_said"))
    assert len(decks) >= 2
    for deck in decks:
        cuts = [packs.quotes.find(card.span) for card in deck.cards]
        assert len(set(Counter(cut.role for cut in cuts).values())) == 1 and len({cut.role for cut in cuts}) == 2
        assert max(Counter(cut.speaker for cut in cuts).values()) <= 2
        assert [cut.words for cut in cuts if TELLS.search(cut.words)] == []


def test_decks_for_sorting_have_themes_of_the_report_and_no_near_duplicates(packs: Packs, report: Document) -> None:
    titles = {section.title.casefold() for section in report.sections}
    decks = list(steps(packs, "sort"))
    assert len(decks) == 2
    for deck in decks:
        assert 12 <= len(deck.cards) <= 16 and 3 <= len(deck.themes) <= 5
        names = {theme.key: theme.title.casefold().removeprefix("a ") for theme in deck.themes}
        assert all(any(name in title for title in titles) for name in names.values())
        cuts = [packs.quotes.find(card.span) for card in deck.cards]
        for card, cut in zip(deck.cards, cuts, strict=True):  # the heap is the section that the card stands in
            assert names[card.home] in cut.section_title.casefold()
        said = [set(re.findall(r"\w{4,}", cut.words.casefold())) for cut in cuts]
        for place, one in enumerate(said):
            assert all(len(one & other) < 0.6 * min(len(one), len(other)) for other in said[:place] if other and one)


def test_contested_points_have_somebody_on_two_sides_as_the_file_of_points_has_them(packs: Packs) -> None:
    points = [[set(side) for side in one.sides] for entry in load_library().entries for one in entry.contested]
    views = list(steps(packs, "two_views"))
    assert len(views) >= 10
    for step in views:
        sides = [{packs.quotes.find(span).passage for span in side} for side in step.sides]
        assert all(packs.quotes.find(span).speaker for side in step.sides for span in side)
        assert any(all(any(side <= kept for kept in point) for side in sides) for point in points), step.id


def test_plans_begin_with_ground_rules_and_fit_their_minutes(packs: Packs) -> None:
    assert [one.plan.minutes for one in packs.plans.values()] == [20, 45, 90]
    kinds = {step.kind for one in packs.plans.values() for step in one.plan.steps}
    assert len(kinds) == 7
    for one in packs.plans.values():
        assert one.plan.steps[0].kind == "ground_rules" and one.plan.steps[-1].kind == "closing"
        minutes = sum(step.notes.alone + step.notes.pairs + step.notes.table for step in one.plan.steps)
        assert minutes <= one.plan.minutes + 15, (one.id, minutes)
    assert len(packs.packs) == 8 and any("no rates of pay" in item for item in packs.checklist)


def test_notes_warn_of_the_section_on_illness_and_loss(packs: Packs) -> None:
    for step in steps(packs):
        if any(span.section == "B.4.ix" for span in step.spans):
            assert "B.4.ix" in step.notes.care
    assert all("upset" in step.notes.care for step in steps(packs))


def test_where_the_report_quotes_no_public_partner_none_is_offered(packs: Packs) -> None:
    silent = {"B.4.vi", "B.4.viii"}
    for step in steps(packs):
        sections = {span.section for span in step.spans}
        if sections and sections <= silent:
            assert packs.quotes.others(step, "public") == []
    ethics = packs.packs["ethics"].step("unknown")
    assert packs.quotes.others(ethics, "public") == [] and packs.quotes.others(ethics, "academic")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("It is very trendy at the moment to put the co prefix in front of nothing", "stands in no passage"),
        ("very trendy at the moment", "begins or ends within a sentence"),
        ("co-production", "passages of section"),
    ],
)
def test_words_that_do_not_stand_there_are_no_quotation(packs: Packs, words: str, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        packs.quotes.find(Span(document="involve-2017", section="B.4.i", words=words))


def test_plan_is_opened_again_whole_and_what_does_not_fit_is_named(packs: Packs) -> None:
    plan = packs.plans["long"].plan
    assert read_plan(plan.model_dump_json()) == plan
    assert packs.quotes.opened(plan) == (plan, ())
    written = plan.model_dump()
    written["steps"][1]["cards"][0]["span"]["words"] = "I never said this"
    kept, faults = packs.quotes.opened(Plan.model_validate(written))
    assert [step.id for step in kept.steps] == [step.id for step in plan.steps if step.kind != "who_said"]
    assert "I never said this" in faults[0] and "half and half" in faults[1]
    with pytest.raises(CoproduceError, match="not a plan"):
        read_plan('{"format": "coproduce-plan-1", "title": "x", "steps": []}')


def test_unbalanced_decks_are_refused(packs: Packs) -> None:
    quotes: Quotes = packs.quotes
    rules = packs.packs["ground_rules"].step("starter")
    who = packs.packs["what_counts"].step("who")
    sort = packs.packs["roles"].step("sort")
    views = packs.packs["power"].step("views")
    for broken, said in (
        (who.model_copy(update={"cards": who.cards[:-1]}), "half and half"),
        (sort.model_copy(update={"cards": sort.cards[:11]}), "12 to 16"),
        (views.model_copy(update={"sides": views.sides[:1]}), "two sides"),
        (who.model_copy(update={"cards": (*who.cards, *who.cards)}), "two cards of one speaker"),
        (rules.model_copy(update={"cards": (*rules.cards, *rules.cards)}), "twice"),
    ):
        assert said in (why_unbalanced(broken, quotes) or "")
    assert why_unbalanced(who, quotes) is None


def test_pack_with_a_changed_word_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "involve-2017"
    (folder / FOLDER).mkdir(parents=True)
    (folder / "manifest.toml").write_bytes((LIBRARY / "involve-2017" / "manifest.toml").read_bytes())
    written = (LIBRARY / "involve-2017" / FOLDER / "power.toml").read_text(encoding="utf-8")
    (folder / FOLDER / "power.toml").write_text(written, encoding="utf-8")
    assert list(Packs(load_library(), tmp_path).packs) == ["power"]
    (folder / FOLDER / "power.toml").write_text(
        written.replace("I was so", "I was not so").replace("equal", "unequal", 3)
    )
    with pytest.raises(CorpusError, match="stands in no passage"):
        Packs(load_library(), tmp_path)
    assert {PLANS, CHECKLIST} <= {path.name for path in (LIBRARY / "involve-2017" / FOLDER).iterdir()}
