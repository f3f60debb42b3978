"""A session that a trainer runs: its plan, what happens in it, what is kept of it, and what each in it may see."""
