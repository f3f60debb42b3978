"""Show answers, hits and quotes in a terminal, for people: plain words, wrapped lines, no markup from a source."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from assistant.finding.retriever import Candidate
from assistant.finding.score import weights_for
from assistant.quoting.cite import marker, read_blocks
from assistant.schema import Answer, Hit
from corpus.glossary import Entry
from corpus.schema import Document, Quote, Section


def show_answer(console: Console, answer: Answer) -> None:
    """Print an answer with its citations, notices and suggestions."""
    for block in read_blocks(answer.text):
        if block.marker is None:
            console.print(Text(block.words.replace("**", ""), style="bold"))
        else:
            console.print(Padding(Text(f"{block.words} {marker(block.marker)}"), (0, 0, 0, 2)))
            console.print(Padding(Text(block.attribution, style="dim"), (0, 0, 0, 2)))
        console.print()
    for line in (*answer.notices, *answer.suggestions):
        console.print(Text(line, style="italic"))


def show_hits(console: Console, hits: tuple[Hit, ...], documents: tuple[Document, ...]) -> None:
    """Print the passages that were found, best first."""
    lines = {passage.id: passage.lines for document in documents for passage in document.passages}
    for hit in hits:
        first, last = lines[hit.passage_id]
        who = f"{hit.speaker}, " if hit.speaker else ""
        console.print(
            Text(f"{hit.rank}. {who}{hit.section}, lines {first}–{last} (score {hit.score:.3f})", style="bold")
        )
        console.print(Padding(Text(hit.text), (0, 0, 1, 3)))


def show_scores(console: Console, found: list[Candidate]) -> None:
    """Print what each hit's score is made of: cosines, BM25 as a share of the best, and what was added for a voice."""
    console.print(Text("How the hits were scored", style="bold"))
    for rank, scored in enumerate(found, start=1):
        who = f"{scored.passage.speaker}, " if scored.passage.speaker else ""
        parts = " + ".join(
            f"{weight:g} × {scored.parts[name]:.2f} {name}"
            for name, weight in weights_for(scored.has_questions).items()
            if scored.parts[name]
        )
        console.print(Text(f"{rank}. {who}{scored.passage.section}: {scored.score:.3f} = {parts}"))


def show_quotes(console: Console, quotes: list[Quote]) -> None:
    """Print quotations, each with who said it and where it stands."""
    for quote in quotes:
        console.print(Text(f"“{quote.quoted_text}”"))
        first, last = quote.lines
        where = f"— {quote.speaker}, {quote.section} {quote.section_title}, lines {first}–{last}"
        console.print(Padding(Text(where, style="dim"), (0, 0, 1, 0)))
    console.print(Text(f"{len(quotes)} quotes"))


def show_glossary(console: Console, entries: list[Entry]) -> None:
    """Print what words mean, whose meaning it is, and what else people say."""
    for entry in entries:
        whose = f"as the report says in {entry.section}" if entry.defined_by == "report" else "in our words"
        console.print(Text(entry.term, style="bold"))
        console.print(Padding(Text(f"{entry.meaning} ({whose})"), (0, 0, 0, 2)))
        if entry.also:
            console.print(Padding(Text(f"Also: {', '.join(entry.also)}", style="dim"), (0, 0, 0, 2)))


def show_sections(console: Console, sections: list[tuple[Section, tuple[int, int]]]) -> None:
    """Print the sections with the lines that they take up."""
    width = max((len(section.id) for section, _ in sections), default=0)
    for section, (first, last) in sections:
        console.print(Text(f"{section.id:<{width}}  {section.title}  (lines {first}–{last})"))
