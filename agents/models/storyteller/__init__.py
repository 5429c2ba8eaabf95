"""The offline storyteller: a seeded narrative generator that answers the messages every other model gets.

How it works. ``chat.Storyteller`` is a LangChain chat model. ``reading`` takes the task and the data blocks out of the
messages; nothing else is known to it. ``premise`` lifts people, places, things, the wish and the term from the
premise's own words; ``worldmaking`` and ``casting`` complete them within the genre. ``plotting`` plans a hidden truth
as a ladder of questions and chains operators (ask, search, follow, bargain, steal, wound, quarrel, betray, die,
confront, ...) whose effects are the typed changes of ``story.changes``. ``scenes`` turns the beats of a chapter into
moves, ``surface`` realises moves as clauses (inflection, reference, agreement), ``voice`` makes speech sound like its
speaker, and ``wording`` deals patterns and words out by seed and chapter, and refuses what was said before.
``chronicling`` and ``reviewing`` tell the same chapter again to know which sentence shows which change.

To add a genre, add a table to ``lexicon/genres.toml`` (settings, places with their kinds, things, terms, nights, roles,
customs, oaths, the words that give the genre away) and name it in the ``genres`` of some truths in ``truths.toml``. A
new kind of place is a table in ``places.toml`` and its head nouns in ``words.toml``. No code knows a genre by name.
"""
