"""What each sees of a session: a part whose number stays is as it was, whatever happens; words have meanings."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.room import changes as to
from assistant.room.activities import prompts_of
from assistant.room.packs import Packs
from assistant.room.seen import PARTS, Viewer, see, version_of
from assistant.room.store import NotNow, RoomFile
from corpus.load import load_library
from tests.assistant.room_plans import made

PACKS = Packs(load_library())
PLAN = PACKS.plans["long"].plan.model_copy(
    update={"steps": tuple(one.model_copy(update={"dots": 3}) for one in PACKS.plans["long"].plan.steps)}
)
PEOPLE = ("p1", "p2", "p3")
VIEWERS = (Viewer("participant", "p1"), Viewer("participant", "p2"), Viewer("screen"), Viewer("lead"))
_CUT = PACKS.quotes.find(PLAN.steps[2].sides[0][0])
_BLOCK = to.KeptBlock(kind="quotation", document=_CUT.document, passage=_CUT.passage, start=_CUT.start, end=_CUT.end)
_person, _yes = st.sampled_from(PEOPLE), st.booleans()
_question, _rule = st.sampled_from(("q1", "q2")), st.sampled_from(("r1", "r2"))
_step = st.sampled_from(PLAN.steps)


def _responded(step: Any, person: str, number: int, first: bool) -> to.Responded:
    fields = {
        one.key: (one.options[0 if first else -1].key if one.options else "some words") for one in prompts_of(step)
    }
    return to.Responded(person=person, step=step.id, round=number, fields=fields)  # type: ignore[arg-type]


WANTED = st.one_of(
    st.builds(_responded, _step, _person, st.sampled_from((1, 2)), _yes),
    st.builds(_responded, _step, _person, st.sampled_from((1, 2)), _yes),
    st.builds(to.Moved, step=st.integers(0, 6), phase=st.sampled_from(("think", "again", "read"))),
    st.builds(to.Asked, person=_person, question=_question, text=st.just("Why?"), same=st.sampled_from(("a", "b"))),
    st.builds(to.Answered, same=st.sampled_from(("a", "b")),
              answer=st.just(to.KeptAnswer(status="answered", blocks=(_BLOCK,)))),
    st.builds(to.Screened, item=st.sampled_from(("nothing", "join", "step", "rules", "words", "results")),
              id=st.just("")),
    st.builds(to.Screened, item=st.sampled_from(("rules", "words")), released=st.just(("r1", "PPI"))),
    st.builds(to.Screened, item=st.just("quote"), id=st.sampled_from(("0", "1"))),
    st.builds(to.Screened, item=st.just("question"), id=_question),
    st.builds(lambda step, person: to.Screened(item="answer", id=f"{step.id}/1/{person}"), _step, _person),
    st.builds(to.Hid, what=st.just("question"), id=_question, hidden=_yes),
    st.builds(to.Hid, what=st.just("rule"), id=_rule, hidden=_yes),
    st.builds(to.Hid, what=st.just("word"), id=st.just("PPI"), hidden=_yes),
    st.builds(lambda step, person, hidden: to.Hid(what="answer", id=f"{step.id}/1/{person}", hidden=hidden),
              _step, _person, _yes),
    st.builds(to.PutAside, question=_question, aside=_yes),
    st.builds(to.TookBack, person=_person, question=_question),
    st.builds(to.RuleWritten, rule=_rule, text=st.sampled_from(("Listen", "Speak")),
              person=st.sampled_from(("", *PEOPLE))),
    st.builds(to.RuleAgreed, rule=_rule, agreed=_yes),
    st.builds(to.Dotted, person=_person, step=_step.map(lambda step: step.id), dots=st.just({"0": 2})),
    st.builds(to.Flagged, person=_person, word=st.sampled_from(("PPI", "ontology"))),
    st.builds(to.ResultsShown, step=_step.map(lambda step: step.id), shown=_yes),
    st.builds(to.Paused, paused=_yes),
    st.builds(to.TimerSet, ends=st.sampled_from((None, 9.0)), shown=_yes),
    st.builds(to.JoinDetails, shown=_yes),
    st.builds(to.KeyMade, role=st.sampled_from(("screen", "co")), hash=st.sampled_from(("", "x"))),
    st.builds(to.Left, person=_person),
)  # fmt: skip


def seen(file: RoomFile) -> dict[tuple[Viewer, str], tuple[int, Any]]:
    return {
        (viewer, part): (version_of(file.room, viewer, part), see(file.room, viewer, part, PACKS.quotes))
        for viewer in VIEWERS
        for part in PARTS[viewer.role]
    }


def hold(wanted: list[to.Change]) -> None:
    """Make changes, and hold every part whose number stayed against what it was."""
    file = RoomFile.make(None, made().model_copy(update={"plan": PLAN}))
    for number, change in enumerate([to.Opened(), *(to.Joined(person=one, token=one) for one in PEOPLE)]):
        file.do("y", str(number), change)
    before = seen(file)
    for number, change in enumerate(wanted):
        try:
            file.do("x", str(number), change)
        except NotNow:
            continue
        after = seen(file)
        for key, (version, shown) in after.items():
            if version == before[key][0]:
                assert shown == before[key][1], (change, key)
        before = after
    file.close()


@settings(max_examples=40)
@given(wanted=st.lists(WANTED, min_size=10, max_size=40))
def test_part_whose_number_stays_is_as_it_was(wanted: list[to.Change]) -> None:
    """Else a page would show what is no longer so until it is loaded again."""
    hold(wanted)


def test_forgotten_part_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [_responded(PLAN.steps[2], person, 1, first=True) for person in PEOPLE]
    wanted = [to.Moved(step=2, phase="think"), to.ResultsShown(step=PLAN.steps[2].id, shown=True), *answers]
    hold(wanted)
    monkeypatch.setattr("assistant.room.state.Room._results_of", lambda *_: [])
    with pytest.raises(AssertionError):
        hold(wanted)


def test_flagged_words_are_explained_by_the_report_or_by_us_and_marked() -> None:
    file = RoomFile.make(None, made())
    for number, change in enumerate([
        to.Opened(), to.Joined(person="p1", token="t"), to.Flagged(person="p1", word="co-creation"),
        to.Flagged(person="p1", word="ppi"), to.Flagged(person="p1", word="heron"),
        to.Screened(item="words", released=("co-creation", "ppi", "heron")),
        to.Hid(what="word", id="heron", hidden=True),
    ]):  # fmt: skip
        file.do("x", str(number), change)
    words = {one["word"]: one for one in see(file.room, Viewer("lead"), "words", PACKS.quotes)["words"]}
    assert words["co-creation"]["defined"] and words["ppi"]["meaning"] and not words["ppi"]["defined"]
    assert words["heron"]["meaning"] == ""
    on_screen = see(file.room, Viewer("screen"), "screen", PACKS.quotes)["words"]
    assert [one["word"] for one in on_screen] == ["co-creation", "ppi"]
