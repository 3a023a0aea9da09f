"""Values into text, for terminals and files."""
