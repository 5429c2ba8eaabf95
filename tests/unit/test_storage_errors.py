"""The errors of stores."""

from __future__ import annotations

import pickle

import pytest

from storage import ports
from story.errors import ScriptoriumError, TerminalError, TransientError

ERRORS = [one for one in vars(ports).values() if isinstance(one, type) and issubclass(one, ScriptoriumError)]


@pytest.mark.parametrize("error", ERRORS)
def test_errors_pickle(error):
    """Every error survives pickling with its message."""
    copy = pickle.loads(pickle.dumps(error("What happened; what to do.")))
    assert (type(copy), str(copy)) == (error, "What happened; what to do.")


@pytest.mark.parametrize("error", [one for one in ERRORS if one.__module__ == "storage.ports"])
def test_errors_are_transient_or_terminal(error):
    """Every error says whether trying again may help."""
    assert issubclass(error, TransientError) != issubclass(error, TerminalError)
