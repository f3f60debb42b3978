"""The fixed words around quotations. Nothing else may stand in an answer: `assistant/cite.py` checks it."""

SAYS = "**What the report says**"
SAID = "**What people said in interviews**"
PROJECTS = "**Projects the report lists**"
#: What an answer may say beside its quotations.
HEADINGS = frozenset({SAYS, SAID, PROJECTS})
#: How every answer without quotations begins.
NOT_COVERED = "The report does not say."
