"""EPUB, DOCX, Markdown, HTML and text in several encodings: the same chapters of each."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from storage.exports import write_book
from storage.manuscripts import Manuscript, read_manuscript
from tests.unit.manuscripts.making import body, book, epub, file, page, paragraphs, prose
from tests.unit.test_exports import a_book


def titles(found: Manuscript) -> list[str]:
    """The titles, each with its book if it has one."""
    return [f"{one.book} / {one.title}" if one.book else one.title for one in found.chapters]


@pytest.mark.parametrize("form", ["epub", "docx", "md"])
def test_our_own_books_are_read_back(form: str, tmp_path: Path):
    """What the exports write, the import reads: title, author, chapters, scene breaks."""
    written = a_book(chapters=3, text="\n\n".join(paragraphs("own")) + "\n\n* * *\n\nShe *never* went back there.")
    found = read_manuscript(write_book(written, tmp_path, (form,))[form])
    assert (found.title, found.language if form != "md" else "en") == (written.title, written.language)
    assert titles(found) == [one.title for one in written.chapters]
    assert found.chapters[0].text == written.chapters[0].text.replace("*never*", "never")
    assert form == "md" or found.author == written.author


class TestEpub:
    """Pages in reading order."""

    def read(self, tmp_path: Path, *args: object) -> Manuscript:
        """An EPUB of those pages, read."""
        return read_manuscript(file(tmp_path, epub(*args), "book.epub"))

    def test_front_and_back_pages_are_left_out(self, tmp_path: Path):
        """Cover, title, copyright, dedication, contents and notes are in no chapter."""
        found = self.read(
            tmp_path,
            {
                "cover.xhtml": page('<img src="c.jpg" alt="cover"/>'),
                "title.xhtml": page("<h1>The Lamp</h1><p>Ada Stone</p>"),
                "copy.xhtml": page("<p>Copyright 1999. All rights reserved.</p>", 'epub:type="copyright-page"'),
                "ded.xhtml": page("<h1>Dedication</h1><p>To nobody.</p>"),
                "toc.xhtml": page("<h1>Contents</h1><p>One</p><p>Two</p>"),
                "1.xhtml": page(f"<h1>The Gale</h1>{prose('1')}"),
                "2.xhtml": page(f"<h1>The Rock</h1>{prose('2')}"),
                "about.xhtml": page("<h1>About the Author</h1><p>She lives by the sea and keeps bees.</p>"),
            },
        )
        assert (found.title, found.author, found.language) == ("The Lamp", "Ada Stone", "en-GB")
        assert titles(found) == ["The Gale", "The Rock"]
        assert [one.text for one in found.chapters] == ["\n\n".join(paragraphs("1")), "\n\n".join(paragraphs("2"))]

    def test_a_chapter_in_two_pages_and_two_chapters_in_one(self, tmp_path: Path):
        """Pages are no chapters; headings are."""
        found = self.read(
            tmp_path,
            {
                "a.xhtml": page(f"<h2>CHAPTER I<br/>The Gale</h2>{prose('1')}"),
                "b.xhtml": page(f"{prose('2')}<h2>CHAPTER II</h2><h3>The Rock</h3>{prose('3')}"),
            },
        )
        assert titles(found) == ["The Gale", "The Rock"]
        assert found.chapters[0].text == "\n\n".join([*paragraphs("1"), *paragraphs("2")])

    def test_titles_from_the_table_of_contents(self, tmp_path: Path):
        """Pages without a heading that can be read are called what the contents call them."""
        pages = {f"{n}.xhtml": page(f'<p id="x"><img src="{n}.png" alt=""/></p>{prose(str(n))}') for n in range(1, 4)}
        found = self.read(tmp_path, pages, {"1.xhtml": "The Gale", "2.xhtml#x": "The Rock", "3.xhtml": "Home"})
        assert titles(found) == ["The Gale", "The Rock", "Home"]

    def test_numbers_on_the_page_and_titles_in_the_contents(self, tmp_path: Path):
        """Both belong to one chapter."""
        pages = {f"{n}.xhtml": page(f'<p class="c">{n}</p>{prose(str(n))}') for n in range(1, 4)}
        found = self.read(tmp_path, pages, {"1.xhtml": "1. The Gale", "2.xhtml": "2. The Rock", "3.xhtml": "3. Home"})
        assert titles(found) == ["The Gale", "The Rock", "Home"]

    def test_titles_both_on_the_page_and_in_the_contents(self, tmp_path: Path):
        """A title is told once, as are those of parts."""
        pages = {"p.xhtml": page("<h2>Book I</h2><p>The Summer</p>", 'epub:type="part"')}
        pages |= {f"{n}.xhtml": page(f"<h3>{n}</h3><p>The Gale of {n}</p>{prose(n)}") for n in ("I", "II", "III")}
        nav = {"p.xhtml": "Book I: The Summer", **{f"{n}.xhtml": f"{n}: The Gale of {n}" for n in ("I", "II", "III")}}
        found = self.read(tmp_path, pages, nav)
        assert titles(found) == [f"Book I: The Summer / The Gale of {n}" for n in ("I", "II", "III")]
        assert found.chapters[0].text == "\n\n".join(paragraphs("I"))

    def test_parts_and_unnumbered_chapters(self, tmp_path: Path):
        """Headings above those of the chapters are parts."""
        pages = {
            "p1.xhtml": page("<h1>The First Summer</h1>"),
            "1.xhtml": page(f"<h2>The Gale</h2>{prose('1')}<h3>Later</h3>{prose('1b')}"),
            "2.xhtml": page(f"<h2>The Rock</h2>{prose('2')}"),
            "p2.xhtml": page("<h1>The Second Summer</h1>"),
            "3.xhtml": page(f"<h2>Ash</h2>{prose('3')}"),
            "4.xhtml": page(f"<h2>Home</h2>{prose('4')}"),
        }
        assert titles(self.read(tmp_path, pages)) == [
            "The First Summer / The Gale",
            "The First Summer / The Rock",
            "The Second Summer / Ash",
            "The Second Summer / Home",
        ]

    def test_the_licence_within_an_epub(self, tmp_path: Path):
        """Project Gutenberg's EPUBs begin and end with theirs."""
        head = (
            "<p>The Project Gutenberg eBook of The Lamp</p><p>*** START OF THE PROJECT GUTENBERG EBOOK THE LAMP ***</p>"
        )
        foot = "<p>*** END OF THE PROJECT GUTENBERG EBOOK THE LAMP ***</p><h2>THE FULL PROJECT GUTENBERG LICENSE</h2><p>x</p>"
        found = self.read(
            tmp_path,
            {"1.xhtml": page(f"{head}<h2>I</h2>{prose('1')}"), "2.xhtml": page(f"<h2>II</h2>{prose('2')}{foot}")},
        )
        assert titles(found) == ["Chapter 1", "Chapter 2"]
        assert not any("Gutenberg" in one.text for one in found.chapters)

    def test_version_2_with_ncx_and_named_letters(self, tmp_path: Path):
        """Old books have another table of contents, and letters such as ``&mdash;``."""
        opf = (
            '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:opf="http://www.idpf.org/2007/opf"><dc:title>Old &amp; New</dc:title>'
            '<dc:creator opf:role="aut">Ada Stone</dc:creator><dc:creator opf:role="ill">Bo</dc:creator></metadata><manifest>'
            '<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
            '<item id="a" href="a%20b.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine toc="n"><itemref idref="a"/></spine></package>'
        )
        ncx = (
            '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>The Gale</text></navLabel>'
            '<content src="a%20b.xhtml#one"/></navPoint><navPoint><navLabel><text>The Rock</text></navLabel>'
            '<content src="a%20b.xhtml#two"/></navPoint></navMap></ncx>'
        )
        doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
        content = page(f'<p id="one">Wait&mdash;there&nbsp;it is.</p>{prose("1")}<p id="two">Again.</p>{prose("2")}')
        files = {
            "OPS/book.opf": opf,
            "OPS/toc.ncx": ncx,
            "OPS/a b.xhtml": content.replace("<!DOCTYPE html>", doctype),
        }
        found = self.read(tmp_path, {}, {}, files)
        assert (found.title, found.author, found.language) == ("Old & New", "Ada Stone", "en")
        assert titles(found) == ["The Gale", "The Rock"]
        assert found.chapters[0].text.startswith("Wait—there it is.")

    def test_markup_that_is_no_text(self, tmp_path: Path):
        """Scripts, page numbers, notes and their marks are left out; ruled lines are scene breaks."""
        content = (
            '<h1>One</h1><p>She went<a epub:type="noteref" href="#n">1</a> <b>home</b><span class="pagenum">[12]</span>.</p>'
            '<script>evil()</script><hr/><p>Then she came.</p><aside epub:type="footnote" id="n"><p>A note.</p></aside>'
        )
        found = self.read(
            tmp_path, {"1.xhtml": page(content + prose("1")), "2.xhtml": page(f"<h1>Two</h1>{prose('2')}")}
        )
        assert found.chapters[0].text.startswith("She went home.\n\n* * *\n\nThen she came.\n\n")

    def test_fonts_may_be_obfuscated(self, tmp_path: Path):
        """Which is no copy protection."""
        listed = (
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">'
            '<EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></EncryptedData></encryption>'
        )
        pages = {"1.xhtml": page(f"<h1>One</h1>{prose('1')}")}
        assert self.read(tmp_path, pages, {}, {"META-INF/encryption.xml": listed}).chapters


