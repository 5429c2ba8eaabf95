"""The premise and its limits, and orders made of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from story.errors import InvalidInput
from story.models import DEFAULT_MODEL, Models
from story.order import Order
from story.premise import MAX_PREMISE, GivenCharacter, Premise, default_seed


def test_a_sentence_is_a_premise():
    """Everything but the text has a default."""
    premise = Premise(premise="  A keeper of bees. ")
    assert premise.premise == "A keeper of bees."
    assert (premise.chapters, premise.words, premise.language, premise.seed) == (12, 1500, "en", None)


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [("chapters", 1, 400), ("words", 100, 10_000), ("seed", 0, 2**53 - 1)],
)
def test_measures_have_limits(field, least, most):
    """The limits themselves are allowed, one beyond is not."""
    for value in (least, most):
        assert getattr(Premise(premise="x", **{field: value}), field) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=field):
            Premise(premise="x", **{field: value})


def test_the_text_has_limits():
    """An empty text is no premise, and 40,001 characters are a manuscript."""
    assert len(Premise(premise="x" * MAX_PREMISE).premise) == MAX_PREMISE
    for text in ("", "   ", "x" * (MAX_PREMISE + 1)):
        with pytest.raises(ValidationError):
            Premise(premise=text)


@pytest.mark.parametrize("wrong", [{"language": "english"}, {"pov": "second"}, {"tense": "future"}, {"mood": "dark"}])
def test_what_the_platform_does_not_know_is_refused(wrong):
    """Unknown languages, points of view, tenses and fields."""
    with pytest.raises(ValidationError):
        Premise(premise="x", **wrong)


def test_sixty_given_characters_are_enough_and_each_needs_a_name():
    """A cast has a limit and nobody is nameless."""
    many = tuple(GivenCharacter(name=f"N{n}") for n in range(61))
    assert len(Premise(premise="x", characters=many[:60]).characters) == 60
    with pytest.raises(ValidationError):
        Premise(premise="x", characters=many)
    with pytest.raises(ValidationError):
        GivenCharacter(name=" ")


def test_the_default_seed_derives_from_the_text():
    """The same text has the same seed on every machine, another text another."""
    assert default_seed("A keeper of bees.") == 1_499_704_590
    assert Premise(premise="A keeper of bees.").seeded().seed == default_seed("A keeper of bees.")
    assert default_seed("a") != default_seed("b")


def test_a_given_seed_stays():
    """Zero is a seed, too."""
    assert Premise(premise="x", seed=0).seeded().seed == 0


def test_an_order_gives_its_premise_with_the_seed_settled():
    """What belongs to the order alone is not part of the premise."""
    order = Order(premise="A keeper of bees.", chapters=3, model="openai:gpt-5", fresh=True, out="here", max_calls=7)
    premise = order.asked_premise()
    assert type(premise) is Premise
    assert premise == Premise(premise="A keeper of bees.", chapters=3, seed=default_seed("A keeper of bees."))


def test_an_order_without_a_premise_says_what_to_give():
    """An order may be empty, but it makes no new novel."""
    with pytest.raises(InvalidInput, match="needs a premise"):
        Order(novel="abc").asked_premise()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(), Models()),
        (Order(model="openai:a"), Models(default="openai:a")),
        (Order(agent_models={"editor": "ollama:b"}), Models(by_agent={"editor": "ollama:b"})),
    ],
)
def test_a_new_novel_asks_the_models_named(order, expected):
    """Without a name it is the storyteller's."""
    assert order.asked_models() == expected
    assert Models().of("editor") == DEFAULT_MODEL


BEFORE = Models(default="openai:a", by_agent={"editor": "ollama:b", "chronicler": "ollama:c"})


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(), BEFORE),
        (Order(model="anthropic:z"), Models(default="anthropic:z")),
        (
            Order(model="anthropic:z", agent_models={"editor": "x:y"}),
            Models(default="anthropic:z", by_agent={"editor": "x:y"}),
        ),
        (
            Order(agent_models={"editor": "x:y"}),
            Models(default="openai:a", by_agent={"editor": "x:y", "chronicler": "ollama:c"}),
        ),
    ],
)
def test_models_named_for_a_novel_that_goes_on_replace_those_before(order, expected):
    """A model for all replaces all, one for an agent only that agent's."""
    assert order.amended_models(BEFORE) == expected


def test_models_are_named_once_each():
    """What has to be checked before a run, without doubles."""
    models = Models(default="openai:a", by_agent={"editor": "openai:a", "chronicler": "ollama:c"})
    assert models.names == ("openai:a", "ollama:c")
    assert models.of("editor") == "openai:a"
    assert models.of("chronicler") == "ollama:c"
