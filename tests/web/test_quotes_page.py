"""The page of quotes: numbers counted by hand in the register, filters, cards, and what is said of wrong ones."""

import html
import re

import httpx
import pytest

from assistant.serving.web.quotes_page import length_of
from corpus.schema import Document


def figures(page: str) -> list[tuple[str, str]]:
    """Each quotation of a page: its words and its attribution."""
    found = re.findall(r"<figure.*?<blockquote><p>(.*?)</p></blockquote>\s*<figcaption>(.*?)<", page, re.DOTALL)
    return [(html.unescape(words.replace("<br>", "\n")), html.unescape(who)) for words, who in found]


def test_all_quotes_are_shown_word_for_word(client: httpx.Client, report: Document) -> None:
    page = client.get("/quotes").text
    quotes = [one for one in report.passages if one.speaker]
    assert "95 quotes: 77 by academic researchers, 18 by public partners" in page
    assert [words for words, _ in figures(page)] == [f"“{one.text}”" for one in quotes]
    for one, (_, who) in zip(quotes, figures(page), strict=True):
        assert who.startswith(f"— {one.speaker}, {one.section} ")
        assert f'href="/read/{report.id}?from={one.start}&amp;to={one.end}#cited"' in page
        assert page.count(f'class="keep" data-document="{report.id}" data-passage="{one.id}"') == 1
        assert page.count(f'class="copy" data-document="{report.id}" data-passage="{one.id}"') == 1


# Counted in the register of quotes by speaker and section.
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"role": "public"}, "18 quotes: 18 by public partners"),
        ({"section": "B.4.ix"}, "9 quotes: 6 by academic researchers, 3 by public partners"),
        ({"section": ["B.4.i", "B.4.ix"], "role": "public"}, "5 quotes: 5 by public partners"),
        ({"section": "b.4.IX", "role": "PUBLIC"}, "3 quotes: 3 by public partners"),
        ({"speaker": "public PARTNER z"}, "1 quote: 1 by public partners"),
        ({"speaker": "Public partner Z"}, "1 quote: 1 by public partners"),
        (
            {"speaker": ["Public partner A", "Academic Researcher 10"]},
            "6 quotes: 1 by academic researchers, 5 by public partners",
        ),
        ({"section": "B.4.vii", "role": ""}, "4 quotes: 3 by academic researchers, 1 by public partners"),
    ],
)
def test_filters_narrow_the_quotes(client: httpx.Client, asked: dict[str, str | list[str]], said: str) -> None:
    page = client.get("/quotes", params=asked).text
    assert f'<h2 id="found" tabindex="-1">{said}</h2>' in page
    assert len(figures(page)) == int(said.split(maxsplit=1)[0])


def test_length_is_counted_in_words() -> None:
    assert [length_of(" ".join(["word"] * count)) for count in (1, 25, 26, 60, 61)] == [
        "short", "short", "medium", "medium", "long",
    ]  # fmt: skip


def test_lengths_split_the_quotes(client: httpx.Client) -> None:
    among = [
        [len(words.split()) for words, _ in figures(client.get("/quotes", params={"length": length}).text)]
        for length in ("short", "medium", "long")
    ]
    assert sum(map(len, among)) == 95
    assert max(among[0]) <= 25 < min(among[1]) and max(among[1]) <= 60 < min(among[2])
    assert min(among[0]) == 3 and max(among[2]) == 163  # the shortest and the longest of the report


def test_theme_without_public_partner_says_exactly_that(client: httpx.Client) -> None:
    page = client.get("/quotes", params={"section": "B.4.vi", "role": "public"}).text
    assert "No public partner is quoted in B.4.vi Respect for individual assets and embracing diversity." in page
    assert "any theme: 18 quotes" in page and "any role: 9 quotes" in page
    assert figures(page) == []
    assert "is quoted in B.4.ix" not in client.get("/quotes", params={"section": "B.4.ix"}).text


def test_filters_that_shut_each_other_out_say_what_to_widen(client: httpx.Client) -> None:
    page = client.get("/quotes", params={"role": "public", "speaker": "Academic Researcher 5"}).text
    assert "No quote fits all that you chose." in page
    assert "any role: 18 quotes" in page  # Academic Researcher 5 is quoted 18 times, and so are public partners
    assert "any speaker: 18 quotes" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"section": "B.9"}, "There is no theme “B.9”. There are: B.4.i; B.4.ii;"),
        ({"role": "boss"}, "There is no role “boss”. There are: public; academic."),
        (
            {"speaker": "<b>Public partner G"},
            "There is no speaker “&lt;b&gt;Public partner G”. There are: Public partner A;",
        ),
        ({"length": "tiny"}, "There is no length “tiny”. There are: short; medium; long."),
        ({"view": "x" * 500}, f"called “{'x' * 60}”. There are: list; cards."),
    ],
)
def test_unknown_value_is_told_with_those_that_exist(client: httpx.Client, asked: dict[str, str], said: str) -> None:
    answer = client.get("/quotes", params=asked)
    assert answer.status_code == 400
    assert said in answer.text
    assert len(figures(answer.text)) == 95


def test_cards_hold_one_short_quote_each_with_its_speaker(client: httpx.Client, report: Document) -> None:
    page = client.get("/quotes", params={"view": "cards"}).text
    cards = re.findall(r'<li class="card">(.*?)</li>', page, re.DOTALL)
    short = [one for one in report.passages if one.speaker and len(one.text.split()) <= 25]
    assert len(cards) == len(short)
    assert f"{95 - len(short)} longer quotes are left out" in page
    for card, one in zip(cards, short, strict=True):
        ((words, who),) = figures(card)
        assert words == f"“{one.text}”" and who.startswith(f"— {one.speaker}, ")
        others = {other.speaker for other in short} - {one.speaker}
        assert not any(f"{other}," in card for other in others)
        assert "NIHR INVOLVE; 2017." in card


def test_chosen_filters_stay_chosen(client: httpx.Client) -> None:
    page = client.get("/quotes", params={"section": "B.4.ix", "role": "public", "length": "short"}).text
    chosen = re.findall(r'name="(\w+)" value="([^"]*)" checked', page)
    assert chosen == [("role", "public"), ("length", "short"), ("section", "B.4.ix"), ("view", "list")]
