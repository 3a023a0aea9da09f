"""What people call the keys of rules.toml who write it in French, or in the words of queries: a name in, ours out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.kinds import hint_at
from veille.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

# Folded. Where a table takes several of the meanings, the first is meant.
_MEANT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("regle regles".split(), ("rule",)),
    **dict.fromkeys("recherche recherches".split(), ("searches", "match")),
    **dict.fromkeys("nom libelle".split(), ("name",)),
    **dict.fromkeys("mot mots mots-cles mots_cles keyword keywords query requete expression".split(), ("match",)),
    **dict.fromkeys("poids points score".split(), ("weight", "weights")),
    **dict.fromkeys("type genre sorte".split(), ("kind",)),
    **dict.fromkeys("groupe theme".split(), ("group",)),
    **dict.fromkeys("champ champs".split(), ("fields",)),
    **dict.fromkeys("dossier dossiers".split(), ("folders",)),
    **dict.fromkeys("flux source sources".split(), ("feeds",)),
    **dict.fromkeys("langue langues language languages".split(), ("lang",)),
    **dict.fromkeys("jusque jusqu'au jusqua fin expire".split(), ("until",)),
    **dict.fromkeys("remarque commentaire".split(), ("note",)),
    **dict.fromkeys("actif active activee".split(), ("enabled",)),
    **dict.fromkeys("inactif desactive desactivee".split(), ("disabled",)),
    **dict.fromkeys("titre titres".split(), ("title", "name")),
    **dict.fromkeys("texte corps".split(), ("body",)),
    **dict.fromkeys("medias".split(), ("outlets",)),
    **dict.fromkeys("fraicheur".split(), ("freshness",)),
    **dict.fromkeys("demi-vie demi_vie".split(), ("half_life",)),
}


def refuse_key(key: str, known: Iterable[str]) -> str:
    """What to say of a key that a table does not take: the one that was meant, or all of them."""
    names = list(known)
    own = next((name for name in _MEANT.get(fold(key.strip()), ()) if name in names), "")
    return f"unknown key “{clean_line(key)}”: {f'did you mean {own}?' if own else hint_at(key, names)}"