class TestDocx:
    """Documents of word processors."""

    def read(self, tmp_path: Path, document: Document) -> Manuscript:
        """The document, saved and read."""
        held = BytesIO()
        document.save(held)
        return read_manuscript(file(tmp_path, held.getvalue(), "book.docx"))

    def fill(self, document: Document, seed: str) -> None:
        """A chapter's paragraphs."""
        for one in paragraphs(seed):
            document.add_paragraph(one)

    def test_headings_by_their_styles(self, tmp_path: Path):
        """Title, parts and chapters by the levels of their headings."""
        document = Document()
        document.core_properties.author = "Ada Stone"
        document.add_paragraph("The Lamp", style="Title")
        for part in ("The First Summer", "The Second Summer"):
            document.add_heading(part, 1)
            for name in ("The Gale", "The Rock"):
                document.add_heading(f"{name} of {part}", 2)
                self.fill(document, name)
        found = self.read(tmp_path, document)
        assert (found.title, found.author) == ("The Lamp", "Ada Stone")
        assert titles(found) == [
            f"{part} / {name} of {part}"
            for part in ("The First Summer", "The Second Summer")
            for name in ("The Gale", "The Rock")
        ]
        assert found.chapters[0].text == "\n\n".join(paragraphs("The Gale"))

    def test_headings_that_are_only_bold(self, tmp_path: Path):
        """Titles without numbers or styles, in bold."""
        document = Document()
        for name in ("The Gale", "The Rock", "Home"):
            document.add_paragraph().add_run(name).bold = True
            self.fill(document, name)
        assert titles(self.read(tmp_path, document)) == ["The Gale", "The Rock", "Home"]

    def test_headings_that_are_only_text(self, tmp_path: Path):
        """Numbers tell what nothing else does."""
        document = Document()
        for n in range(1, 4):
            document.add_paragraph(f"Chapter {n}")
            self.fill(document, str(n))
        assert titles(self.read(tmp_path, document)) == ["Chapter 1", "Chapter 2", "Chapter 3"]

    @pytest.mark.parametrize(("level", "count"), [("0", 2), ("8", 2), ("9", 1), ("-5", 1), ("x", 1), ("", 1)])
    def test_levels_of_paragraphs(self, level: str, count: int, tmp_path: Path):
        """A paragraph of one of the nine levels is a heading; of any other it is text, and none of it is lost."""
        document = Document()
        document.core_properties.title = "The Lamp"
        for seed in ("Gale", "Rock"):
            mark = OxmlElement("w:outlineLvl")
            mark.set(qn("w:val"), level)
            document.add_paragraph(seed)._p.get_or_add_pPr().append(mark)
            for text in paragraphs(seed):
                document.add_paragraph(text)
        found = self.read(tmp_path, document)
        assert len(found.chapters) == count
        assert count > 1 or found.chapters[0].text.count("\n\nRock\n\n") == 1

    def test_styles_that_are_based_on_each_other(self, tmp_path: Path):
        """Such a circle ends."""
        document = Document()
        one, other = (document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) for name in ("Ebb", "Flow"))
        one.base_style, other.base_style = other, one
        for text in paragraphs("1"):
            document.add_paragraph(text, style="Ebb")
        assert len(self.read(tmp_path, document).chapters) == 1


