"""The English words that tell people, places and speech apart."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATED = _words("Mr Mrs Ms Mme Mlle Messrs Dr Prof Rev Hon St Sgt Capt Col Lt Gen Maj Fr Sr Jr Esq")
"""Titles that are written with a full stop or without."""

SAYING = _words(
    """
    said says say cried cries replied replies answered answers asked asks exclaimed exclaims
    whispered whispers murmured murmurs muttered mutters shouted shouts called calls growled growls snarled snarls
    observed observes remarked remarks returned rejoined retorted retorts continued continues added adds began begins
    repeated repeats responded responds declared declares inquired inquires enquired enquires demanded demands
    interrupted interrupts interposed protested protests persisted pursued resumed concluded ejaculated stammered
    stammers faltered gasped gasps sighed sighs sobbed sobs laughed laughs chuckled chuckles smiled moaned moans groaned
    groans grumbled grumbles mumbled mumbles screamed screams shrieked shrieks yelled yells bawled roared roars bellowed
    thundered hissed hisses snapped snaps barked drawled announced announces explained explains suggested suggests
    admitted admits agreed agrees argued argues affirmed assented asserted assured commented confessed confided
    corrected countered croaked echoed offered ordered orders commanded pleaded pleads begged begs promised quavered queried
    quipped quoth reminded reflected scoffed scolded sneered snorted spluttered sputtered stated states teased
    urged urges ventured volunteered vowed wailed warned warns whimpered whined wondered breathed breathes blurted
    boomed cautioned complained acknowledged conceded finished prompted insisted insists noted notes told tells spoke
    speaks wheezed rasped rasps cooed crooned cursed grunted grunts intoned lied mused muses panted piped proceeded
    """
)
"""Verbs that stand beside a line of dialogue, in the past and the present."""
