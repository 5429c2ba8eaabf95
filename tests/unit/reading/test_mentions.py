"""Finding names in a text."""

from __future__ import annotations

from story.reading.mentions import mentions

NAMES = {
    "heathcliff": ["Heathcliff", "Mr. Heathcliff"],
    "catherine": ["Catherine Earnshaw", "Catherine"],
    "edgar": ["Edgar Linton", "Linton"],
    "young-linton": ["Linton Heathcliff", "Linton"],
    "obrien": ["O'Brien"],
    "will": ["Will"],
}


def found(text, names=NAMES):
    """The ids and the words of all mentions."""
    return [(one.key, text[one.start : one.end]) for one in mentions(text, names)]


class TestMentions:
    """What counts as naming somebody."""

    def test_in_order_with_their_places(self):
        """Mentions come in the order of the text, with the places of their words."""
        assert [tuple(one) for one in mentions("Catherine saw Heathcliff.", NAMES)] == [
            ("catherine", 0, 9),
            ("heathcliff", 14, 24),
        ]

    def test_the_longest_name_is_taken(self):
        """A name is not found again inside a longer one, whoever that is."""
        assert found("Edgar Linton met Linton Heathcliff.") == [
            ("edgar", "Edgar Linton"),
            ("young-linton", "Linton Heathcliff"),
        ]

    def test_a_shared_name_is_of_nobody(self):
        """A name of two ids stands for neither."""
        assert found("Linton was ill.") == []

    def test_whole_words_only(self):
        """A name inside another word, or inside a hyphenated or Irish name, is not meant."""
        names = {"anne": ["Anne"], "marie": ["Marie"], "brien": ["Brien"]}
        assert found("Annette, Anne-Marie, O'Brien and O’Brien", names) == []

    def test_possessives_and_marks(self):
        """A possessive, a dash, quotation marks and italics do not hide a name."""
        assert [key for key, _ in found("Heathcliff's dog--Catherine’s--'Catherine' and _Heathcliff_!")] == [
            "heathcliff",
            "catherine",
            "catherine",
            "heathcliff",
        ]

    def test_either_apostrophe(self):
        """A name with a straight apostrophe is found with a curly one."""
        assert found("O’Brien and O'Brien") == [("obrien", "O’Brien"), ("obrien", "O'Brien")]

    def test_case_matters_but_for_capitals(self):
        """A common word that is spelled as a name is none; a name in capitals is."""
        assert found("He will ask Will. WILL!") == [("will", "Will"), ("will", "WILL")]

    def test_titles_with_and_without_a_stop_and_across_a_line(self):
        """The stop of a title and a line break inside a name do not matter; a blank line does."""
        assert found("Mr Heathcliff, Mr.\nHeathcliff")[1] == ("heathcliff", "Mr.\nHeathcliff")
        assert found("Mr\n\nHeathcliff") == [("heathcliff", "Heathcliff")]

    def test_a_description_begins_a_sentence(self):
        """A name with a small first letter is found at the beginning of a sentence."""
        assert found("The Professor smiled at the Professor.", {"p": ["the Professor"]}) == [
            ("p", "The Professor"),
            ("p", "the Professor"),
        ]

    def test_the_title_of_another(self):
        """A surname behind a title that the person's own titles contradict is somebody else's."""
        assert found("Mrs. Heathcliff saw Heathcliff; Mrs Heathcliff left.") == [("heathcliff", "Heathcliff")]

    def test_no_names(self):
        """Without names nothing is found."""
        assert found("Heathcliff", {}) == [] and found("Heathcliff", {"x": [""]}) == []
