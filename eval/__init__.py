"""What judges: cases, measures, runs, comparisons, reports."""
