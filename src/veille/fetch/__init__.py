"""Documents from the network: httpx only here."""
