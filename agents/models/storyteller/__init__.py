"""The offline storyteller: a seeded narrative generator that answers the messages every other model gets.

How it works, from the request to the page:

``chat`` is a LangChain chat model; ``reading`` takes the task and the data blocks out of the messages, and nothing
else is known to it. ``premise`` lifts people, sides, places, things, the wish and the term from the premise's own
words; ``worldmaking`` and ``casting`` complete them within the genre.

*The plan.* ``past`` simulates the old wrong and the chain of leads by which it can be traced: who saw the lost one go
from place to place, through whose hands a thing went, who paid whom, what was left behind; each lead names where the
next one is. ``plotting`` lays the leads over the chapters. ``operators`` are what happens between them (confer,
threat, theft, strike, quarrel, mend, a set piece of the genre, somebody's own trouble), each with a precondition on
``plot`` and with effects that are the typed changes of ``story.changes``; a tension curve chooses among those that
are possible.

*Meaning.* A plan has to reach the other agents as English sentences. All of them are made from patterns of the
lexicon, and ``meaning`` matches them against those patterns again: so a fact is told in any tense, by any mouth, in
full or in a few words, and a text that somebody else wrote is told as it stands.

*The page.* ``scenes`` gives every beat of a chapter to the function that tells its kind (``interviews``, ``talks``,
``deeds``, ``endings``); ``teller`` has what they share, ``page`` the primitives: a sentence, a line of speech, a
paragraph. ``patterns`` are clauses with slots, verbs and alternatives whose ways are numbered, ``surface`` realises
them (reference, agreement, tense, joining, length), ``senses`` composes what is seen, ``voice`` makes a line its
speaker's, and ``wording`` deals patterns and the numbers of their ways out by seed and chapter, so that no two
chapters can say the same sentence.

``chronicling`` tells a chapter again to know which sentence shows which change, and what an author wrote into it;
``reviewing`` names what a rule can prove against a draft.

To add a genre, write ``lexicon/NAME.toml`` with the sections of another one
(``tests/unit/storyteller/test_lexicon.py`` names them all) and its signs in ``lexicon/genres.toml``. A kind of place
is a table ``kind.NAME`` in ``senses.toml`` and its head nouns in ``words.toml``. No code knows a genre by name.
"""
