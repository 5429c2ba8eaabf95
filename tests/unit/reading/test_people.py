"""Finding the people of a text and what they are called."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from story.base import slug
from story.reading.people import Person, cast_of, people

DATA = Path(__file__).parents[4] / "shared" / "data"

MAIN = {
    "wuthering-heights": (
        "Heathcliff; Catherine; Edgar Linton; Isabella Linton; Hindley Earnshaw; Hareton Earnshaw; Nelly Dean; Joseph; "
        "Linton; Mr. Lockwood; Zillah; Mr. Kenneth; Cathy; Mrs. Earnshaw; Frances"
    ),
    "the-secret-agent": (
        "Mr Verloc; Winnie; Stevie; Ossipon; the Professor; Chief Inspector Heat; the Assistant Commissioner; "
        "Mr Vladimir; Michaelis; Karl Yundt; Sir Ethelred; Toodles; Mrs Neale"
    ),
    "the-scarlet-letter": (
        "Hester Prynne; Pearl; Mr. Dimmesdale; Roger Chillingworth; Mr. Wilson; Governor Bellingham; Mistress Hibbins"
    ),
    "the-prisoner-of-zenda": (
        "Rudolf Rassendyll; the King; Sapt; Fritz von Tarlenheim; Princess Flavia; Michael; Rupert; "
        "Antoinette de Mauban; Detchard; Johann; Josef; Bersonin; De Gautet; Marshal Strakencz; George Featherly; Rose"
    ),
    "the-war-of-the-worlds": "the Martians; Ogilvy; Henderson; Stent; Miss Elphinstone; Mrs. Elphinstone",
}
"""Whom a reader names when asked for the people of these novels."""

MR_AND_MRS = """
Mr. Darcy bowed. Mrs. Darcy smiled at Mr. Darcy. Darcy said nothing. "Come," said Darcy. Then Mr. Darcy went out.
"I will," replied Mrs. Darcy. Mr. Darcy shook his head, and Mrs. Darcy laughed.
"""

SISTERS = """
Elizabeth Bennet walked in. "Dear Jane!" said Elizabeth. Jane Bennet smiled, and Jane said that Elizabeth was late.
Mr. Bennet looked up. "Well, Lizzy," said Mr. Bennet to Elizabeth. "Miss Bennet is here," said Mrs. Bennet. Lizzy
laughed. "I know, mamma," said Jane. Mrs. Bennet sighed, and Mr. Bennet read on. "Good," said Lizzy.
"""

TWO_CATHERINES = """
Catherine Earnshaw was my friend. Years later came Catherine Linton. "Come," said Catherine. Catherine wept, and
Catherine said so. We knew Catherine Earnshaw well, and Catherine Linton better. "Hush," said Catherine.
"""


def called(text: str) -> dict[str, set[str]]:
    """All names by the name that stands first."""
    return {one.name: set(one.names) for one in people([text])}


def with_name(found: tuple[Person, ...], name: str) -> list[Person]:
    """Who is called so."""
    return [one for one in found if name in one.names]


class TestPersons:
    """Who is somebody and who is not."""

    def test_who_speaks_and_acts(self):
        """Names that speak and act are people, of whatever language."""
        text = '"Wait," said Elara. Kai nodded. "No," Kai said. Elara took his hand. Thandiwe smiled; Thandiwe\'s eyes shone.'
        assert set(called(text)) == {"Elara", "Kai", "Thandiwe"}

    def test_places_days_and_exclamations(self):
        """Towns, streets, months, nations and exclamations are no people."""
        text = """
        In Gimmerton, on Monday, Mr. Green walked to Brett Street. He left Gimmerton in May for London. God! Alas!
        The English were in Gimmerton, near the Thames. Heaven knows, Mr. Green said. Indeed, Sir, Hester's Hall was shut.
        """
        assert set(called(text)) == {"Mr. Green"}

    def test_capitals_at_the_beginning_of_sentences(self):
        """A common word is no name because it begins a sentence."""
        text = (
            "Silence fell. Silence said more than Anna. Suddenly Anna rose. Silence, she thought; a silence. Anna wept."
        )
        assert set(called(text)) == {"Anna"}

    def test_a_name_that_is_a_word_too(self):
        """A name that is also a common word is a person where the capitals say so."""
        text = (
            'The heat was great. "Sit," said Inspector Heat. Heat frowned. "No," said Heat. Again Heat shook his head.'
        )
        assert called(text) == {"Heat": {"Heat", "Inspector Heat"}}

    def test_descriptions_that_act(self):
        """Somebody who is only ever called by a role is a person; a building is not."""
        line = '"So," said the Professor. He met the Professor at the Museum. The Professor looked at the Museum. '
        assert called(line * 3) == {"the Professor": {"the Professor"}}

    def test_one_named_in_passing(self):
        """A name that stands once is left out."""
        assert people(["We read of Mr. Darwin. Anna slept. Anna woke, and Anna said so."])[0].name == "Anna"


class TestAliases:
    """Which names are one person's."""

    def test_title_and_surname(self):
        """Mr. and Mrs. are two, and the bare surname is his."""
        assert called(MR_AND_MRS) == {"Mr. Darcy": {"Mr. Darcy", "Darcy"}, "Mrs. Darcy": {"Mrs. Darcy"}}

    def test_a_family(self):
        """Sisters and parents of one surname stay apart; a short name goes to its only bearer."""
        assert called(SISTERS) == {
            "Elizabeth": {"Elizabeth", "Elizabeth Bennet", "Lizzy"},
            "Jane": {"Jane", "Jane Bennet"},
            "Mr. Bennet": {"Mr. Bennet"},
            "Mrs. Bennet": {"Mrs. Bennet"},
        }

    def test_two_people_of_one_first_name(self):
        """A first name of two stands for itself."""
        assert set(called(TWO_CATHERINES)) == {"Catherine", "Catherine Earnshaw", "Catherine Linton"}

    def test_her_husbands_name(self):
        """Mrs. before a man's first name is his wife."""
        text = '"Joe!" said Mrs. Joe. Joe looked at Mrs. Joe. "Yes," said Joe, and Mrs. Joe left him. Joe sighed.'
        assert called(text) == {"Joe": {"Joe"}, "Mrs. Joe": {"Mrs. Joe"}}

    def test_ranks(self):
        """Titles that a man gathers are his, with the whole name and without."""
        text = """
        Marcus Kane saluted. "Go," said Captain Kane. Captain Marcus Kane turned. Marcus ran. "Now," said Kane. Kane and
        Marcus Kane is one. "Go," said Marcus.
        """
        assert set().union(*called(text).values()) == {
            "Marcus Kane",
            "Captain Kane",
            "Captain Marcus Kane",
            "Marcus",
            "Kane",
        }
        assert len(called(text)) == 1

    def test_the_one_of_this_title(self):
        """The Duke is the only duke."""
        text = '"Go," said Duke Michael. The Duke frowned. Duke Michael left. Michael laughed. "No," said the Duke. '
        assert [set(one.names) for one in people([text * 2])] == [{"Duke Michael", "the Duke", "Michael"}]

    def test_a_short_form_and_the_long_one(self):
        """Ned is the one Edward, whichever of the two is told first."""
        text = '"Come," said {0}. {0} sat down. "No," said {1}. Then {1} rose, and {1} left. '
        for names in (("Edward", "Ned"), ("Ned", "Edward")):
            assert [set(one.names) for one in people([text.format(*names)])] == [set(names)]

    def test_thousands_of_names(self):
        """Every one of thousands of people is found."""
        letters = "bdfgklmnprstvz"
        names = [f"{a}o{b}i{c}a".capitalize() for a, b, c in product(letters, repeat=3)]
        text = "\n\n".join(f"“Come in,” said {name}. Then {name} went out." for name in names)
        assert {one.name for one in people([text])} == set(names)


