"""Show answers, hits and quotes in a terminal, for people: plain words, wrapped lines, no markup from a source."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from assistant.finding.retriever import Candidate
from assistant.finding.score import weights_for
from assistant.quoting.cite import marker
from assistant.schema import Answer, Hit, QuotationBlock
from corpus.glossary import GlossaryEntry
from corpus.library import Library
from corpus.schema import Quote, Section


def show_answer(console: Console, answer: Answer) -> None:
    """Print an answer with its citations, notices and suggestions."""
    for block in answer.blocks:
        if isinstance(block, QuotationBlock):
            console.print(Padding(Text(f"{block.words} {marker(block.citation.marker)}"), (0, 0, 0, 2)))
            console.print(Padding(Text(block.attribution, style="dim"), (0, 0, 0, 2)))
        elif block.kind == "reason":  # it stands in the line of the refusal
            continue
        else:
            console.print(Text(_with_reason(answer) if block.kind == "refusal" else block.text, style="bold"))
        console.print()
    for line in (*answer.notices, *answer.suggestions):
        console.print(Text(line, style="italic"))


def _with_reason(answer: Answer) -> str:
    return " ".join(block.text for block in answer.blocks if block.kind in ("refusal", "reason"))


def show_hits(console: Console, hits: tuple[Hit, ...], library: Library) -> None:
    """Print the passages that were found, best first."""
    for hit in hits:
        first, last = library.passage(hit.passage_id).lines
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


def show_glossary(console: Console, entries: list[GlossaryEntry]) -> None:
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
