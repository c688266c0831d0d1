"""One reader for each kind of FAQ file: `SourceText` in, entries with their lines out."""
