"""veille: a media watch for the terminal."""

__version__ = "0.1.0"
