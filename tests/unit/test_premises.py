"""Premises of the command line: texts, files and standard input, and what is said about those that cannot be used."""

import errno
import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.premises import MAX_BYTES, UnusablePremise, read_premise, with_options
from story.errors import InvalidInput
from story.premise import MAX_PREMISE, Premise

KEEPER = "A keeper finds a letter."


@pytest.fixture
def toml(tmp_path: Path):
    """Reads a TOML file with this content."""

    def read(content: str | bytes) -> Premise:
        path = tmp_path / "book.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_premise(str(path))

    return read


def refused(read, *arguments: object) -> str:
    """The one line with which the input is refused."""
    with pytest.raises(UnusablePremise) as error:
        read(*arguments)
    assert isinstance(error.value, InvalidInput)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_text_is_the_premise():
    """What is no file is what the novel is about."""
    assert read_premise(KEEPER) == Premise(premise=KEEPER)


@pytest.mark.parametrize("name", ["book.md", "book.txt", "BOOK.TXT", "notes"])
def test_any_other_file_is_the_premise_itself(name: str, tmp_path: Path):
    """Its whole text, whatever its ending."""
    (tmp_path / name).write_text(f"{KEEPER}\n\nIt rains.\n")
    assert read_premise(str(tmp_path / name)).premise == f"{KEEPER}\n\nIt rains."


def test_a_file_in_the_working_folder_is_known_by_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No separator is needed."""
    (tmp_path / "Book.TOML").write_text(f'premise = "{KEEPER}"')
    monkeypatch.chdir(tmp_path)
    assert read_premise("Book.TOML").premise == KEEPER


def test_a_minus_reads_standard_input(monkeypatch: pytest.MonkeyPatch):
    """For texts that hold a slash."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A woman and/or her brother.\n")))
    assert read_premise("-").premise == "A woman and/or her brother."


def test_every_key_of_a_file_is_read(toml):
    """All that an author can say about a book."""
    premise = toml(
        """
        premise = "A keeper finds a letter."
        title = "The Keeper"
        author = "Ada"
        genre = "mystery"
        language = "de"
        chapters = 5
        words = 800
        seed = 7
        pov = "first"
        tense = "present"
        themes = ["duty"]
        [world]
        setting = "a rock"
        era = "1962"
        facts = ["The bell is cracked."]
        [[characters]]
        name = "Nora"
        role = "keeper"
        want = "truth"
        fear = "fog"
        secret = "She lied."
        voice = "dry"
        appearance = "tall"
        aliases = ["the keeper"]
        """
    )
    assert (premise.chapters, premise.words, premise.seed, premise.pov, premise.tense) == (
        5,
        800,
        7,
        "first",
        "present",
    )
    assert premise.world.facts == ("The bell is cracked.",)
    assert premise.characters[0].aliases == ("the keeper",)
    assert all(getattr(premise.characters[0], name) for name in type(premise.characters[0]).model_fields)


def test_windows_files_are_read(toml):
    """With a byte order mark and their line ends."""
    premise = toml(b'\xef\xbb\xbfpremise = """One.\r\nTwo."""\r\nchapters = 3\r\n')
    assert (premise.premise, premise.chapters) == ("One.\nTwo.", 3)


def test_control_characters_are_left_out():
    """A text pasted from a terminal brings escapes along; newlines and tabs stay."""
    assert read_premise("A\x1b[31m keeper\x07\tfinds\r\nit.\udc80").premise == "A[31m keeper\tfinds\nit."


@pytest.mark.parametrize("argument", ["no/such/book", "missing.toml", "A woman and/or her brother find a letter"])
def test_a_missing_file_is_not_a_premise(argument: str):
    """A mistyped path is never written about; a text with a slash is told its way."""
    line = refused(read_premise, argument)
    assert f"There is no file {argument}" in line
    assert "standard input with -" in line


@pytest.mark.parametrize("argument", ["a/" * 5000, "nul\0/x", "line\nbreak/x", "\udcff/x"])
def test_what_no_path_can_be_is_a_missing_file(argument: str):
    """Whatever the system says about it, the answer is one printable line."""
    line = refused(read_premise, argument)
    assert line.encode()
    assert len(line) < 500


def test_a_folder_is_refused(tmp_path: Path):
    """It is named as one."""
    assert f"{tmp_path} is a folder" in refused(read_premise, str(tmp_path))


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With the system's reason."""

    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", denied)
    assert "book.txt cannot be read (Permission denied)" in refused(read_premise, str(tmp_path / "book.txt"))


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x07"])
def test_an_empty_premise_is_refused(text: str):
    """Spaces are no premise."""
    assert "premise is empty; say what the novel is about" in refused(read_premise, text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" \n ", "premise is empty"),
        (b"PK\x03\x04\x00", "not a text file"),
        ("Café".encode("latin-1"), "not text in UTF-8 (byte 3)"),
        (b"x" * (MAX_BYTES + 1), "larger than 1,000,000 bytes"),
        (b"x" * (MAX_PREMISE + 1), "longer than 40,000 characters"),
    ],
)
def test_a_file_that_is_no_text_is_refused(content: bytes, said: str, tmp_path: Path):
    """Empty, binary, in another encoding, or too long; the file is named."""
    path = tmp_path / "book.txt"
    path.write_bytes(content)
    line = refused(read_premise, str(path))
    assert said in line
    assert str(path) in line


