"""The fixed words around quotations. Nothing else may stand in an answer: `assistant/quoting/cite.py` checks it."""

SAYS = "**What the report says**"
SAID = "**What people said in interviews**"
PROJECTS = "**Projects the report lists**"
#: What an answer may say beside its quotations.
HEADINGS = frozenset({SAYS, SAID, PROJECTS})
#: Said with every answer that quotes.
STANDING_NOTICE = "These are exact words: they show what the report says, not whether it is right."
#: How every answer without quotations begins.
NOT_COVERED = "The report does not say."
#: What is said to a greeting, to thanks, and to whoever asks what this is.
SMALL_TALK = (
    "Hello. Ask about co-production or public involvement in research, in your own words. "
    "You get the report’s exact words and what people said in interviews, or are told that the report does not say."
)
#: Questions to try.
EXAMPLES = (
    "What is the most important principle of co-production?",
    "What do public partners say about confidence?",
    "How is co-production different from PPI?",
    "Who funded the DRINK trial?",
)
