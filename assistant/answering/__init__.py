"""Decides whether what was found answers, selects what is shown of it, and composes the answer or the refusal."""
