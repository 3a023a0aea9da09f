"""The database: SQL only here."""