class TestCast:
    """What is made of the people."""

    def test_cast_and_ids(self):
        """Everybody becomes a character; the most often named is first, and ids are slugs of names."""
        found = people([MR_AND_MRS])
        assert [one.id for one in cast_of(found).characters] == ["mr-darcy", "mrs-darcy"]
        assert cast_of(found).characters[0].names == found[0].names
        assert [one.mentions for one in found] == [6, 3]

    def test_same_people_every_time(self):
        """Cut into chapters or whole, the same text has the same people."""
        assert people(SISTERS.split("\n\n")) == people([SISTERS]) == people([SISTERS])

    def test_nobody(self):
        """A text without names has no people."""
        assert people(["It rained all day.", ""]) == ()


@pytest.mark.parametrize("novel", MAIN)
class TestNovels:
    """Whole novels, where they are at hand."""

    @pytest.fixture
    def found(self, novel):
        """The people of the novel."""
        if not DATA.is_dir():
            pytest.skip("the shared novels are not here")
        return people([(DATA / "novels" / f"{novel}.txt").read_text()])

    def test_main_characters_are_one_each(self, novel, found):
        """Every main character is one person, and no two of them are the same."""
        names = MAIN[novel].split("; ")
        bearers = {name: with_name(found, name) for name in names}
        assert {name: len(who) for name, who in bearers.items()} == dict.fromkeys(names, 1)
        assert len({who[0].id for who in bearers.values()}) == len(names)

    def test_people_of_the_annotated_opening(self, novel, found):
        """Whoever is named as a character in the annotated opening is found."""
        gold = json.loads((DATA / "novels" / "characters" / f"{novel}.json").read_text())["entities"]
        words = {slug(word) for one in found for name in one.names for word in name.split()}
        people_named = [one["name"] for one in gold if one["kind"] == "character"]
        assert [name for name in people_named if slug(name.split()[-1]) not in words] in ([], ["Rudolf the Fifth"])
