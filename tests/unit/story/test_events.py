"""Events: seventeen kinds, written and read, and a recorded stream of every version that must always be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from story.canon import Canon
from story.errors import TerminalError, UnsupportedEvent
from story.events import UPCASTERS, Event, NovelPaused, read_event, write_event
from story.novel import Novel

KINDS = get_args(get_args(Event)[0])
STREAM = json.loads((Path(__file__).parent / "streams" / "v1.json").read_text())


def test_there_are_seventeen_kinds_and_the_recorded_stream_has_them_all():
    """A new kind needs a place in the stream."""
    names = {kind.model_fields["kind"].default for kind in KINDS}
    assert len(names) == len(KINDS) == 17
    assert {payload["kind"] for payload in STREAM} == names
    assert {payload["version"] for payload in STREAM} == {1}


@pytest.mark.parametrize("payload", STREAM, ids=lambda payload: payload["kind"])
def test_a_recorded_event_of_version_1_is_read_for_ever(payload):
    """And what it says is written again as it stood, with defaults of later fields at most added."""
    written = write_event(read_event(payload))
    assert contains(written, payload)


def contains(whole: object, part: object) -> bool:
    """Whether a JSON value holds all of another."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(contains, whole, part))
    return whole == part


def test_the_recorded_stream_amounts_to_what_it_always_did():
    """The folded state is pinned, field by field."""
    events = [read_event(payload) for payload in STREAM]
    novel = Novel.of(events[:-1])
    assert (novel.state, novel.version, novel.owner, novel.max_calls) == ("finished", 19, "ada", 60)
    assert [chapter.title for chapter in novel.chapters] == ["An Old Letter", "The Bell", "The Keeper"]
    assert novel.models.of("editor") == "openai:gpt-5-mini"
    assert novel.holds == {"c2": 1}
    assert (novel.approved_by, novel.title, novel.words) == ("ada", "The Dark Lamp", 28)
    assert novel.world is not None
    assert novel.world.era == "1851"
    state = novel.canon.state()
    assert state.dead == {"tomas"}
    assert state.places["mara"] == "chapel"
    assert novel.canon.knows("ida") == {"secret-of-mara"}
    assert Novel.of(events).state == "deleted"
    assert isinstance(novel.canon, Canon)


@given(st.one_of(*(st.from_type(kind) for kind in (NovelPaused,))), st.sampled_from(STREAM))
def test_writing_and_reading_an_event_changes_nothing(paused, payload):
    """Law: an event survives its payload, and its payload survives JSON."""
    for event in (paused, read_event(payload)):
        stored = write_event(event)
        assert read_event(json.loads(json.dumps(stored))) == event


@pytest.mark.parametrize(
    "payload",
    [
        {"kind": "chapter_burned", "version": 1},
        {"kind": "novel_paused", "version": 2, "reason": "r"},
        {"kind": "novel_paused", "version": "two", "reason": "r"},
        {"kind": "novel_paused", "version": 1, "reason": "r", "mood": "dark"},
        {"kind": "novel_paused", "version": 1},
        {},
    ],
    ids=["unknown kind", "newer", "odd version", "unknown field", "missing field", "nothing"],
)
def test_what_a_newer_program_wrote_is_refused_with_what_to_do(payload):
    """The message names kind, version and remedy; trying again does not help."""
    with pytest.raises(UnsupportedEvent, match="upgrade Scriptorium") as caught:
        read_event(payload)
    assert repr(payload.get("kind")) in str(caught.value)
    assert str(payload.get("version")) in str(caught.value)
    assert isinstance(caught.value, TerminalError)


def test_an_old_payload_is_brought_through_every_version_to_that_of_today():
    """Each step is applied once, in order, and nothing but old payloads is touched."""

    def first(payload):
        return {**payload, "version": 0, "reason": payload["why"] + "!"}

    def second(payload):
        return {"kind": "novel_paused", "version": 1, "reason": payload["reason"] + "?"}

    chain = {("novel_paused", -1): first, ("novel_paused", 0): second}
    old = {"kind": "novel_paused", "version": -1, "why": "rain"}
    assert read_event(old, chain) == NovelPaused(reason="rain!?")
    assert old == {"kind": "novel_paused", "version": -1, "why": "rain"}
    assert read_event({"kind": "novel_paused", "version": 1, "reason": "rain"}, chain) == NovelPaused(reason="rain")


def test_an_event_that_was_renamed_is_read_under_its_new_name():
    """An upcaster may change the kind as well."""
    chain = {("novel_stopped", 1): lambda payload: {**payload, "kind": "novel_paused", "version": 1}}
    stopped = {"kind": "novel_stopped", "version": 1, "reason": "rain"}
    assert read_event(stopped, chain) == NovelPaused(reason="rain")


def test_no_upcaster_is_missing():
    """Every version before today's of every kind has a way on; so far all are at version 1."""
    assert dict(UPCASTERS) == {}
    assert {get_args(kind.model_fields["version"].annotation) for kind in KINDS} == {(1,)}
