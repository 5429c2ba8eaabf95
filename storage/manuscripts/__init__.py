"""Manuscripts: books that somebody wrote elsewhere, read into the chapters that a novel is kept in.

``kinds`` tells what a file is by its content; ``epub``, ``docx``, ``markdown``, ``html`` and ``text`` each turn one
kind into blocks; ``gutenberg`` and ``contents`` take out what is not the story; ``headings`` reads single headings,
``sequence`` chooses those that make sense together, ``chapters`` cuts there; ``reading`` puts it all together.
"""

from __future__ import annotations

from storage.manuscripts.reading import read_manuscript
from storage.manuscripts.values import MAX_BYTES, MAX_WORDS, Manuscript, ManuscriptChapter, UnusableManuscript

__all__ = ["MAX_BYTES", "MAX_WORDS", "Manuscript", "ManuscriptChapter", "UnusableManuscript", "read_manuscript"]
