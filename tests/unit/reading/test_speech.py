"""Giving lines of dialogue to those whom the text names."""

from __future__ import annotations

import pytest

from story.reading.speech import lines

NAMES = {"heathcliff": ["Heathcliff", "Mr. Heathcliff"], "catherine": ["Catherine"]}


def spoken(text):
    """Speakers and their words."""
    return [(one.speaker, text[one.start : one.end]) for one in lines(text, NAMES)]


class TestLines:
    """Which lines have a speaker."""

    @pytest.mark.parametrize(
        "text",
        [
            '"Sit down," said Mr. Heathcliff.',
            "“Sit down,” said Heathcliff.",
            "‘Sit down,’ growled Heathcliff.",
            "'Sit down,' said Heathcliff.",
            '"Sit down," Heathcliff said.',
            '"Sit down," Heathcliff coldly replied.',
            'Heathcliff said, "Sit down,"',
            "Heathcliff answered her at last, with a frown: “Sit down,”",
            '"Sit down," says Heathcliff',
            '"Sit down,"\nsaid Heathcliff.',
        ],
    )
    def test_named_beside_the_line(self, text):
        """A name with a verb of saying right before or after a line gives it a speaker."""
        assert spoken(text) == [("heathcliff", "Sit down,")]

    def test_the_line_goes_on(self):
        """What follows in the same paragraph is of the same speaker."""
        assert spoken('"No," cried Catherine; "never."') == [("catherine", "No,"), ("catherine", "never.")]

    def test_another_is_named_in_between(self):
        """What follows after somebody else was named is of nobody."""
        assert spoken('"No," cried Catherine. Heathcliff rose. "Never."') == [("catherine", "No,")]

    @pytest.mark.parametrize(
        "text",
        [
            '"Sit down," he said.',
            'Heathcliff came in.\n\n"Sit down."\n\n"No."',
            '"Sit down." Heathcliff said nothing.',
            '"Sit down," said Heathcliff\'s wife.',
            'He asked Heathcliff, "Why?"',
            '"Why?" he asked Heathcliff.',
            'Mrs. Heathcliff said, "Why?"',
            'The dog of Heathcliff said, "Why?"',
        ],
    )
    def test_nothing_is_guessed(self, text):
        """Pronouns, turns, listeners and owners are no speakers."""
        assert spoken(text) == []

    def test_a_quotation_inside_a_line(self):
        """A quotation inside a spoken line belongs to the line."""
        assert spoken("“He said ‘never,’ you know,” said Catherine.") == [("catherine", "He said ‘never,’ you know,")]

    def test_a_line_of_several_paragraphs(self):
        """A line that is not closed ends with its paragraph and swallows nothing after it."""
        assert spoken('"So it was.\n\n"And then," said Catherine, "it ended."') == [
            ("catherine", "And then,"),
            ("catherine", "it ended."),
        ]
