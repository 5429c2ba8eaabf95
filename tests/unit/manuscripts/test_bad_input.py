"""Files that no novel can be made of: each is refused in one line that says what to do."""

from __future__ import annotations

import json
import os
import pickle
import random
import struct
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document

from storage import manuscripts
from storage.manuscripts import MAX_BYTES, MAX_WORDS, UnusableManuscript, read_manuscript
from storage.manuscripts.kinds import kind_of
from tests.unit.manuscripts.making import CONTAINER, archive, body, book, epub, file, page, prose

BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><html xmlns="http://www.w3.org/1999/xhtml"><body><p>&c;</p></body></html>"""
READER = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x;</p></body></html>'
)
ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
<CipherData><CipherReference URI="OPS/1.xhtml"/></CipherData></EncryptedData></encryption>"""
GOOD = {"1.xhtml": page(f"<h1>Gale</h1>{prose('1')}"), "2.xhtml": page(f"<h1>Rock</h1>{prose('2')}")}
CODE = "\n".join(f"def f_{n}(a, b={n}):\n    if a[{n}] == b:\n        return self.g(a, **b)\n" for n in range(99))
TABLE = "id,name,town,price\n" + "\n".join(f"{n},Mara Venn,Harbour,{n}.50" for n in range(999))
WORDS = "\n".join(random.Random(1).choice(("lamp", "harbour", "wreck", "keeper", "storm")) for _ in range(3000))


def refused(path: Path) -> str:
    """The message that a file is refused with, in one line."""
    with pytest.raises(UnusableManuscript) as caught:
        read_manuscript(path)
    message = str(caught.value)
    assert "\n" not in message and message.startswith(f"{path.name} cannot be imported: ")
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    return message


def picture() -> bytes:
    """A small PNG."""
    rows = zlib.compress(b"\x00\xff\xff\xff")
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def scanned() -> bytes:
    """A DOCX of one picture."""
    document, held = Document(), BytesIO()
    document.add_picture(BytesIO(picture()))
    document.save(held)
    return held.getvalue()


def document_with(entity: str, encoding: str = "utf-8") -> bytes:
    """A DOCX whose text declares an entity, in that encoding."""
    held = BytesIO()
    Document().save(held)
    with ZipFile(held) as made:
        files = {name: made.read(name) for name in made.namelist()}
    text = files["word/document.xml"].decode().partition("?>")[2]
    declared = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w [{entity}]>{text}'
    return archive({**files, "word/document.xml": declared.encode(encoding)})


