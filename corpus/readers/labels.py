"""Tell whose turn a line begins, in a transcript: and whether there are turns at all.

`Note:` and `Aim:` look like `Ann:`. No single line can tell them apart, so a label counts only with evidence from the
whole text: people take turns, come back, and say "I" and "you"; the fields of a form come in a fixed order, once each.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

#: What a label says of itself: somebody's part in a talk, a short code, a name of several words, or any one word.
Likeness = Literal["role", "code", "name", "word"]

_TIME = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3})?"
_STAMP = rf"(?:\[{_TIME}\]|\({_TIME}\)|<{_TIME}>|{_TIME})"
_RANGE = rf"{_STAMP}(?:\s*(?:-->|[-–—])\s*{_STAMP})?"
_NAME = r"[^\W\d_][^:\t\n\[\]<>{}|“”\"!?;=…]{0,99}?"
_PATTERNS = (
    # [00:01] Ann: words · 12 Ann: words · Ann (00:01): words · Ann [00:01]: words
    re.compile(
        rf"(?:(?P<at>{_RANGE})\s*[-–—]?\s*)?(?:\d{{1,5}}[.)]?\s+)?(?:(?P<at2>{_RANGE})\s*[-–—]?\s*)?\[?(?P<name>{_NAME})\]?"
        rf"(?:\s*(?P<at3>{_STAMP}))?\s*:(?=\s|$|[^\W\d])(?P<rest>.*)",
        re.DOTALL,
    ),
    # Ann  0:01 · [00:01] Ann: alone on its line
    re.compile(rf"(?P<name>{_NAME})[\s,|·•–—-]+(?P<at>{_RANGE}):?\s*(?P<rest>)"),
    re.compile(rf"(?P<at>{_RANGE})[\s,|·•–—-]+(?P<name>{_NAME})(?P<rest>)"),
    # INT<tab>words
    re.compile(
        rf"(?:(?:{_RANGE}|\d{{1,5}})\t)?(?P<name>{_NAME}):?(?:\t(?P<at>{_RANGE}))?\t(?P<rest>[^\t]*\w[^\t]*)", re.DOTALL
    ),
)
_TAB_PATTERN = 3
_SMALL = frozenset("of de del della di da du van von der den the and for to with al bin ibn la le y e en on in".split())
_ROLES = frozenset(
    """interviewer interviewee participant respondent informant speaker moderator mod facilitator facilitators
    researcher
    patient carer caregiver chair chairman chairwoman chairperson cochair co-chair vice-chair host guest presenter
    doctor dr nurse midwife physician clinician consultant surgeon therapist physiotherapist gp psychologist
    psychiatrist
    pharmacist professor prof phd grad postdoc student teacher tutor parent mother father mum dad son daughter wife
    husband partner child client user member president senator witness counsel judge minister secretary councillor
    narrator reporter voice audience panelist panellist commentator operator caller announcer translator interpreter
    investigator observer assistant manager director designer clerk staff female male man woman boy girl unknown
    unidentified all everyone public academic professional service int interv resp part
    """.split()
)
#: Words that head something else than a turn: fields of minutes and forms, parts of papers, signs of advice.
_NEVER = frozenset(
    """note notes nb n.b ps p.s aim aims action actions agenda agreed apologies attendance attendees attending present
    absent date dates time times venue location place minutes meeting meetings item items decision decisions outcome
    outcomes output outputs objective objectives goal goals purpose background introduction intro method methods
    methodology result results finding findings discussion conclusion conclusions recommendation recommendations summary
    abstract keyword keywords key reference references source sources figure fig table box appendix annex chapter
    section part-1 step steps example examples exercise activity tip tips hint warning caution important remember
    attention danger info information definition definitions term terms question questions answer answers faq q a
    problem problems solution solutions issue issues risk risks benefit benefits pro pros con cons advantage advantages
    disadvantage disadvantages strength strengths weakness weaknesses opportunity opportunities threat threats challenge
    challenges barrier barriers enabler enablers impact impacts evidence theme themes topic topics title subject author
    authors editor editors publisher published version status type category tags tag name names role roles address email
    e-mail mail phone tel telephone fax mobile website web url link links http https ftp file files download isbn issn
    doi copyright licence license contact contacts from to cc bcc re fw fwd sent received subject-line dear price cost
    costs budget funding funder funders funded total subtotal amount number no day days month year week hours hour
    duration deadline due start end begin finish owner lead leads responsible responsibility team organisation
    organization department company project programme program sponsor country city county region state age gender sex
    ethnicity occupation diagnosis treatment dose inclusion exclusion criteria population intervention comparison
    setting design sample size measure measures data analysis limitations limitation implications ethics approval
    consent registration trial protocol acknowledgements acknowledgments conflict conflicts interests declaration
    translation original answer-key true false yes none other others comment comments remark remarks feedback rationale
    reason reasons because however therefore thus also first second third fourth finally firstly secondly thirdly next
    then today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march april
    june july august september october november december morning afternoon evening lunch break welcome close closing
    opening any aob overview scope contents content context description details detail features feature requirements
    requirement usage install installation parameters parameter returns return raises default args arguments see input
    option options value values syntax todo fixme bug fix added changed removed deprecated security unreleased image
    photo picture video audio map chart caption credit ingredients directions serves before after left right top bottom
    up down here there this that these those it what when where why who how which transcript transcription recording
    transcribed transcriber recorded interview focus-group session track episode series page pages line lines paragraph
    clause article rule rules law act bill case cases fact facts myth myths story stories quote quotes theory practice
    policy point points message messages lesson lessons learning idea ideas suggestion suggestions proposal proposals
    priority priorities task tasks plan plans progress update updates change changes review reviews report reports
    response responses request requests support training resources resource materials material equipment tools tool
    level grade score rating rank position unit units module modules course lecture week-1 assignment homework
    pass fail criteria-1 test tests check checks verdict vote votes motion seconded proposed carried matter matters
    so well but or if yeah yep okay ok now look listen anyway basically actually maybe perhaps please thanks sorry
    hello hi again still plus only just vision mission value-1 principle principles standard standards guideline
    guidelines
    """.split()
)
#: Words of these that are surnames too.
_SURNAMES = frozenset(
    "price day page law case may march best field rule price bill field story chase banks wills".split()
)
#: With these goes on a sentence, never a label: `So, the last question: …`
_SENTENCE = frozenset(
    "the a an this that these those it its we i you he she they is are was were be my our your their if when so but "
    "and or as there here what why how who where which to in on at by with from for not no yes well then "
    "because".split()
)
_NOT_A_LABEL = re.compile(r"\b(?:et al|19\d\d|20\d\d|www\.|https?)\b", re.IGNORECASE)
_TALK = re.compile(
    r"\b(?:i|i[’'](?:m|ve|d|ll)|you|your|you[’']re|me|my|we|our|us|yeah|yes|no|okay|ok|um|uh|erm|mm|thanks|thank|hello|hi"
    r"|well|so|right)\b|\?",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"\s*\((?:[^()]|\([^()]*\))*\)")
_HEAD = 300  # characters: a label stands among the first of a line
#: A text in which so few of its paragraphs begin with a label is not a transcript; with many turns, fewer will do.
_COVERED = 0.4
_COVERED_MANY = 0.2
_MANY = 10
_RETURNING = 0.6  # of the turns: so many must be of people who come back
_ALTERNATING = 0.3  # of neighbouring turns: so many must be of different people
_FIXED_ORDER = 0.9  # of the labels: so often the same one follows in a form
_OFTEN = 3  # times at least, and in so many of the turns, must stand a label that is also a word of the text
_OFTEN_SHARE = 0.05
_TALKING = 0.25  # of the turns: so many must read like talk, where labels could be anything


@dataclass(frozen=True)
class Label:
    """A label in a line: its place there, whom it names, where the words begin, and the time if one is printed."""

    name: str
    start: int
    end: int
    words: int
    seconds: float | None
    likeness: Likeness | None
    alone: bool

    @property
    def key(self) -> str:
        """What is the same for one person, however the label is set."""
        return " ".join(self.name.casefold().split())


def seconds_of(stamp: str | None) -> float | None:
    """Read a time of a recording; of a span of time, its beginning."""
    found = re.search(_TIME, stamp or "")
    if not found:
        return None
    total = 0.0
    for part in found[0].replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def only_time(line: str) -> float | None:
    """Give the time of a line that holds nothing else."""
    return seconds_of(line) if re.fullmatch(rf"\s*{_RANGE}\s*", line) else None


def label_of(line: str) -> Label | None:
    """Read the label that a line begins with, whether or not it names anybody.

    >>> label_of("Jane Smith, Chief Nurse: Thank you.").name
    'Jane Smith'
    >>> label_of("Note: bring a pen.").likeness is None
    True
    """
    for number, pattern in enumerate(_PATTERNS):
        match = pattern.fullmatch(line[:_HEAD])
        if not match:
            continue
        printed = match["name"].rstrip()
        if not _is_short(printed) or (number == _TAB_PATTERN and "." in printed):
            continue
        groups = match.groupdict()
        stamp = next((one for one in (groups.get("at"), groups.get("at2"), groups.get("at3")) if one), None)
        rest = match["rest"]
        words = match.start("rest") + len(rest) - len(rest.lstrip())
        name = person_in(printed)
        start = match.start("name")
        likeness = likeness_of(printed)
        return Label(name, start, start + len(printed), words, seconds_of(stamp), likeness, not rest.strip())
    return None


def _is_short(printed: str) -> bool:
    """Tell whether words are few enough to be a label, beside what stands in parentheses or after a comma."""
    bare = _PARENTHESES.sub("", printed)
    return bool(bare) and len(bare) <= 60 and len(bare.split()) <= 8


def person_in(printed: str) -> str:
    """Give the name in a label that holds a title too: `Jane Smith, Chief Nurse` is Jane Smith; `Smith, Jane` stays."""
    at = _comma_in(printed)
    name, comma, title = (printed[:at], ",", printed[at + 1 :]) if at >= 0 else (printed, "", "")
    title = title.strip()
    words = title.split()
    is_title = bool(title) and (
        len(name.split()) > 1
        or title[0].islower()
        or any(one.casefold().strip(".") in _ROLES for one in words)
        or (len(words) > 1 and not all(len(one.strip(".")) <= 2 for one in words[1:]))
    )
    return " ".join(name.split()) if comma and is_title else " ".join(printed.split())


def _comma_in(printed: str) -> int:
    """Give the place of the first comma that stands in no parentheses; -1 where there is none."""
    depth = 0
    for at, one in enumerate(printed):
        depth += (one == "(") - (one == ")")
        if one == "," and depth <= 0:
            return at
    return -1


def likeness_of(printed: str) -> Likeness | None:
    """Say what a label is like; nothing where it cannot name anybody.

    >>> [likeness_of(one) for one in ("Participant 4", "INT", "Ann Lee", "Ann", "Next steps", "I told them")]
    ['role', 'code', 'name', 'word', None, None]
    """
    bare = _PARENTHESES.sub("", printed).partition(",")[0].strip()
    words = [one.strip(".#") for one in re.split(r"[\s/&_]+", bare) if one.strip(".#&/-–")]
    after = printed[_comma_in(printed) + 1 :].split() if _comma_in(printed) >= 0 else []
    if after and (after[0].casefold() in _SENTENCE or len(after) > 8):
        return None
    if not words or _NOT_A_LABEL.search(printed) or not re.search(r"[^\W\d_]", bare):
        return None
    small = [one.casefold() for one in words]
    if any(one in _ROLES for one in small) and len(words) <= 5:
        plain = all(
            one in _ROLES or one in _SMALL or one[0].isupper() or one.isdigit() for one in _known_in_small(words)
        )
        if plain and (small[0] not in _NEVER or (len(words) > 1 and small[-1] in _ROLES)):
            return "role"
    if len(words) == 1 and re.fullmatch(r"[A-Z]{1,4}[-_ ]?\d{0,4}[A-Za-z]?", words[0]) and small[0] not in _NEVER:
        return "code"
    if (small[0] in _NEVER and not _is_given_name(small)) or bare.endswith("."):
        return None
    if len(words) > 1 and small[-1] in _NEVER and small[-1] not in _SURNAMES:
        return None
    if not all(one[0].isupper() or one[0].isdigit() or one in _SMALL for one in words) or not words[0][0].isupper():
        return None
    return "name" if len(words) > 1 and any(one[0].isupper() for one in words[1:]) else "word"


def _is_given_name(small: Sequence[str]) -> bool:
    """Tell whether a label begins with a word that is also a name, and another follows: `May Brown`."""
    return len(small) > 1 and small[0] in ("may", "april", "june", "august", "right", "mark", "page", "art")


def could_begin_turn(label: Label) -> bool:
    """Tell whether a line begins like a turn or a field, whoever or whatever it names: in words with capitals."""
    words = [one.strip(".#()") for one in _PARENTHESES.sub("", label.name).partition(",")[0].split()]
    plain = all(one[0].isupper() or one[0].isdigit() or one in _SMALL for one in words if one)
    return label.likeness is not None or (0 < len(words) <= 6 and plain and label.name[0].isupper())


def _known_in_small(words: Sequence[str]) -> list[str]:
    """Give known parts in a talk in small letters, other words as they are."""
    return [one.casefold() if one.casefold() in _ROLES else one for one in words]


@dataclass(frozen=True)
class Unit:
    """A line or paragraph that may begin with a label."""

    text: str
    label: Label | None


class Labels:
    """The labels of a transcript."""

    def __init__(self, known: dict[str, str]) -> None:
        """Take each person's key and the label as it was first printed."""
        self._known = known

    def of(self, label: Label) -> str | None:
        """Give whom a label names; nobody where it is no label of this transcript."""
        return self._known.get(label.key) if label.likeness else None


