"""What is wrong with a feed, in French: the words of a finding of `rank/health.py` in, the same said in French out.

What no pattern knows is given as it is: a problem is never left out for want of words.
"""

from __future__ import annotations

import re

_SPAN = r"\d+ (?:s|min|h|d)"
_FINDINGS = (
    (
        re.compile(r"its server says that it is gone for good \(410\)"),
        "son serveur dit qu’il a disparu pour de bon (410)",
    ),
    (re.compile(rf"failing since (\S+) \(({_SPAN})\): (.*)"), "en panne depuis le {0} ({1}) : {2}"),
    (re.compile(r"failing: (.*)"), "en panne : {0}"),
    (
        re.compile(r"all that it held on (\S+) was new: entries before that may have been missed(.*)"),
        "tout ce qu’il contenait le {0} était nouveau : des articles d’avant ont pu manquer{1}",
    ),
    (re.compile(r"it has moved for good to (\S+) \(seen once\)"), "il a déménagé pour de bon vers {0} (vu une fois)"),
    (
        re.compile(r"it has moved for good to (\S+) \(seen (\d+) times\)"),
        "il a déménagé pour de bon vers {0} (vu {1} fois)",
    ),
)
# Why it fails, as fetching and reading say it (`fetch/explain.py`, `fetch/http.py`, `read/parse.py`); what stands after
# it, between brackets, is what a server or a library says.
_REASONS = {
    "it asks for a password": "il demande un mot de passe",
    "it does not take the password given": "il refuse le mot de passe donné",
    "access is refused": "l’accès est refusé",
    "there is nothing at this address": "il n’y a rien à cette adresse",
    "the proxy asks for a password": "le proxy demande un mot de passe",
    "it is gone for good": "il a disparu pour de bon",
    "too many requests, says the server": "trop de demandes, dit le serveur",
    "its certificate is not valid": "son certificat n’est pas valable",
    "the TLS connection failed": "la connexion TLS a échoué",
    "the proxy refuses": "le proxy refuse",
    "the host name is not known": "le nom du serveur est inconnu",
    "the connection was refused": "la connexion a été refusée",
    "the host does not answer": "le serveur ne répond pas",
    "no complete answer in time": "pas de réponse complète à temps",
    "the connection was cut": "la connexion a été coupée",
    "the answer is not valid HTTP": "la réponse n’est pas du HTTP",
    "the connection failed": "la connexion a échoué",
    "the host name is not valid": "le nom du serveur n’est pas valable",
    "it redirects in a circle": "ses redirections tournent en rond",
    "its compression cannot be read": "sa compression est illisible",
    "the document is empty": "le document est vide",
    "it cannot be read as a feed": "il ne se lit pas comme un flux",
    "it is not a feed": "ce n’est pas un flux",
    "it is a web page, not a feed": "c’est une page web, pas un flux",
    "it is XML, but not a feed": "c’est du XML, mais pas un flux",
    "the document is cut short": "le document est tronqué",
    "not well-formed XML": "XML mal formé",
}
_SHAPES = (
    (re.compile(r"the server answered (\d+)"), "le serveur a répondu {0}"),
    (re.compile(r"no complete answer in ([\d.]+ s)"), "pas de réponse complète en {0}"),
    (re.compile(r" \(its document lasts (.*)\)"), " (son document dure {0})"),
    (re.compile(r"(.*); (\d+) entr(?:y|ies) could be read"), "{0} ; articles lisibles : {1}"),
    (re.compile(r"(\d+ )d"), "{0}j"),
)


def say_problem(words: str) -> str:
    """A finding's words, or a reason for which a feed fails."""
    for pattern, said in _FINDINGS:
        found = pattern.fullmatch(words)
        if found:
            return said.format(*map(_say_reason, found.groups()))
    return _say_reason(words)


def _say_reason(text: str) -> str:
    for pattern, said in _SHAPES:
        found = pattern.fullmatch(text)
        if found:
            return said.format(*map(_say_reason, found.groups()))
    begins, bracket, rest = text.partition(" (")
    return f"{_REASONS[begins]}{bracket}{rest}" if begins in _REASONS else text