def lying(size: int) -> bytes:
    """An EPUB whose page claims to be small and unpacks to more."""
    made = bytearray(epub({"1.xhtml": page("<p>" + "a" * size + "</p>")}))
    at = made.rindex(b"OPS/1.xhtml") - 46
    made[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(made)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n\n\t ", "is empty", id="only spaces"),
        pytest.param(b"\x00" * 4000, "is empty", id="zeros"),
        pytest.param(b"\xef\xbb\xbf", "hardly any text", id="only a mark"),
        pytest.param("Chapter 1\n\nShort.", "hardly any text", id="a few words"),
        pytest.param(random.Random(3).randbytes(20_000), "no text", id="random bytes"),
        pytest.param(picture(), "a picture", id="a picture"),
        pytest.param(b"%PDF-1.7\n" + b"x" * 500, "a PDF. Save it as EPUB, DOCX or text", id="PDF"),
        pytest.param(b"{\\rtf1\\ansi hello}", "an RTF file", id="RTF"),
        pytest.param(b"x" * 60 + b"BOOKMOBI" + b"\x00" * 99, "MOBI", id="MOBI"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 999, "old Word file", id="doc"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password", id="locked DOCX"
        ),
        pytest.param(archive({"mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument", id="ODT"),
        pytest.param(archive({"a.txt": "hello"}), "a ZIP archive", id="ZIP"),
        pytest.param(archive({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "Office file", id="spreadsheet"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 300, "damaged", id="broken archive"),
        pytest.param(epub(GOOD)[:-200], "damaged", id="half an EPUB"),
        pytest.param('<?xml version="1.0"?><FictionBook/>', "FB2", id="FB2"),
        pytest.param('<?xml version="1.0"?><rows><row/></rows>', "an XML file", id="XML"),
        pytest.param(CODE, "hardly any prose", id="source code"),
        pytest.param(TABLE, "hardly any prose", id="CSV"),
        pytest.param(
            json.dumps([{"id": n, "name": "Mara"} for n in range(500)], indent=1), "hardly any prose", id="JSON"
        ),
        pytest.param(WORDS, "hardly any prose", id="list of words"),
        pytest.param(epub(GOOD, extra={"META-INF/encryption.xml": ENCRYPTION}), "DRM", id="encrypted EPUB"),
        pytest.param(epub(GOOD, extra={"META-INF/rights.xml": "<rights/>"}), "DRM", id="EPUB with rights"),
        pytest.param(epub(GOOD, extra={"META-INF/license.lcpl": "{}"}), "DRM", id="EPUB with a licence"),
        pytest.param(epub({"1.xhtml": page('<img src="1.png"/>')}), "hold no text", id="EPUB of pictures"),
        pytest.param(scanned(), "holds no text", id="DOCX of pictures"),
        pytest.param(epub({"1.xhtml": BOMB}), "entities", id="EPUB with an entity bomb"),
        pytest.param(epub({"1.xhtml": READER}), "entities", id="EPUB that reads files"),
        pytest.param(epub(GOOD, extra={"OPS/book.opf": BOMB}), "entities", id="package with an entity bomb"),
        pytest.param(document_with('<!ENTITY x SYSTEM "file:///etc/passwd">'), "entities", id="DOCX with an entity"),
        pytest.param(document_with('<!ENTITY x "y">', "utf-16"), "entities", id="DOCX with an entity in UTF-16"),
        pytest.param(document_with('<!ENTITY x "y">', "cp037"), "damaged", id="DOCX in EBCDIC"),
        pytest.param(epub({"1.xhtml": page("<p>" + "a" * 20_000_000 + "</p>")}), "far more", id="EPUB bomb"),
        pytest.param(archive({"word/document.xml": "<a>" + " " * 20_000_000 + "</a>"}), "far more", id="DOCX bomb"),
        pytest.param(lying(300_000), "damaged", id="a size that lies"),
        pytest.param(epub(GOOD, extra={"../../evil.xhtml": "x"}), "leads out of it", id="a name that leads up"),
        pytest.param(epub(GOOD, extra={"/etc/evil": "x"}), "leads out of it", id="an absolute name"),
        pytest.param(epub(GOOD, extra={"OPS\\..\\..\\evil": "x"}), "leads out of it", id="a name with backslashes"),
        pytest.param(epub(GOOD, extra={f"OPS/{n}": "" for n in range(20_001)}), "files", id="too many files"),
        pytest.param(archive({"META-INF/container.xml": CONTAINER}), "OPS/book.opf is missing", id="no package"),
        pytest.param(archive({"META-INF/container.xml": "<container/>"}), "where its book begins", id="no root"),
        pytest.param(archive({"META-INF/container.xml": "<container"}), "cannot be read", id="broken XML"),
        pytest.param(archive({"word/document.xml": "<w/>"}), "damaged", id="broken DOCX"),
        pytest.param(
            "Café, naïve. ".encode() * 99 + "“No”".encode("cp1252") + "\nrôle".encode() * 9,
            "line 1",
            id="mixed encodings",
        ),
        pytest.param(
            ("彼は灯台の鍵を失くした。\n" * 99).encode("shift_jis"), "cannot be told for certain", id="Shift JIS"
        ),
        pytest.param(
            ("“It’s Zoë’s café…” she said. " * 99).encode().decode("cp1252", "ignore"), "wrong encoding", id="garbled"
        ),
        pytest.param(b"\xff\xfe" + "no end".encode("utf-16-le") + b"\x00", "utf-16", id="half a letter"),
        pytest.param("# Gale\n\n# Rock\n\n# Home\n", "hardly any text", id="headings alone"),
        pytest.param("<html>" + "<p>a" * 600_001, "far more markup", id="too much markup"),
        pytest.param("So it was.\n" * 600_002, "lines", id="too many lines"),
        pytest.param("# a\n\n# b\n\n" + "*_" * 50_000, "hardly any prose", id="signs alone"),
        pytest.param(b"a" * (MAX_BYTES + 1), "50 MB", id="too large"),
        pytest.param("It was so. " * (MAX_WORDS // 3 + 1), "words", id="too many words"),
    ],
)
def test_it_is_refused(data: bytes | str, message: str, tmp_path: Path):
    """One line, naming the file and the reason."""
    assert message in refused(file(tmp_path, data))


def test_there_is_no_file(tmp_path: Path):
    """The name is repeated."""
    assert "there is no file" in refused(tmp_path / "nothing.epub")


def test_a_folder(tmp_path: Path):
    """A folder is no book."""
    assert "is a folder" in refused(tmp_path)


def test_a_pipe(tmp_path: Path):
    """Nothing waits for what would never come."""
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(tmp_path / "pipe")


def test_a_name_that_no_system_takes(tmp_path: Path):
    """A zero in a name, and a name that is too long."""
    assert "there is no file" in refused(tmp_path / "a\x00b.txt")
    assert "cannot be read" in refused(tmp_path / ("a" * 400))


def test_a_large_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its size alone refuses it."""
    with (tmp_path / "large.txt").open("wb") as large:
        large.truncate(200_000_000)
    monkeypatch.setattr(Path, "open", None)
    assert "200 MB" in refused(tmp_path / "large.txt")


def test_an_archive_behind_a_password(tmp_path: Path):
    """The flag of encryption is enough."""
    made = bytearray(epub(GOOD))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(mark)
        while at >= 0:
            made[at + offset] |= 1
            at = made.find(mark, at + 1)
    assert "password" in refused(file(tmp_path, bytes(made)))


def test_a_bomb_of_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What all files unpack to together is bounded, too."""
    monkeypatch.setattr("storage.manuscripts.archive.MAX_UNPACKED", 5_000_000)
    part = "".join(f"{random.Random(n).random()} {'a' * 500} " for n in range(2000))
    parts = {f"word/media/{n}.txt": part for n in range(6)}
    assert "far more" in refused(file(tmp_path, archive({"word/document.xml": "<w/>", **parts})))


def test_many_comments_end():
    """As many comments as are looked at do not hang, before a text as before a page."""
    assert kind_of(b"<!---->" * 580 + b"It was a dark night.", ".txt") == "text"
    assert kind_of(b"<?xml version='1.0'?>\n" + b"<!-- so > -->\n" * 250 + b"<!DOCTYPE html>", ".txt") == "html"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"---\ntitle: a{' ' * 400_000}b\n---\n\n# I\n\n{body('1')}\n\n# II\n\n{body('2')}", id="Markdown"),
        pytest.param(f"<html><meta name='dc.title' content='a{' ' * 400_000}b'>{prose('1')}", id="spaces in HTML"),
        pytest.param(f"<html><meta name='dc.title' content='a b{', by ' * 90_000}\n\n.'>{prose('1')}", id="by in HTML"),
    ],
)
def test_a_title_of_hardly_anything_ends(text: str, tmp_path: Path):
    """A title that is all spaces, or all separators, does not hang."""
    assert read_manuscript(file(tmp_path, text)).title.startswith("a b")


def test_the_longest_title(tmp_path: Path):
    """Of a title that is longer than any, the beginning is taken."""
    text = f"<html><title>{'so it was ' * 50_000}</title>{prose('1')}"
    assert len(read_manuscript(file(tmp_path, text)).title) < 301


def test_headings_upon_headings(tmp_path: Path):
    """Thousands of headings without an empty line between them neither hang nor break."""
    text = "Chapter 7\n" * 1500 + "It was so, and he went on home.\n" * 2500 + f"\n\n{body('1')}"
    assert read_manuscript(file(tmp_path, text)).chapters


def test_a_spine_that_names_one_page_many_times(tmp_path: Path):
    """Each page is read once."""
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="1.xhtml" media-type="application/xhtml+xml"/></manifest>'
        "<spine>" + '<itemref idref="a"/>' * 19_000 + "</spine></package>"
    )
    made = epub({"1.xhtml": page(f"<h1>Gale</h1>{prose('1')}")}, extra={"OPS/book.opf": opf})
    assert len(read_manuscript(file(tmp_path, made)).chapters) == 1


def test_deep_nesting_ends(tmp_path: Path):
    """A page of a hundred thousand elements within each other neither hangs nor breaks."""
    deep = "<html><body>" + "<div>" * 100_000 + "x"
    with pytest.raises(UnusableManuscript):
        read_manuscript(file(tmp_path, deep))


def test_nothing_heavy_is_imported_with_the_package():
    """Parsers are imported when a file of their kind is read."""
    import subprocess
    import sys

    loaded = "import sys, storage.manuscripts; print([n for n in ('lxml', 'docx', 'markdown_it', 'charset_normalizer') if n in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.strip()
        == "[]"
    )
    assert manuscripts.__all__


def test_a_good_book_beside_all_these(tmp_path: Path):
    """The tests above refuse for their own reasons."""
    assert len(read_manuscript(file(tmp_path, epub(GOOD))).chapters) == 2
    assert len(read_manuscript(file(tmp_path, book("I", "II") + body("3"))).chapters) == 2