def find_labels(texts: Sequence[str]) -> Labels | None:
    """Find the labels of a transcript, given its paragraphs in order; nothing where it is none."""
    units = [Unit(text, label_of(text)) for text in texts]
    first, last = _region(units)
    turns = [(at, one.label) for at, one in enumerate(units) if one.label and one.label.likeness]
    if not turns:
        return None
    counts = Counter(label.key for _, label in turns)
    if not _takes_turns(units, turns, counts, last - first + 1):
        return None
    common = _words_in_small(texts)
    often = max(_OFTEN, _OFTEN_SHARE * len(turns))
    known: dict[str, str] = {}
    for _, label in turns:
        count = counts[label.key]
        sure = count > 1 or label.likeness != "word" or label.seconds is not None
        if label.likeness == "word" and label.key in common:
            sure = count >= often  # a word that also stands in sentences
        if sure:
            known.setdefault(label.key, label.name)
    return Labels(known)


def _region(units: Sequence[Unit]) -> tuple[int, int]:
    at = [index for index, one in enumerate(units) if one.label and one.label.likeness]
    return (at[0], at[-1]) if at else (0, 0)


def _takes_turns(units: Sequence[Unit], turns: list[tuple[int, Label]], counts: Counter[str], length: int) -> bool:
    """Tell whether labels are those of people who talk with each other."""
    total = len(turns)
    labels = [label for _, label in turns]
    timed = sum(1 for one in labels if one.seconds is not None)
    parts = sum(1 for one in labels if one.likeness == "role" or (one.likeness == "code" and one.name[-1].isdigit()))
    if parts == total and len(counts) > 1 and total / length >= _COVERED:
        return True
    if timed * 2 > total >= 3:
        return True
    if total < 4 or len(counts) < 2:
        return False
    returning = sum(count for count in counts.values() if count > 1)
    different = sum(1 for one, following in pairwise(labels) if one.key != following.key)
    enough = _COVERED if total < _MANY else _COVERED_MANY
    if returning < _RETURNING * total or different < _ALTERNATING * (total - 1) or total < enough * length:
        return False
    if parts * 2 > total:
        return True
    if len(counts) > 2 and _is_form(labels):
        return False
    return _reads_like_talk(units, turns)


def _is_form(labels: Sequence[Label]) -> bool:
    """Tell whether labels come in one fixed order, again and again, as the fields of a form do."""
    following = Counter((one.key, after.key) for one, after in pairwise(labels))
    best: dict[str, int] = {}
    for (key, _), count in following.items():
        best[key] = max(best.get(key, 0), count)
    return sum(best.values()) >= _FIXED_ORDER * (len(labels) - 1)


def _reads_like_talk(units: Sequence[Unit], turns: list[tuple[int, Label]]) -> bool:
    """Tell whether enough turns say "I" or "you", or ask; a turn's words may stand in the next line."""
    talking = 0
    for at, label in turns:
        words = units[at].text[label.words :]
        if label.alone and at + 1 < len(units):
            words = units[at + 1].text
        talking += bool(_TALK.search(words))
    return talking >= _TALKING * len(turns)


def _words_in_small(texts: Sequence[str]) -> set[str]:
    """List the words that stand somewhere without a capital: most names never do."""
    return {word for text in texts for word in re.findall(r"\b[a-z]+\b", text)}
