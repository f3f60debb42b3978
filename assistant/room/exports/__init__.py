"""What a session brings and leaves, as files: paper, Word, slides, tables, questions for Moodle, pages, SCORM."""
