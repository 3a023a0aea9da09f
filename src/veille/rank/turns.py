"""Words that turn what a title says: negations, opposites, and the closed classes that tell members of a series apart.

Folded words in, whether they speak against one another out. Knows nothing of what else two titles share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_NEGATIONS = frozenset(
    "ne n pas non ni jamais rien aucun aucune sans not no nor never none without isn aren wasn weren don "
    "doesn didn".split(),
)
_OPPOSITES = tuple(
    frozenset(pair.split("/"))
    for pair in (
        "pour/contre avant/apres avec/sans plus/moins hausse/baisse hausse/recul monte/baisse oui/non "
        "victoire/defaite ouvre/ferme ouverture/fermeture matin/soir debut/fin entree/sortie retour/depart "
        "for/against before/after with/without more/less up/down rise/fall rises/falls rises/drops gains/loses "
        "wins/loses open/close opens/closes starts/ends yes/no accepts/rejects confirms/denies lifts/keeps "
        "un/deux une/deux one/two gagne/perd augmente/diminue accepte/refuse adopte/rejette confirme/dement "
        "maintient/leve"
    ).split()
)
# The closed classes that tell the members of a series apart: days, months, numbers, ranks, sides.
RANKS = frozenset(
    "lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday friday saturday "
    "sunday janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre january "
    "february march april may june july august september october november december deux trois quatre cinq "
    "six sept huit neuf dix onze douze two three four five seven eight nine ten eleven twelve premier "
    "premiere deuxieme second seconde troisieme quatrieme cinquieme dernier derniere first third fourth "
    "fifth last nord sud ouest north south east west hier demain yesterday tomorrow".split(),
)
TURNS = _NEGATIONS.union(RANKS, *_OPPOSITES)


def is_denied(words: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether only one side has a negation."""
    return words.isdisjoint(_NEGATIONS) != others.isdisjoint(_NEGATIONS)


def is_opposed(words: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether each side has its own rank, day or number in words, or one the opposite of the other."""
    own, theirs = words - others, others - words
    if not RANKS.isdisjoint(own) and not RANKS.isdisjoint(theirs):
        return True
    return any(pair & own and pair & theirs for pair in _OPPOSITES)