def test_no_more_of_a_file_is_read_than_may_be():
    """An endless one is refused at once."""
    assert "larger" in refused(read_premise, "/dev/zero")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('premise = "x', "is not TOML: "),
        ('premise = "x"\nchapters = \n', "line 2"),
        ("[[" * 3000, "is not TOML"),
        ('title = "x"', "has no premise; add a line"),
        ('premise = "x"\ntitel = "y"', "unknown key 'titel' (did you mean 'title'?); it can have premise, title,"),
        ('premise = "x"\nCHAPTERS = 3', "did you mean 'chapters'?"),
        ('premise = "x"\nvariant = 2', "unknown key 'variant'"),
        ('premise = "x"\nchapters = 0', "chapters is 0; it has to be a whole number from 1 to 400"),
        ('premise = "x"\nwords = -5', "words is -5; it has to be a whole number from 100 to 10000"),
        ('premise = "x"\nchapters = "ten"', "chapters is 'ten'; it has to be a whole number from 1 to 400"),
        ('premise = "x"\nchapters = true', "chapters is True; it has to be a whole number"),
        ('premise = "x"\nwords = 1e3', "words is 1000.0; it has to be a whole number"),
        ('premise = "x"\nseed = -1', "seed is -1; it has to be a whole number from 0 to 9007199254740991"),
        ('premise = "x"\npov = "second"', "pov is 'second'; it has to be 'first' or 'third'"),
        ('premise = "x"\nlanguage = "English"', "language is 'English'; it has to be a tag such as en"),
        ("premise = 5", "premise has to be a text in quotation marks"),
        ('premise = " "', "premise is empty"),
        ('premise = "x"\nthemes = "duty"', "themes has to be a list"),
        ('premise = "x"\nworld = "rock"', "world has to be a table"),
        ('premise = "x"\n[characters]\nname = "A"', "begin each character with [[characters]]"),
        ('premise = "x"\n[[characters]]\nrole = "A"', "characters 1, name is missing"),
        ('premise = "x"\n[[characters]]\nnmae = "A"', "characters 1 has an unknown key 'nmae' (did you mean 'name'?)"),
        ('premise = "x"\n[[characters]]\nname = ""', "characters 1, name is empty"),
        ('premise = "x"\n[world]\nsettings = "A"', "world has an unknown key 'settings' (did you mean 'setting'?)"),
        ('premise = "x"\n[[characters]]\nname = "Ann"\n[[characters]]\nname = "ANN"', "names 'ANN' twice"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(content: str, said: str, toml, tmp_path: Path):
    """The line names the file, the key, what it may hold, and the key that was meant."""
    line = refused(toml, content)
    assert said in line
    assert line.startswith(str(tmp_path / "book.toml"))


def test_options_go_before_the_file(toml):
    """What the command line says is what is meant now; the rest stays."""
    premise = toml(f'premise = "{KEEPER}"\nchapters = 5\ngenre = "mystery"\ntitle = "T"\n[[characters]]\nname = "A"')
    changed = with_options(premise, chapters=7, words=900, genre="romance", language="fr", seed=0)
    assert (changed.chapters, changed.words, changed.genre, changed.language, changed.seed) == (
        7,
        900,
        "romance",
        "fr",
        0,
    )
    assert (changed.title, changed.characters) == (premise.title, premise.characters)


def test_without_options_the_premise_stays():
    """Nothing is changed that was not asked for."""
    premise = Premise(premise=KEEPER, chapters=5, variant=2)
    assert with_options(premise) == premise


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("chapters", 0, "--chapters is 0; it has to be a whole number from 1 to 400"),
        ("words", 99, "--words is 99"),
        ("seed", 2**53, "--seed is 9007199254740992"),
        ("language", "english!", "--language is 'english!'"),
        ("genre", "x" * 61, "--genre is longer than 60 characters"),
    ],
)
def test_a_wrong_option_is_named(option: str, value: object, said: str):
    """As it is written on the command line."""
    assert refused(lambda: with_options(Premise(premise=KEEPER), **{option: value})).startswith(said)


@given(st.text(max_size=200))
def test_any_argument_is_a_premise_or_a_clear_line(argument: str):
    """Nothing else than our own error ever comes out."""
    with suppress(UnusablePremise):
        assert argument == "-" or read_premise(argument).premise


def test_reading_premises_loads_nothing_heavy():
    """The command line answers at once."""
    code = (
        "import sys, deployments.premises; print(*{'prefect', 'sqlalchemy', 'langchain', 'jinja2'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not shown.stdout.strip()