class TestMarkdown:
    """Markdown of people and models."""

    def read(self, tmp_path: Path, text: str, name: str = "book.md") -> Manuscript:
        """The text, read."""
        return read_manuscript(file(tmp_path, text, name))

    @pytest.mark.parametrize("name", ["book.md", "book.txt", "book"])
    @pytest.mark.parametrize(
        "pattern",
        [
            "# Chapter {n}: {title}",
            "## {title}",
            "### Chapter {n} - {title}",
            "**Chapter {n}: {title}**  ",
            "**{title}**",
            "{title}\n=====",
        ],
    )
    def test_headings(self, pattern: str, name: str, tmp_path: Path):
        """Marked, bold or underlined, whatever the ending of the file."""
        if "==" in pattern and name != "book.md":
            pytest.skip("an underlined heading does not tell Markdown from text")
        names = ("The Gale", "The Rock", "Home")
        parts = ("\n".join((pattern.format(n=n, title=title), "", body(title))) for n, title in enumerate(names, 1))
        found = self.read(tmp_path, "\n\n---\n\n".join(parts), name)
        assert titles(found) == list(names)
        assert [one.text for one in found.chapters] == ["\n\n".join(paragraphs(title)) for title in names]

    def test_title_parts_and_chapters(self, tmp_path: Path):
        """The one heading at the top is the book's."""
        text = "# The Lamp\n\n## Part One: Gale\n\n### 1\n\n{0}\n\n### 2\n\n{0}\n\n## Part Two: Rock\n\n### 1\n\n{0}\n\n### 2\n\n{0}\n"
        found = self.read(tmp_path, text.format(body("1")))
        assert found.title == "The Lamp"
        assert titles(found) == [
            "Part One: Gale / Chapter 1",
            "Part One: Gale / Chapter 2",
            "Part Two: Rock / Chapter 1",
            "Part Two: Rock / Chapter 2",
        ]

    def test_front_matter_in_yaml(self, tmp_path: Path):
        """As static sites and pandoc have it."""
        found = self.read(
            tmp_path,
            f'---\ntitle: "The Lamp"\nauthor: Ada Stone\nlang: de\n---\n\n# Eins\n\n{body("1")}\n\n# Zwei\n\n{body("2")}',
        )
        assert (found.title, found.author, found.language) == ("The Lamp", "Ada Stone", "de")
        assert titles(found) == ["Eins", "Zwei"]

    def test_what_markdown_would_eat(self, tmp_path: Path):
        """Lists, dashes of speech and rules under a paragraph are prose; emphasis and HTML go."""
        text = f"# One\n\n- No, *never*, said <b>Mara</b>.\n\n1. is a number.\n\n    Indented it was.\n---\nA **new** day &amp; night.\n\n{body('1')}\n\n# Two\n\n{body('2')}"
        assert (
            self.read(tmp_path, text)
            .chapters[0]
            .text.startswith(
                "- No, never, said Mara.\n\n1. is a number.\n\nIndented it was.\n\n* * *\n\nA new day & night.\n\n"
            )
        )

    def test_a_book_within_a_fence(self, tmp_path: Path):
        """Models wrap whole chapters in fences."""
        found = self.read(
            tmp_path, f"```markdown\n# Chapter 1\n\n{body('1')}\n```\n\n```markdown\n# Chapter 2\n\n{body('2')}\n```\n"
        )
        assert titles(found) == ["Chapter 1", "Chapter 2"]


