"""Documents that people add: kept in one SQLite file, found in folders, read, embedded, and opened to be asked."""
