"""A book as a Word document: real styles and headings, so that Word's navigation and its style sets work."""

from __future__ import annotations

from datetime import UTC
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as DocxParagraph

from storage.exports.archive import timeless
from storage.exports.book import Book, BookChapter
from storage.exports.prose import Block, Run, SceneBreak, blocks

_FACE = "Georgia"
_BODY, _OPENING, _BREAK = "Body Text", "Opening Paragraph", "Scene Break"


def docx(book: Book) -> bytes:
    """The book as a DOCX file; the same book gives the same bytes."""
    document = Document()
    _set_properties(document, book)
    _set_page(document)
    _set_styles(document, book)
    _add_title_page(document, book)
    for chapter in book.chapters:
        _add_chapter(document, book, chapter)
    target = BytesIO()
    document.save(target)
    return timeless(target.getvalue())


def _set_properties(document: DocumentObject, book: Book) -> None:
    properties = document.core_properties
    # Word takes up to 255 characters.
    properties.title, properties.author, properties.subject = book.title[:255], book.author[:255], book.subject[:255]
    properties.last_modified_by = book.author[:255]
    properties.language, properties.identifier = book.language, book.identifier
    properties.comments, properties.keywords, properties.category = "", "", ""
    properties.created = properties.modified = book.changed.astimezone(UTC).replace(tzinfo=None)
    properties.revision = 1


def _set_page(document: DocumentObject) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Inches(6), Inches(9)
    section.left_margin = section.right_margin = Inches(0.8)
    section.top_margin, section.bottom_margin = Inches(0.9), Inches(0.8)
    section.different_first_page_header_footer = True
    number = section.footer.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_field(number, "PAGE")


def _add_field(paragraph: DocxParagraph, code: str) -> None:
    for kind in ("begin", "", "end"):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = code
        paragraph.add_run().element.append(part)


def _set_styles(document: DocumentObject, book: Book) -> None:
    _set_base(_style(document, "Normal"), book)
    _set_heading(_style(document, "Heading 1"))
    _set_title(_style(document, "Title"), before=150, size=30)
    _set_title(_style(document, "Subtitle"), before=24, size=15)
    body = _style(document, _BODY)
    body.paragraph_format.first_line_indent = Inches(0.25)
    body.paragraph_format.space_after = Pt(0)
    opening = _derived(document, _OPENING, body)
    opening.paragraph_format.first_line_indent = Inches(0)
    pause = _derived(document, _BREAK, opening)
    pause.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    pause.paragraph_format.space_before = pause.paragraph_format.space_after = Pt(12)
    for style in (opening, pause):
        style.next_paragraph_style = body if style is opening else opening


def _style(document: DocumentObject, name: str) -> ParagraphStyle:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle), name
    return style


def _derived(document: DocumentObject, name: str, base: ParagraphStyle) -> ParagraphStyle:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle), name
    style.base_style, style.quick_style = base, True
    return style


def _set_base(style: ParagraphStyle, book: Book) -> None:
    _set_face(style, 11)
    layout = style.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.MULTIPLE, 1.25
    layout.space_after, layout.widow_control = Pt(0), True
    language = OxmlElement("w:lang")
    for script in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(script), book.language)
    style.element.get_or_add_rPr().append(language)
    if book.right_to_left:
        # Word reads the parts of a style in the order of its schema only.
        style.element.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), "w:spacing", "w:ind", "w:jc")


def _set_heading(style: ParagraphStyle) -> None:
    _set_face(style, 17)
    layout = style.paragraph_format
    layout.page_break_before, layout.keep_with_next = True, True
    layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
    layout.space_before, layout.space_after = Pt(72), Pt(30)


def _set_title(style: ParagraphStyle, *, before: int, size: int) -> None:
    _set_face(style, size)
    layout = style.paragraph_format
    layout.alignment, layout.space_before, layout.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(before), Pt(0)
    for border in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
        border.getparent().remove(border)


def _set_face(style: ParagraphStyle, size: int) -> None:
    font = style.font
    font.name, font.size, font.bold, font.italic = _FACE, Pt(size), False, False
    font.color.rgb = RGBColor(0, 0, 0)
    faces = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in [name for name in faces.attrib if name.endswith("Theme")]:
        del faces.attrib[theme]  # a theme's face would win over ours
    faces.set(qn("w:eastAsia"), _FACE)
    faces.set(qn("w:cs"), _FACE)


def _add_title_page(document: DocumentObject, book: Book) -> None:
    document.add_paragraph(book.title, style="Title")
    document.add_paragraph(book.author, style="Subtitle")


def _add_chapter(document: DocumentObject, book: Book, chapter: BookChapter) -> None:
    heading = document.add_paragraph(style="Heading 1")
    number = heading.add_run(book.heading(chapter))
    if chapter.title:
        number.font.size = Pt(12)
        number.add_break()
        heading.add_run(chapter.title)
    for block in blocks(chapter.text):
        _add_block(document, block)


def _add_block(document: DocumentObject, block: Block) -> None:
    if isinstance(block, SceneBreak):
        document.add_paragraph("*\u2003*\u2003*", style=_BREAK)
        return
    paragraph = document.add_paragraph(style=_OPENING if block.opening else _BODY)
    for run in block.runs:
        _add_run(paragraph, run)


def _add_run(paragraph: DocxParagraph, run: Run) -> None:
    paragraph.add_run(run.text).italic = True if run.italic else None