def test_one_page_of_html(tmp_path: Path):
    """A whole book in one page, told by its content."""
    content = f"<html lang='en-US'><head><title>The Lamp</title></head><body><h2>Chapter 1<p>{prose('1')}<h2>Chapter 2</h2>{prose('2')}"
    found = read_manuscript(file(tmp_path, content.replace("<p><p>", "</h2><p>"), "book.txt"))
    assert (found.title, found.language) == ("The Lamp", "en-US")
    assert titles(found) == ["Chapter 1", "Chapter 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding: str, tmp_path: Path):
    """Curly quotation marks and accents come through, with every kind of line end."""
    text = f"CHAPTER I\n\n“Café” — naïve Zoë’s rôle…\n\n{body('1')}\n\nCHAPTER II\n\n{body('2')}".replace("\n", "\r\n")
    found = read_manuscript(file(tmp_path, text.encode(encoding)))
    assert found.chapters[0].text.startswith("“Café” — naïve Zoë’s rôle…\n\n")
    assert titles(found) == ["Chapter 1", "Chapter 2"]


def test_an_encoding_that_has_to_be_guessed(tmp_path: Path):
    """Cyrillic in one byte a letter."""
    text = "\n\n".join(
        f"Глава {n}\n\n" + "Мара спустилась к гавани и ничего не сказала о кораблекрушении. " * 20 for n in (1, 2)
    )
    found = read_manuscript(file(tmp_path, text.encode("cp1251")))
    assert found.chapters[1].text.startswith("Мара спустилась к гавани")
    assert titles(found) == ["Глава 1", "Глава 2"]


def test_the_ending_does_not_matter(tmp_path: Path):
    """An EPUB under the name of a text is an EPUB."""
    made = epub({"1.xhtml": page(f"<h1>Gale</h1>{prose('1')}"), "2.xhtml": page(f"<h1>Rock</h1>{prose('2')}")})
    assert titles(read_manuscript(file(tmp_path, made, "book.txt"))) == ["Gale", "Rock"]


def test_the_title_of_a_text_without_one(tmp_path: Path):
    """The name of the file."""
    assert read_manuscript(file(tmp_path, book("I", "II"), "the-lamp-of-ys.txt")).title == "The Lamp of Ys"
