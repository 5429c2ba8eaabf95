"""Errors: every class that the platform defines travels between processes, says something, and is marked."""

from __future__ import annotations

import importlib
import pickle
import pkgutil

import pytest

from story.errors import InvalidInput, ScriptoriumError, TerminalError, TransientError, UnknownNovel, UnsupportedEvent

PACKAGES = ("story", "agents", "storage", "tasks", "flows", "deployments", "api")
ABSTRACT = {"ScriptoriumError", "TransientError", "TerminalError", "CallFailed"}


def defined() -> list[type[Exception]]:
    """Every exception class that a module of ours defines; modules that cannot be imported here are left out."""
    found: dict[str, type[Exception]] = {}
    for package in PACKAGES:
        for module in modules_of(package):
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module.__name__:
                    found[f"{value.__module__}.{value.__qualname__}"] = value
    return [found[name] for name in sorted(found)]


def modules_of(package: str):
    """The modules of a package that can be imported; migrations are scripts of Alembic's."""
    root = importlib.import_module(package)
    yield root
    for entry in pkgutil.walk_packages(root.__path__, package + ".", onerror=lambda _: None):
        if ".migrations." in entry.name or entry.name.endswith("__main__"):
            continue
        try:
            yield importlib.import_module(entry.name)
        except ImportError:
            continue


EVERY_ERROR = defined()


def test_the_errors_of_every_package_are_seen():
    """The walk reaches story, agents and storage."""
    names = {error.__name__ for error in EVERY_ERROR}
    assert {"UnsupportedEvent", "Fatal", "AgentUnusable", "ModelUnusable", "LeaseLost", "StepBusy"} <= names


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.__name__)
def test_an_error_travels_with_its_message(error):
    """Prefect pickles what a flow raises."""
    for made in (error("It rained; take an umbrella."), error()):
        again = pickle.loads(pickle.dumps(made))
        assert type(again) is error
        assert str(again) == str(made)
        assert again.args == made.args


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.__name__)
def test_an_error_without_a_message_says_what_its_class_means(error):
    """In one line that is the class's own."""
    assert issubclass(error, ScriptoriumError)
    assert str(error()) == error.__doc__
    assert "__doc__" in vars(error)
    assert "\n" not in str(error()) or error.__name__ in ABSTRACT


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.__name__)
def test_an_error_is_transient_or_terminal_never_both(error):
    """So that the one retry layer knows what to do."""
    marks = issubclass(error, TransientError) + issubclass(error, TerminalError)
    assert marks == 1 or (error.__name__ in ABSTRACT and marks <= 1)


def test_input_that_cannot_be_used_is_terminal():
    """And an unknown novel is such input."""
    assert issubclass(InvalidInput, TerminalError)
    assert issubclass(UnknownNovel, InvalidInput)
    assert not issubclass(UnsupportedEvent, InvalidInput)
