"""The bundled demonstration: its feeds, their server, and the play."""
