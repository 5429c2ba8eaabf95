"""The chain of hashes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

from storage.chain import GENESIS, chained, first_broken, link
from story.events import NovelFinished, NovelPaused

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_hash_is_over_the_one_before_and_the_event():
    """The hash is SHA-256 over the hash before and the canonical JSON of the event and its place."""
    content = '["n",3,"2026-01-01T12:00:00+00:00",{"a":1,"b":"é"}]'
    assert link("abc", "n", 3, NOW, {"b": "é", "a": 1}) == hashlib.sha256(("abc" + content).encode()).hexdigest()


def test_zones_do_not_matter():
    """The same moment in another zone has the same hash."""
    berlin = NOW.astimezone(timezone(timedelta(hours=1)))
    assert chained(GENESIS, "n", 0, berlin, [NovelFinished()]) == chained(GENESIS, "n", 0, NOW, [NovelFinished()])


def test_a_whole_chain():
    """A chain in which every hash fits is whole."""
    log = chained(GENESIS, "n", 0, NOW, [NovelPaused(reason="a"), NovelFinished()])
    assert [one.version for one in log] == [1, 2]
    assert first_broken(log, 2) is None


def test_the_first_broken_link_is_named():
    """Of several events that do not fit the first is named."""
    log = chained(GENESIS, "n", 0, NOW, [NovelPaused(reason=reason) for reason in "abcd"])
    log[1] = log[1].model_copy(update={"payload": log[0].payload})
    assert first_broken(log, 4) == 2


def test_a_missing_end_is_named():
    """A log that is shorter than its read models say lacks the next event."""
    assert first_broken(chained(GENESIS, "n", 0, NOW, [NovelFinished()]), 3) == 2
