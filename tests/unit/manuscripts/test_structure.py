"""Books of several parts, with prologues, letters and notes; and what is no chapter although it looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.manuscripts import Manuscript, read_manuscript
from tests.unit.manuscripts.making import body, book, file, paragraphs

GUTENBERG = """The Project Gutenberg eBook of The Lamp

This eBook is for the use of anyone anywhere in the United States.

Title: The Lamp

Author: Ada Stone

Release date: June 1, 1998 [eBook #345]

Language: French

*** START OF THE PROJECT GUTENBERG EBOOK THE LAMP ***

Produced by Someone and the Online Distributed Proofreading Team

{}

End of Project Gutenberg's The Lamp, by Ada Stone

*** END OF THE PROJECT GUTENBERG EBOOK THE LAMP ***

Updated editions will replace the previous one.

CHAPTER I of the licence does not exist.
"""


def read(tmp_path: Path, text: str) -> Manuscript:
    """The manuscript of a plain text."""
    return read_manuscript(file(tmp_path, text))


def titles(found: Manuscript) -> list[str]:
    """The titles, each with its book if it has one."""
    return [f"{one.book} / {one.title}" if one.book else one.title for one in found.chapters]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        pytest.param(
            (
                "BOOK ONE\n\nTHE COMING\n\n\n\nCHAPTER ONE",
                "CHAPTER TWO",
                "BOOK TWO\n\nTHE EARTH\n\n\n\nCHAPTER ONE",
                "CHAPTER TWO",
            ),
            [
                "BOOK ONE: THE COMING / Chapter 1",
                "BOOK ONE: THE COMING / Chapter 2",
                "BOOK TWO: THE EARTH / Chapter 1",
                "BOOK TWO: THE EARTH / Chapter 2",
            ],
            id="numbers begin again in each book",
        ),
        pytest.param(
            (
                "PART ONE\nThe Old Buccaneer\n\n1\nThe Old Sea-dog",
                "2\nBlack Dog",
                "PART TWO\nThe Sea-cook\n\n3\nI Go to Bristol",
                "4\nPowder and Arms",
            ),
            [
                "PART ONE: The Old Buccaneer / The Old Sea-dog",
                "PART ONE: The Old Buccaneer / Black Dog",
                "PART TWO: The Sea-cook / I Go to Bristol",
                "PART TWO: The Sea-cook / Powder and Arms",
            ],
            id="numbers run on through parts",
        ),
        pytest.param(
            (
                "VOLUME I—FANTINE\n\nBOOK FIRST—A JUST MAN\n\nCHAPTER I—M. MYRIEL",
                "CHAPTER II—M. MYRIEL BECOMES M. WELCOME",
                "BOOK SECOND—THE FALL\n\nCHAPTER I—THE EVENING",
                "VOLUME II—COSETTE\n\nBOOK FIRST—WATERLOO\n\nCHAPTER I—HOUGOMONT",
            ),
            [
                "VOLUME I: FANTINE, BOOK FIRST: A JUST MAN / M. MYRIEL",
                "VOLUME I: FANTINE, BOOK FIRST: A JUST MAN / M. MYRIEL BECOMES M. WELCOME",
                "VOLUME I: FANTINE, BOOK SECOND: THE FALL / THE EVENING",
                "VOLUME II: COSETTE, BOOK FIRST: WATERLOO / HOUGOMONT",
            ],
            id="books within volumes",
        ),
        pytest.param(
            (
                "Book the First--Recalled to Life\n\nI. The Period",
                "II. The Mail",
                "Book the Second--The Golden Thread\n\nI. Five Years Later",
                "II. A Sight",
            ),
            [
                "Book the First: Recalled to Life / The Period",
                "Book the First: Recalled to Life / The Mail",
                "Book the Second: The Golden Thread / Five Years Later",
                "Book the Second: The Golden Thread / A Sight",
            ],
            id="Roman numbers with titles in books",
        ),
        pytest.param(
            ("PHASE THE FIRST: MAIDEN\n\nI", "II", "PHASE THE SECOND: MAIDEN NO MORE\n\nIII", "IV"),
            [
                "PHASE THE FIRST: MAIDEN / Chapter 1",
                "PHASE THE FIRST: MAIDEN / Chapter 2",
                "PHASE THE SECOND: MAIDEN NO MORE / Chapter 3",
                "PHASE THE SECOND: MAIDEN NO MORE / Chapter 4",
            ],
            id="phases",
        ),
        pytest.param(
            (
                "Letter 1\n\n_To Mrs. Saville, England._",
                "Letter 2\n\n_To Mrs. Saville, England._",
                "Chapter 1",
                "Chapter 2",
                "Chapter 3",
            ),
            ["To Mrs. Saville, England", "To Mrs. Saville, England", "Chapter 1", "Chapter 2", "Chapter 3"],
            id="letters before the first chapter",
        ),
        pytest.param(
            ("PROLOGUE", "CHAPTER I", "CHAPTER II", "CHAPTER III", "EPILOGUE"),
            ["Prologue", "Chapter 1", "Chapter 2", "Chapter 3", "Epilogue"],
            id="prologue and epilogue",
        ),
        pytest.param(
            ("CHAPTER I.", "CHAPTER II.", "CHAPTER THE LAST"),
            ["Chapter 1", "Chapter 2", "Chapter 3"],
            id="the last",
        ),
        pytest.param(
            ("CHAPTER I", "CHAPTER II", "CHAPTER II", "CHAPTER IV", "CHAPTER V", "Conclusion"),
            ["Chapter 1", "Chapter 2", "Chapter 2", "Chapter 4", "Chapter 5", "Conclusion"],
            id="misprinted numbers",
        ),
        pytest.param(
            (
                "CHAPTER I\n\nJONATHAN HARKER'S JOURNAL\n\n(_Kept in shorthand._)",
                "CHAPTER II\n\nJONATHAN HARKER'S JOURNAL--_continued_",
                "CHAPTER III\n\nDR. SEWARD'S DIARY",
            ),
            ["JONATHAN HARKER'S JOURNAL", "JONATHAN HARKER'S JOURNAL--continued", "DR. SEWARD'S DIARY"],
            id="diaries",
        ),
    ],
)
def test_a_structure(headings: tuple[str, ...], expected: list[str], tmp_path: Path):
    """The chapters with their parts and titles, with and without a list of contents before them."""
    assert titles(read(tmp_path, book(*headings))) == expected
    listed = "\n\n".join("\n\n".join(" ".join(part.split("\n")) for part in one.split("\n\n")) for one in headings)
    assert titles(read(tmp_path, f"THE LAMP\n\n\nCONTENTS\n\n{listed}\n\n\n\n{book(*headings)}")) == expected


def test_the_licence_of_project_gutenberg_is_left_out(tmp_path: Path):
    """Header and licence give title, author and language, and no text."""
    found = read(tmp_path, GUTENBERG.format(book("CHAPTER I.", "CHAPTER II.")))
    assert (found.title, found.author, found.language) == ("The Lamp", "Ada Stone", "fr")
    assert titles(found) == ["Chapter 1", "Chapter 2"]
    assert not any("Gutenberg" in one.text or "Proofreading" in one.text for one in found.chapters)
    assert any("licence of Project Gutenberg" in line for line in found.left_out)


def test_a_list_of_contents_with_summaries(tmp_path: Path):
    """Chapters that the list sums up in forty words each are still only listed."""
    summaries = "\n\n".join(f"CHAPTER {n}.\n\n{body(n, 40)}" for n in ("I", "II", "III"))
    found = read(tmp_path, f"CONTENTS\n\n{summaries}\n\n\n\n{book('CHAPTER I.', 'CHAPTER II.', 'CHAPTER III.')}")
    assert titles(found) == ["Chapter 1", "Chapter 2", "Chapter 3"]


def test_titles_that_only_the_contents_tell(tmp_path: Path):
    """Headings without numbers are known by the list of contents."""
    names = ("STORY OF THE DOOR", "SEARCH FOR MR. HYDE", "DR. JEKYLL WAS QUITE AT EASE", "THE CAREW MURDER CASE")
    listed = "\n\n".join(f" {one}" for one in names)
    found = read(tmp_path, f"Strange Case\n\nContents\n\n{listed}\n\n\n{book(*names, gap=chr(10) * 2)}")
    assert titles(found) == list(names)


def test_sections_within_stories_are_scene_breaks(tmp_path: Path):
    """Numbers that count only within a story part its scenes."""
    first = f"I. A SCANDAL\n\nI.\n\n{body('a')}\n\nII.\n\n{body('b')}\n\nIII.\n\n{body('c')}"
    found = read(tmp_path, f"{first}\n\n{book('II. THE LEAGUE', 'III. A CASE', 'IV. THE VALLEY')}")
    assert titles(found) == ["A SCANDAL", "THE LEAGUE", "A CASE", "THE VALLEY"]
    assert found.chapters[0].text.count("* * *") == 2
    assert "II." not in found.chapters[0].text


def test_the_first_heading_within_a_caption(tmp_path: Path):
    """Illustrated books hide the first heading in the caption of its picture."""
    text = f"[Illustration:\n\n·PRIDE·\n\n\nChapter I.]\n\n{body('1')}\n\n[Illustration: He came\n\n[_Copyright._]]\n\n{body('2')}"
    found = read(tmp_path, f"{text}\n\n{book('CHAPTER II.', 'CHAPTER III.')}")
    assert titles(found) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert "Illustration" not in found.chapters[0].text and "Copyright" not in found.chapters[0].text


def test_what_a_first_chapter_without_heading_holds(tmp_path: Path):
    """A text whose first heading is the second chapter begins with the first one."""
    found = read(tmp_path, f"{body('1')}\n\n{book('Chapter 2: Dust', 'Chapter 3: Ash')}")
    assert titles(found) == ["Chapter 1", "Dust", "Ash"]


def test_front_and_back_matter_are_left_out(tmp_path: Path):
    """A preface before, notes and the end behind; what they were is said."""
    text = f"THE LAMP\n\nA Novel\n\nBy Ada Stone\n\nLondon, 1889\n\nPREFACE\n\n{body('p')}\n\n{book('CHAPTER I', 'CHAPTER II', 'CHAPTER III')}"
    found = read(tmp_path, f"{text}\n\nTHE END\n\n\nTRANSCRIBER'S NOTES\n\nSpelling was kept as it is printed.\n")
    assert titles(found) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert "THE END" not in found.chapters[-1].text and "Spelling" not in found.chapters[-1].text
    assert [line.partition(",")[0] for line in found.left_out] == ["Front matter", "Back matter"]
    assert (found.title, found.author) == ("THE LAMP", "Ada Stone")


def test_headings_without_an_empty_line_behind_them(tmp_path: Path):
    """A heading that stands directly on its text."""
    text = "\n\n".join(f"CHAPTER {n}\n{body(n)}" for n in ("I", "II", "III"))
    found = read(tmp_path, text)
    assert titles(found) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert found.chapters[0].text == "\n\n".join(paragraphs("I"))


def test_a_lone_i_in_a_dialogue_is_no_heading(tmp_path: Path):
    """One-word paragraphs that could be numbers make no sequence."""
    text = (
        f"{body('1')}\n\n“Who?”\n\nI.\n\n{body('2')}\n\nPart of me wanted to go.\n\n{body('3')}\n\nMix\n\n{body('4')}"
    )
    found = read(tmp_path, text)
    assert len(found.chapters) == 1
    assert "No headings of chapters were found" in found.left_out[0]


def test_numbers_of_pages_are_no_chapters(tmp_path: Path):
    """Numbers that stand in the middle of sentences."""
    words = " ".join(paragraphs("pages", 6000)).split()
    pages = [" ".join(words[at : at + 200]).rstrip(".,”“") for at in range(0, 6000, 201)]
    text = "\n\n".join(f"{page}\n\n{number}" for number, page in enumerate(pages, 1))
    assert len(read(tmp_path, text).chapters) == 1


def test_very_short_chapters_are_chapters(tmp_path: Path):
    """A dozen words under each heading are no list of contents."""
    found = read(
        tmp_path, "\n\n".join(f"Chapter {n}\n\nThe lamp went out, and Mara lit it again at once." for n in range(1, 9))
    )
    assert len(found.chapters) == 8


def test_paragraphs_and_scenes(tmp_path: Path):
    """Broken lines are joined, wide gaps and ornaments are scene breaks, typed italics are plain."""
    text = f"CHAPTER I\n\n\n\nThe _Torch_ was\nlit--\nand well-\nkept by Mr. ______ of snake_case.\n\n      *       *       *       *\n\nShe\nwent.\n\n\n\n\n_He\nstayed._\n\n{body('1')}\n\nCHAPTER II\n\n{body('2')}"
    found = read(tmp_path, text)
    assert found.chapters[0].text.startswith(
        "The Torch was lit--and well-kept by Mr. ______ of snake_case.\n\n* * *\n\nShe went.\n\n* * *\n\nHe stayed.\n\n"
    )


def test_indented_paragraphs_without_empty_lines(tmp_path: Path):
    """Paragraphs that only an indent parts are paragraphs."""
    texts = paragraphs("1", 600)
    import textwrap

    lines = "\n".join(textwrap.fill(one, 70, initial_indent="    ") for one in texts)
    found = read(tmp_path, f"CHAPTER I\n{lines}\n\n\nCHAPTER II\n{lines}\n")
    assert [one.text for one in found.chapters] == ["\n\n".join(texts)] * 2
