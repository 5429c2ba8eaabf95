"""What every store of passages promises, on every store."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.passages import lite, milvus
from storage.passages.collection import connect
from storage.passages.hashing import HashingEmbedder
from storage.passages.keys import text_hash
from storage.passages.lite import LiteNearest
from storage.passages.memory import MemoryNearest, MemoryTexts
from storage.passages.milvus import MilvusNearest
from storage.passages.neighbours import smoothed
from storage.passages.ports import OtherEmbedding, Scored, VectorsMissing, Window
from storage.passages.searching import Passages, wordiest
from storage.passages.words import MOST
from storage.ports import StoreUnavailable
from story.errors import InvalidInput
from tests.contract.passage_stores import (
    DIMENSION,
    EMBEDDER,
    ODD,
    embedded,
    keys,
    make,
    milvus_lite_server,
    milvus_server,
    nearest,
    new_id,
    part,
    passages,
    shelf,
    unit,
    vectors,
    windows,
)
from tests.servers.milvus import running_lite

__all__ = ["make", "milvus_lite_server", "milvus_server", "nearest", "passages", "shelf"]

ROOT = Path(__file__).parents[2]
BOOK = [
    part("c1", "Anna keeps the lighthouse. ", "The storm took the boat.", "Bert mends nets. "),
    part("c2", "A silver key lay in the sand.", "Anna found the key.", version=2),
]
CHAPTERS = ["c1", "c2"]

ROOT = Path(__file__).parents[2]

LOGGING_KEPT = """
import logging, sys

class Counted(logging.Handler):
    flushes = 0

    def flush(self):
        self.flushes += 1

handler = Counted()
logging.getLogger().addHandler(handler)
from storage.passages.collection import connect
client = connect(sys.argv[1])
there = any(known() is handler for known in logging._handlerList)
print(handler.flushes, "flushes,", "still there" if there else "gone")
client.close()
"""

few = settings(
    deadline=None, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_texts = st.lists(st.sampled_from(["anna", "key", "storm", "the", "Zoë’s", "river"]), min_size=0, max_size=6).map(
    " ".join
)
_books = st.dictionaries(st.sampled_from(["c1", "c2", "c3"]), st.lists(_texts, max_size=4), min_size=1).map(
    lambda book: [part(chapter, *texts) for chapter, texts in book.items()]
)


class TestTexts:
    """Passages and the index of their words."""

    @pytest.fixture
    def texts(self, shelf):
        """The store under test."""
        return shelf.texts

    async def test_passages_are_read_back(self, texts):
        """What was written is read as it was, white space and all, sorted by key."""
        await texts.replace(ODD, "ada", [*reversed(BOOK)])
        assert await texts.passages(ODD) == [one for each in BOOK for one in each.passages]
        assert await texts.passages(ODD, ["c2", "c9"]) == list(BOOK[1].passages)

    async def test_a_chapter_is_replaced(self, texts):
        """Nothing is left of what stood for a chapter, whatever its version, and other chapters stay."""
        await texts.replace("n", "ada", BOOK)
        for _ in range(2):
            await texts.replace("n", "ada", [part("c1", "Cleo sings.", version=7)])
            assert keys(await texts.passages("n")) == [("c1", 7, 0), ("c2", 2, 0), ("c2", 2, 1)]
            assert await texts.search("n", "lighthouse storm nets", CHAPTERS, 9) == []
            assert windows(await texts.search("n", "cleo", CHAPTERS, 9)) == [("c1", 7, 0)]

    async def test_a_chapter_without_text(self, texts):
        """A chapter may have no passages."""
        await texts.replace("n", "ada", BOOK)
        await texts.replace("n", "ada", [part("c1")])
        assert keys(await texts.passages("n")) == [("c2", 2, 0), ("c2", 2, 1)]
        assert windows(await texts.search("n", "anna key", CHAPTERS, 9)) == [("c2", 2, 0)]

    async def test_removal(self, texts):
        """Chapters are removed with their words, and so is a whole novel."""
        await texts.replace("n", "ada", BOOK)
        await texts.remove("n", "ada", ["c2", "c9"])
        assert windows(await texts.search("n", "anna key", CHAPTERS, 9)) == [("c1", 1, 0)]
        await texts.remove("n", "ada")
        assert (await texts.passages("n"), await texts.search("n", "anna", CHAPTERS, 9)) == ([], [])
        await texts.remove("n", "ada")

    async def test_windows(self, texts):
        """A window is found once, whichever of its passages hold the words, and can be read."""
        await texts.replace("n", "ada", BOOK)
        found = await texts.search("n", "lighthouse storm nets", ["c1"], 9)
        assert sorted(windows(found)) == [("c1", 1, 0), ("c1", 1, 1)]
        assert await texts.read("n", [Window("c1", 1, 1), Window("c1", 1, 0)]) == list(BOOK[0].passages)
        assert await texts.read("n", [Window("c1", 1, 1), Window("c1", 2, 0)]) == [BOOK[0].passages[2]]
        assert await texts.read("n", []) == []

    async def test_a_window_counts_as_one_text(self, texts):
        """Frequencies and lengths are those of whole windows, however they are cut; neighbours' terms count half."""
        await texts.replace("n", "ada", [part("c1", "storm storm", "key", "storm ", "calm")])
        await texts.replace("m", "ada", [part("c1", "storm storm key", "", "storm calm")])
        found = await texts.search("n", "storm key", ["c1"], 9)
        assert found == await texts.search("m", "storm key", ["c1"], 9)
        common, rare = log(1 + 0.5 / 2.5), log(1 + 1.5 / 1.5)
        long, short = (1.2 * (0.25 + 0.75 * length / 2.5) for length in (3, 2))
        expected = [
            common * 2.5 * 2.2 / (2.5 + long) + rare * 2.2 / (1 + long),
            common * 2 * 2.2 / (2 + short) + rare * 0.5 * 2.2 / (0.5 + short),
        ]
        assert [score for _, score in sorted(found)] == pytest.approx(expected)

    async def test_neighbours_name_whom_a_window_is_about(self, texts):
        """Of two windows with a word, the one whose neighbour names who is asked about fits better; not so a chapter's."""
        alone, named = ["She burned the letter.", ""], ["Anna came home.", "", "She burned the letter.", ""]
        await texts.replace("n", "ada", [part("c1", *alone), part("c2", *named), part("c3", "Anna left.", "")])
        found = await texts.search("n", "Did Anna burn the letter?", ["c1", "c2", "c3"], 9)
        scores = dict(found)
        assert windows(found)[0] == ("c2", 1, 1)
        assert scores[Window("c1", 1, 0)] < scores[Window("c2", 1, 1)]
        assert Window("c2", 1, 0) in scores

    async def test_best_first(self, texts):
        """A rare word counts more than a frequent one, a short window more than a long one."""
        short, long = "Anna sleeps.", "Anna walks along the shore past boats and nets and sand all morning."
        await texts.replace(
            "n", "ada", [part("c1", long, "", short, "", "A key.", "", "Anna rows.", "", "Bert sings.")]
        )
        found = await texts.search("n", "Did Anna have a key?", ["c1"], 9)
        assert windows(found) == [("c1", 1, 2), ("c1", 1, 1), ("c1", 1, 3), ("c1", 1, 0)]
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        assert await texts.search("n", "Did Anna have a key?", ["c1"], 2) == found[:2]

    async def test_forms_of_a_word(self, texts):
        """Case, accents, possessives and endings make no difference; words of grammar find nothing."""
        await texts.replace("n", "ada", [part("c1", "ZOË’s fishing nets", "He didn’t.", "The captain's café")])
        for question in ("zoe", "Zoé", "fishes", "net"):
            assert windows(await texts.search("n", question, ["c1"], 9)) == [("c1", 1, 0)]
        assert windows(await texts.search("n", "Captains’ cafe?", ["c1"], 9)) == [("c1", 1, 1)]
        for question in ("", "didn't he", "?!", "'; DROP TABLE passages; --", "NEAR(zoo) OR *", "терем"):
            assert await texts.search("n", question, ["c1"], 9) == []

    async def test_ties_go_by_window(self, texts):
        """Windows that fit alike come in the order of their names, and so do those that just get in."""
        parts = [part(f"c{number}", "same", "words") for number in range(36)]
        await texts.replace("n", "ada", parts)
        expected = sorted((one.chapter, 1, 0) for one in parts)
        for limit in (1, 13, 99):
            assert windows(await texts.search("n", "words", [one.chapter for one in parts], limit)) == expected[:limit]

    async def test_a_word_that_comes_very_often(self, texts):
        """Beyond a bound, how often a window has a word makes no difference, in no store."""
        often = [" ".join(["storm"] * count) for count in (1, MOST - 1, 3 * MOST)]
        chapters = [part("c1", "storm"), part("c2", often[0], often[1]), part("c3", often[2]), part("c4", "calm")]
        await texts.replace("n", "ada", chapters)
        found = await texts.search("n", "storm", ["c1", "c2", "c3", "c4"], 9)
        assert windows(found) == [("c2", 1, 0), ("c3", 1, 0), ("c1", 1, 0)]
        assert found[0][1] == found[1][1]

    async def test_nobody_sees_nothing(self, texts):
        """Without chapters, or with unknown ones, nothing is found."""
        await texts.replace("n", "ada", BOOK)
        for chapters in ([], ["c9"]):
            assert await texts.search("n", "anna", chapters, 9) == []

    async def test_many_chapters(self, texts):
        """More chapters than a statement has room for can be seen, read and removed."""
        many = [f"c{number}" for number in range(40_000)]
        await texts.replace("n", "ada", BOOK)
        assert windows(await texts.search("n", "anna", many, 9)) == [("c1", 1, 0), ("c2", 2, 0)]
        assert len(await texts.passages("n", many)) == 5
        await texts.remove("n", "ada", many)
        assert await texts.passages("n") == []

    @few
    @given(book=_books, other=_books, question=_texts)
    async def test_the_same_in_every_store(self, texts, book, other, question):
        """Every store gives the scores that a plain reckoning over the visible chapters gives."""
        mine, twin, plain = new_id(), new_id(), MemoryTexts()
        await texts.replace(mine, "ada", book)
        await texts.replace(twin, "ada", other)
        for chapters in (["c1"], ["c1", "c3"], ["c1", "c2", "c3"]):
            await plain.remove(mine, "ada")
            await plain.replace(mine, "ada", [one for one in book if one.chapter in chapters])
            expected = await plain.search(mine, question, chapters, 9)
            assert await texts.search(mine, question, chapters, 9) == expected

    @few
    @given(book=_books, other=_books, question=_texts)
    async def test_nothing_of_another_novel_is_touched(self, texts, book, other, question):
        """Whatever is done to one novel, a twin with the same texts and ids stays as it is, scores and all."""
        mine, twin = new_id(), new_id()

        async def seen():
            chapters = ["c1", "c2", "c3"]
            return await texts.passages(twin), await texts.search(twin, question, chapters, 9)

        await texts.replace(twin, "ada", book)
        before = await seen()
        for change in (
            texts.replace(mine, "ada", book),
            texts.replace(mine, "ada", other),
            texts.remove(mine, "ada", ["c1"]),
        ):
            await change
            assert await seen() == before
        await texts.remove(mine, "ada")
        assert await seen() == before


class TestKept:
    """Vectors that are kept by text."""

    async def test_kept_vectors_are_known(self, shelf):
        """A vector is known to its owner under its model, and to the last bit."""
        one, other = await shelf.hold("ada", "one", "other")
        vector = embedded("anna")
        await shelf.texts.keep("ada", "m", {one: vector, other: -vector})
        known = await shelf.texts.known("ada", "m", [one, "no such hash"])
        assert known.keys() == {one} and np.array_equal(known[one], vector)
        assert await shelf.texts.known("bob", "m", [one]) == {}
        assert await shelf.texts.known("ada", "other", [one]) == {}

    async def test_the_first_one_stays(self, shelf):
        """A vector that is there is not replaced."""
        one, other = await shelf.hold("ada", "one", "other")
        await shelf.texts.keep("ada", "m", {one: unit(1)})
        await shelf.texts.keep("ada", "m", {one: unit(0, 1), other: unit(0, 1)})
        known = await shelf.texts.known("ada", "m", [one, other])
        assert [known[key].argmax() for key in (one, other)] == [0, 1]

    async def test_of_a_text_that_went_meanwhile(self, shelf):
        """A vector of a text that no novel of the owner holds is not kept: it would never be forgotten."""
        await shelf.hold("bob", "text")
        await shelf.texts.keep("ada", "m", {text_hash("text"): unit(1)})
        assert await shelf.texts.known("ada", "m", [text_hash("text")]) == {}

    async def test_unused_vectors_are_forgotten(self, shelf, passages):
        """A vector goes when no novel of its owner holds the text; another owner's stays."""
        mine, second, theirs = [await shelf.request(owner) for owner in ("ada", "ada", "bob")]
        await passages.write(mine, "ada", [part("c1", "shared", "mine alone")])
        await passages.write(second, "ada", [part("c1", "shared")])
        await passages.write(theirs, "bob", [part("c1", "mine alone")])
        await passages.remove(mine, "ada")
        assert await shelf.embedded("ada", "shared", "mine alone") == ["shared"]
        assert await shelf.embedded("bob", "mine alone") == ["mine alone"]

    async def test_of_a_deleted_novel(self, shelf, passages):
        """A novel that is gone from the library holds no text."""
        novel_id = await shelf.request()
        await passages.write(novel_id, "ada", [part("c1", "text")])
        async with shelf.storage.begin() as work:
            await work.delete(novel_id)
            await work.commit()
        await passages.remove(novel_id, "ada")
        assert await shelf.embedded("ada", "text") == []

    async def test_many(self, shelf):
        """More vectors than a statement has room for are kept, known and forgotten."""
        novel_id = await shelf.request()
        texts = [f"text {number}" for number in range(1_203)]
        await shelf.texts.replace(novel_id, "ada", [part("c1", *texts)])
        many = {text_hash(text): unit(1, number) for number, text in enumerate(texts)}
        await shelf.texts.keep("ada", "m", many)
        assert (await shelf.texts.known("ada", "m", [*many, *many])).keys() == many.keys()
        await shelf.texts.remove(novel_id, "ada")
        assert await shelf.texts.known("ada", "m", many) == {}


class TestNearest:
    """Vectors, searched by cosine."""

    async def test_rows_are_read_back(self, nearest):
        """What was written is read as it was, sorted by key."""
        await nearest.replace(ODD, [*reversed(BOOK)], vectors([*reversed(BOOK)]))
        rows = await nearest.rows(ODD)
        assert keys(rows) == [one.key for each in BOOK for one in each.passages]
        assert np.array_equal([row.vector for row in rows], vectors(BOOK))
        assert len({row.text_hash for row in rows}) == 5
        assert [row.window for row in rows] == [one.window for each in BOOK for one in each.passages]
        assert {(one.key, one.window) for one in await nearest.search(ODD, unit(1), CHAPTERS, 9)} == {
            (row.key, row.window) for row in rows
        }
        assert await nearest.rows("x") == []

    async def test_nearest_first(self, nearest):
        """The passages come by falling cosine, and the cosine is their score."""
        parts = [part("c1", "a", "b", "c")]
        await nearest.replace("n", parts, np.stack([unit(1, 1), unit(0, 1), unit(1, 0.1)]))
        found = await nearest.search("n", unit(1), ["c1"], 9)
        assert keys(found) == [("c1", 1, 2), ("c1", 1, 0), ("c1", 1, 1)]
        assert [one.score for one in found] == pytest.approx([0.995037, 0.707107, 0], abs=2e-6)
        assert keys(await nearest.search("n", unit(1), ["c1"], 1)) == [("c1", 1, 2)]

    async def test_ties_go_by_key(self, nearest):
        """Equal vectors come in the order of their keys, and so do those that just get in."""
        parts = [part(chapter, *["same"] * 70) for chapter in ("c2", "c10", "c1")]
        await nearest.replace("n", parts, vectors(parts))
        expected = sorted(passage.key for one in parts for passage in one.passages)
        for limit in (1, 75, 999):
            assert keys(await nearest.search("n", embedded("same"), ["c2", "c1", "c10"], limit)) == expected[:limit]

    async def test_visible_chapters(self, nearest):
        """Only the chapters that may be seen are searched; without one, none."""
        await nearest.replace("n", BOOK, vectors(BOOK))
        assert {key.chapter for key in keys(await nearest.search("n", embedded("key"), ["c1"], 9))} == {"c1"}
        for chapters in ([], ["c9"], [ODD]):
            assert await nearest.search("n", embedded("key"), chapters, 9) == []

    async def test_a_chapter_is_replaced(self, nearest):
        """Nothing is left of what stood for a chapter, whatever its version, and other chapters stay."""
        await nearest.replace("n", BOOK, vectors(BOOK))
        assert len(await nearest.search("n", embedded("nets"), CHAPTERS, 9)) == 5
        new = [part("c1", "Cleo sings.", version=7)]
        for _ in range(2):
            await nearest.replace("n", new, vectors(new))
            assert keys(await nearest.rows("n")) == [("c1", 7, 0), ("c2", 2, 0), ("c2", 2, 1)]
            assert keys(await nearest.search("n", embedded("Cleo sings."), CHAPTERS, 1)) == [("c1", 7, 0)]

    async def test_the_same_key_with_another_vector(self, nearest):
        """A passage that is written again has its new vector alone."""
        parts = [part("c1", "a")]
        for vector in (unit(1), unit(0, 1)):
            await nearest.replace("n", parts, vector[np.newaxis])
            ((found,),) = [await nearest.search("n", vector, ["c1"], 9)]
            assert found.score == pytest.approx(1)
            assert len(await nearest.rows("n")) == 1

    async def test_removal(self, nearest):
        """Chapters are removed, and so is a whole novel; twice is as good as once."""
        await nearest.replace("n", BOOK, vectors(BOOK))
        await nearest.remove("n", ["c2", "c9"])
        assert {key.chapter for key in keys(await nearest.rows("n"))} == {"c1"}
        assert {key.chapter for key in keys(await nearest.search("n", embedded("key"), CHAPTERS, 9))} == {"c1"}
        for _ in range(2):
            await nearest.remove("n")
            assert await nearest.rows("n") == []

    async def test_an_empty_store(self, nearest):
        """Where nothing was ever written, nothing is found, and nothing is removed."""
        await nearest.reset()
        await nearest.remove("n")
        await nearest.reset()
        assert (await nearest.rows("n"), await nearest.search("n", unit(1), ["c1"], 9)) == ([], [])

    async def test_reset(self, nearest):
        """A reset takes the vectors of all novels, and the store goes on."""
        for novel_id in ("m", "n"):
            await nearest.replace(novel_id, BOOK, vectors(BOOK))
        await nearest.reset()
        assert [await nearest.rows(novel_id) for novel_id in ("m", "n")] == [[], []]
        await nearest.replace("n", BOOK, vectors(BOOK))
        assert len(await nearest.search("n", unit(1), CHAPTERS, 9)) == 5

    async def test_a_vector_a_passage(self, nearest):
        """Another number of vectors than of passages is refused."""
        with pytest.raises(InvalidInput, match="5 passages came with 4 vectors"):
            await nearest.replace("n", BOOK, vectors(BOOK)[1:])

    async def test_used_by_many_at_once(self, nearest):
        """Whoever writes and searches at the same time as others finds what he wrote."""

        async def one(number):
            parts = [part(f"c{number}", f"text {number}")]
            await nearest.replace("n", parts, vectors(parts))
            return await nearest.search("n", embedded(f"text {number}"), [f"c{number}"], 9)

        assert [len(found) for found in await asyncio.gather(*map(one, range(4)))] == [1] * 4
        assert len(await nearest.rows("n")) == 4

    async def test_a_cancelled_writer_lets_go(self, nearest):
        """Wherever a writer is cancelled, the next one can write, and what it writes is all there is."""
        for wait in range(6):
            writer = asyncio.create_task(nearest.replace("n", BOOK, vectors(BOOK)))
            await asyncio.sleep(wait / 50)
            writer.cancel()
            await asyncio.wait([writer])
        await nearest.replace("n", BOOK, vectors(BOOK))
        assert len(await nearest.rows("n")) == 5

    async def test_more_than_a_batch(self, nearest):
        """More rows than go in one call are written, searched and read."""
        parts = [part(f"c{chapter}", *(f"{chapter} {number}" for number in range(700))) for chapter in range(3)]
        await nearest.replace("n", parts, vectors(parts))
        assert len(await nearest.rows("n")) == 2_100
        assert len(await nearest.search("n", unit(1), ["c0", "c1", "c2"], 2_000)) == 2_000

    @few
    @given(book=_books, other=_books)
    async def test_nothing_of_another_novel_is_touched(self, nearest, book, other):
        """Whatever is done to one novel, a twin with the same texts and ids stays as it is."""
        mine, twin, plain = new_id(), new_id(), MemoryNearest()
        chapters = ["c1", "c2", "c3"]
        await plain.replace(twin, book, vectors(book))
        expected = await plain.search(twin, unit(1, 1), chapters, 9), keys(await plain.rows(twin))
        await nearest.replace(twin, book, vectors(book))
        await nearest.replace(mine, book, vectors(book))
        await nearest.replace(mine, other, vectors(other))
        await nearest.remove(mine, ["c1"])
        assert {key.chapter for key in keys(await nearest.rows(mine))} <= {"c2", "c3"}
        await nearest.remove(mine)
        found = await nearest.search(twin, unit(1, 1), chapters, 9)
        assert (keys(found), keys(await nearest.rows(twin))) == (keys(expected[0]), expected[1])
        assert [one.score for one in found] == pytest.approx([one.score for one in expected[0]], abs=2e-6)


@pytest.mark.parametrize("make", ["lite", "lite server", "milvus"], indirect=True)
class TestOtherClients:
    """Several clients of one store that outlives them."""

    async def test_another_client_sees_it(self, make, nearest):
        """What one client wrote, another one finds, and what that one changes, the first one finds."""
        other = make(EMBEDDER)
        await nearest.replace("n", BOOK, vectors(BOOK))
        assert len(await other.search("n", unit(1), CHAPTERS, 9)) == 5
        await other.remove("n", ["c1"])
        assert len(await nearest.search("n", unit(1), CHAPTERS, 9)) == 2
        await nearest.replace("n", BOOK, vectors(BOOK))
        assert len(await other.search("n", unit(1), CHAPTERS, 9)) == 5
        await other.close()

    @pytest.mark.parametrize("embedder", [HashingEmbedder(DIMENSION + 1)])
    async def test_another_embedding_is_refused(self, make, nearest, embedder):
        """Vectors of another model are neither written nor searched, until a reset."""
        await nearest.replace("n", BOOK, vectors(BOOK))
        other = make(embedder)
        for refused in (
            other.replace("m", BOOK, vectors(BOOK, embedder)),
            other.search("n", embedder.embed(["key"])[0], CHAPTERS, 9),
        ):
            with pytest.raises(OtherEmbedding, match=r"hashing@16.*hashing@17.*scriptorium rebuild"):
                await refused
        assert len(await nearest.rows("n")) == 5
        await other.reset()
        await other.replace("n", BOOK, vectors(BOOK, embedder))
        assert (await other.rows("n"))[0].vector.shape == (17,)
        await other.reset()
        await other.close()

    async def test_another_model_of_the_same_dimension_is_refused(self, make, nearest):
        """It is the name that tells models apart."""

        class Renamed(HashingEmbedder):
            model = "other"

        await nearest.replace("n", BOOK, vectors(BOOK))
        other = make(Renamed(DIMENSION))
        with pytest.raises(OtherEmbedding, match="other"):
            await other.search("n", unit(1), CHAPTERS, 9)
        await other.remove("n")
        assert await nearest.rows("n") == []
        await other.close()


class TestLiteProcesses:
    """Several processes and one Milvus Lite file."""

    @pytest.fixture
    def path(self, tmp_path):
        """Where the file is."""
        return tmp_path / "vectors.db"

    @pytest.fixture
    async def store(self, path):
        """The store under test."""
        store = LiteNearest(path, EMBEDDER)
        yield store
        await store.close()

    async def writer(self, path, novel_id, chapters):
        """A process that writes to the file."""
        command = [sys.executable, "-m", "tests.contract.lite_writer", str(path), novel_id, str(chapters)]
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)

    async def test_two_processes_take_turns(self, store, path):
        """Two processes that write at once both succeed, and a third one finds all that they wrote."""
        writers = [await self.writer(path, novel_id, 4) for novel_id in ("m", "n")]
        assert [len((await one.communicate())[0].split()) for one in writers] == [4, 4]
        assert [len(await store.rows(novel_id)) for novel_id in ("m", "n")] == [4, 4]

    async def test_a_view_sees_what_another_process_wrote(self, store, path):
        """A search finds what another process wrote since the last search."""
        first = [part("c0", "before")]
        await store.replace("n", first, vectors(first))
        assert keys(await store.search("n", unit(1), ["c0", "c1"], 9)) == [("c0", 1, 0)]
        assert await (await self.writer(path, "n", 2)).wait() == 0
        found = await store.search("n", embedded("n writes chapter 1"), ["c0", "c1"], 9)
        assert keys(found) == [("c1", 1, 0), ("c0", 1, 0)]
        assert found[0].score == pytest.approx(1, abs=2e-6)

    async def test_a_killed_writer(self, store, path):
        """After kill -9 in the middle of writing, what was acknowledged is there, and the file can be written."""
        writer = await self.writer(path, "n", 10_000)
        for _ in range(5):
            await writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = 5 + len((await writer.stdout.read()).split())
        await writer.wait()
        assert len(await store.rows("n")) in {acknowledged, acknowledged + 1}
        await store.replace("n", BOOK, vectors(BOOK))
        assert len(await store.search("n", unit(1), CHAPTERS, 9)) == 5

    async def test_a_file_that_stays_in_use(self, store, path, monkeypatch):
        """Whoever waits for too long is told who has the file, and what to do."""
        monkeypatch.setattr(lite, "WAIT_SECONDS", 0.1)
        async with store._used():
            waiting = LiteNearest(path, EMBEDDER)
            with pytest.raises(StoreUnavailable, match=rf"in use by process {os.getpid()}.*milvus-lite server"):
                await waiting.replace("n", BOOK, vectors(BOOK))
        await waiting.replace("n", BOOK, vectors(BOOK))

    async def test_open_only_while_it_is_used(self, store, path):
        """Nobody has the file open after a call, and a search that is repeated does not open it at all."""
        await store.replace("n", BOOK, vectors(BOOK))
        await store.search("n", unit(1), CHAPTERS, 9)
        other = LiteNearest(path, EMBEDDER)
        async with other._used():
            assert len(await store.search("n", unit(1), CHAPTERS, 9)) == 5

    async def test_a_view_that_grew_old_while_the_file_could_not_be_opened(self, store, path, monkeypatch):
        """What another process wrote before an opening that failed is seen by the next search."""
        await store.replace("n", BOOK, vectors(BOOK))
        await store.search("n", unit(1), CHAPTERS, 9)
        await LiteNearest(path, EMBEDDER).remove("n", ["c1"])

        def down(*args):
            raise StoreUnavailable("It is away.")

        with monkeypatch.context() as patch:
            patch.setattr(lite, "connect", down)
            with pytest.raises(StoreUnavailable):
                await store.refuse_other()
        assert {one.key.chapter for one in await store.search("n", unit(1), CHAPTERS, 9)} == {"c2"}

    async def test_a_folder_that_cannot_be_written(self, tmp_path):
        """What the system says is passed on, with what to do."""
        (tmp_path / "file").write_text("")
        store = LiteNearest(tmp_path / "file" / "vectors.db", EMBEDDER)
        with pytest.raises(StoreUnavailable, match=r"cannot be used.*scriptorium rebuild"):
            await store.replace("n", BOOK, vectors(BOOK))

    async def test_a_path_that_the_system_refuses(self, tmp_path):
        """Whatever is asked of it, it is told in our words."""
        store = LiteNearest(tmp_path / ("x" * 300), EMBEDDER)
        for call in (store.rows("n"), store.remove("n"), store.search("n", unit(1), ["c1"], 9), store.reset()):
            with pytest.raises(StoreUnavailable, match="File name too long"):
                await call

    async def test_a_holder_that_is_not_told(self, store, path, monkeypatch):
        """Whoever waits in vain, and cannot read who has the file, is told all the same what to do."""
        monkeypatch.setattr(lite, "WAIT_SECONDS", 0.1)
        async with store._used():
            Path(f"{path}.holder").unlink()
            with pytest.raises(StoreUnavailable, match="in use by another process"):
                await LiteNearest(path, EMBEDDER).rows("n")

    @pytest.mark.parametrize("kind", ["parquet", "schema.json"])
    async def test_a_damaged_file(self, store, path, kind):
        """A torn file of the engine's is told with the remedy, and that remedy works."""
        await store.replace("n", BOOK, vectors(BOOK))
        damaged = [*path.rglob(f"*{kind}")]
        assert damaged
        for file in damaged:
            file.write_bytes(file.read_bytes()[:40])
        for call in (store.rows("n"), store.search("n", unit(1), CHAPTERS, 9), store.replace("n", BOOK, vectors(BOOK))):
            with pytest.raises(StoreUnavailable, match=r"cannot be used.*damaged, remove it.*scriptorium rebuild"):
                await call
        shutil.rmtree(path)
        await store.replace("n", BOOK, vectors(BOOK))
        assert len(await store.search("n", unit(1), CHAPTERS, 9)) == 5

    async def test_nothing_is_written_once_a_call_is_over(self, store, path):
        """What the engine would write in the background could be torn by a kill, and never load again."""
        await store.replace("n", BOOK, vectors(BOOK))
        assert not [*path.rglob("*.idx")]

    async def test_an_error_of_the_engine(self, store, path, monkeypatch):
        """Whatever the engine raises is a store that cannot be used; the next call goes on."""

        def broken(*args):
            raise RuntimeError("segment 3 is torn\nsomewhere")

        with monkeypatch.context() as patch:
            patch.setattr(lite, "connect", broken)
            with pytest.raises(StoreUnavailable, match="cannot be opened"):
                await store.replace("n", BOOK, vectors(BOOK))
        await store.replace("n", BOOK, vectors(BOOK))
        with monkeypatch.context() as patch:
            patch.setattr("storage.passages.collection.Collection.rows", broken)
            with pytest.raises(StoreUnavailable, match="RuntimeError: segment 3 is torn\\)"):
                await store.rows("n")
        assert len(await store.rows("n")) == 5

    async def test_nothing_is_logged(self, store, caplog):
        """What the engine does not know of its own client's calls is nothing that a person could act on."""
        await store.replace("n", BOOK, vectors(BOOK))
        assert len(await store.search("n", unit(1), CHAPTERS, 9)) == 5
        with pytest.raises(OtherEmbedding):
            await LiteNearest(store._path, HashingEmbedder(DIMENSION + 1)).search("n", unit(1), CHAPTERS, 9)
        await store.reset()
        assert [record for record in caplog.records if record.levelname != "INFO"] == []

    async def test_a_search_beside_a_write(self, store):
        """A search that reads the file while a write waits keeps nothing that the write has made old."""
        await store.replace("n", BOOK, vectors(BOOK))
        for number in range(4):
            parts = [part("c1", f"text {number}")]
            searching = asyncio.create_task(store.search("n", unit(1), CHAPTERS, 9))
            await asyncio.gather(store.replace("n", parts, vectors(parts)), searching)
            found = await store.search("n", embedded(f"text {number}"), ["c1"], 9)
            assert [one.score for one in found] == pytest.approx([1.0])

    def test_the_client_leaves_logging_alone(self, path):
        """Importing it flushes no handler of others, and takes none away: under a lock, that could wait for ever."""
        done = subprocess.run(
            [sys.executable, "-c", LOGGING_KEPT, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "0 flushes, still there\n", "")

    async def test_a_server_has_the_file(self, store, path):
        """A file that Milvus Lite's own server has open is not opened beside it."""
        with running_lite(path), pytest.raises(StoreUnavailable, match="SCRIPTORIUM_MILVUS_URL"):
            await store.replace("n", BOOK, vectors(BOOK))
        await store.replace("n", BOOK, vectors(BOOK))

    async def test_views_are_bounded(self, store, monkeypatch):
        """Only the novels that were searched last are held in process."""
        monkeypatch.setattr(lite, "MOST_ROWS", 12)
        for novel_id in ("m", "n", "o"):
            await store.replace(novel_id, BOOK, vectors(BOOK))
        for novel_id in ("m", "n", "m", "o"):
            assert len(await store.search(novel_id, unit(1), CHAPTERS, 9)) == 5
        assert list(store._views) == ["m", "o"]


class TestServerFaults:
    """A server that is not there, or goes."""

    async def test_no_server(self):
        """A server that does not answer is unavailable; its password is not told."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://root:s3cret@127.0.0.1:{free.getsockname()[1]}"
        store = MilvusNearest(url, "", EMBEDDER)
        for call in (store.rows("n"), store.replace("n", BOOK, vectors(BOOK)), store.search("n", unit(1), CHAPTERS, 9)):
            with pytest.raises(StoreUnavailable, match="does not answer") as refused:
                await call
            assert "s3cret" not in str(refused.value)

    async def test_a_server_that_went_and_came_back(self, tmp_path):
        """A server that went is unavailable; once it is there again the same client goes on."""
        data = tmp_path / "vectors.db"
        with running_lite(data) as server:
            store = MilvusNearest(server.url, "", EMBEDDER)
            await store.replace("n", BOOK, vectors(BOOK))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("storage.passages.collection.READ_SECONDS", 1.0)
            with pytest.raises(StoreUnavailable, match="does not answer"):
                await store.rows("n")
        with running_lite(data, int(server.url.rpartition(":")[2])):
            assert len(await store.rows("n")) == 5
            assert len(await store.search("n", unit(1), CHAPTERS, 9)) == 5
            await store.close()

    async def test_a_call_that_fails_beside_others(self, milvus_lite_server, clients):
        """The next call has a client of its own; what goes on with the old one fails late or gives all there is."""
        store, novel = MilvusNearest(milvus_lite_server.url, "", EMBEDDER), new_id()
        await store.replace(novel, BOOK, vectors(BOOK))
        good, bad = Held(lambda collection: collection.rows(novel)), Held(fails)
        before = [await good.begun(store), await bad.begun(store)]
        with pytest.raises(StoreUnavailable):
            await store._call(fails)
        fresh = Held(lambda collection: collection.rows(novel))
        after = await fresh.begun(store)
        assert (len(clients), are_closed(clients)) == (2, [False, False])
        bad.go_on.set()
        with pytest.raises(StoreUnavailable):
            await before[1]
        good.go_on.set()
        assert len(await before[0]) == 5
        assert are_closed(clients) == [True, False]
        fresh.go_on.set()
        assert len(await after) == len(await store.rows(novel)) == 5
        await store.close()
        assert (len(clients), are_closed(clients)) == (2, [True, True])

    async def test_closed_under_a_call(self, milvus_lite_server, clients):
        """A call that is not done when its store is closed goes on; the client is closed after it."""
        store = MilvusNearest(milvus_lite_server.url, "", EMBEDDER)
        held = Held(lambda collection: collection.rows("nobody"))
        task = await held.begun(store)
        await store.close()
        assert are_closed(clients) == [False]
        held.go_on.set()
        assert (await task, are_closed(clients)) == ([], [True])

    async def test_a_server_that_fails_when_it_is_first_asked(self, milvus_lite_server, clients, monkeypatch):
        """A client that was made in vain is closed, and the next call makes another."""
        store = MilvusNearest(milvus_lite_server.url, "", EMBEDDER)
        with monkeypatch.context() as patch:
            patch.setattr("pymilvus.MilvusClient.get_server_version", fails)
            with pytest.raises(StoreUnavailable):
                await store.rows("nobody")
        assert are_closed(clients) == [True]
        assert await store.rows("nobody") == []
        await store.close()
        assert are_closed(clients) == [True, True]

    @pytest.fixture
    def clients(self, monkeypatch):
        """The clients of the server that are made, the oldest first."""
        made = []

        def recorded(uri, token):
            made.append(connect(uri, token))
            return made[-1]

        monkeypatch.setattr(milvus, "connect", recorded)
        return made


def fails(_):
    """A call that the server does not answer in time."""
    raise StoreUnavailable("Milvus does not answer.")


def are_closed(clients):
    """Which of the clients are closed."""
    return [client._handler is None for client in clients]


class Held:
    """A call of a server that begins, and goes on when it may."""

    def __init__(self, action):
        self._action = action
        self._has_begun = threading.Event()
        self.go_on = threading.Event()

    async def begun(self, store):
        """The call as a task, which has its client already."""
        task = asyncio.create_task(store._call(self._run))
        await asyncio.to_thread(self._has_begun.wait, 60)
        return task

    def _run(self, collection):
        self._has_begun.set()
        self.go_on.wait(60)
        return self._action(collection)


def test_the_passage_with_most_of_the_words():
    """Each word asked for counts once, in whatever form; of passages that have as many, it is the first."""
    passages = part("c1", "storm storms storm", "The storm took the boats.", "A boat in a storm.", "").passages
    assert wordiest(passages, "What did the storm do to the boat?") == passages[1]
    assert wordiest(passages, "Who?") == passages[0]


class TestPassages:
    """All stores together."""

    @pytest.fixture
    async def novel(self, shelf):
        """A novel of ada's."""
        return await shelf.request()

    async def test_windows_are_found(self, passages, novel):
        """A hit is a window: its whole text, the passage that fits best, and a score."""
        await passages.write(novel, "ada", BOOK)
        first, *_ = await passages.search(novel, "Who mends nets?", CHAPTERS, 3)
        assert (first.chapter, first.version, first.window) == ("c1", 1, 1)
        assert (first.text, first.best) == ("Bert mends nets.", "Bert mends nets.")
        assert first.score == pytest.approx(2 / 61)

    async def test_a_window_is_found_once(self, passages, novel):
        """Several passages of a window are one hit, with the text as it was written."""
        await passages.write(novel, "ada", BOOK)
        found = await passages.search(novel, "storm boat lighthouse Anna", CHAPTERS, 9)
        assert found[0].text == "Anna keeps the lighthouse. The storm took the boat."
        assert len({(one.chapter, one.window) for one in found}) == len(found) == 3

    async def test_the_passage_that_fits_best(self, passages, novel, monkeypatch):
        """Of a window that words alone found, it is the passage with most of the words asked for."""
        await passages.write(novel, "ada", BOOK)

        async def elsewhere(*args):
            return [Scored(BOOK[0].passages[2].key, 1, 0.1)]

        monkeypatch.setattr(passages._nearest, "search", elsewhere)
        found = await passages.search(novel, "Did the storm take a boat of Anna?", ["c1"], 9)
        assert {one.window: one.best for one in found}[0] == "The storm took the boat."

    async def test_limits(self, passages, novel):
        """No more hits than asked for, none of chapters that may not be seen, and the same twice."""
        await passages.write(novel, "ada", BOOK)
        found = await passages.search(novel, "Anna", CHAPTERS, 9)
        assert await passages.search(novel, "Anna", CHAPTERS, 9) == found
        assert await passages.search(novel, "Anna", CHAPTERS, 2) == found[:2]
        assert {one.chapter for one in await passages.search(novel, "Anna", ["c2"], 9)} == {"c2"}
        assert await passages.search(novel, "Anna", [], 9) == []

    async def test_nothing_is_embedded_twice(self, shelf, novel):
        """A text is embedded once for an owner, whichever of the owner's novels holds it, and kept batch by batch."""
        asked = []

        class Counting(HashingEmbedder):
            def embed(self, texts):
                asked.append(list(texts))
                return super().embed(texts)

        passages = Passages(shelf.texts, MemoryNearest(), Counting(DIMENSION))
        await passages.write(novel, "ada", [part("c1", "a", "b", "a"), part("c2", "b")])
        await passages.write(await shelf.request(), "ada", [part("c1", "a", "c")])
        await passages.drop(novel, "ada", CHAPTERS)
        await passages.write(novel, "ada", [part("c1", "a", "b", "a")])
        await passages.write(await shelf.request("bob"), "bob", [part("c1", "a")])
        assert asked == [["a", "b"], ["c"], ["a"]]

    async def test_text_that_moves_is_not_embedded_again(self, shelf, novel):
        """A scene that goes from one chapter into the next takes its vector along."""
        asked = []

        class Counting(HashingEmbedder):
            def embed(self, texts):
                asked.extend(texts)
                return super().embed(texts)

        passages = Passages(shelf.texts, MemoryNearest(), Counting(DIMENSION))
        await passages.write(novel, "ada", [part("c1", "scene A", "scene B"), part("c2", "scene C")])
        asked.clear()
        moved = [part("c1", "scene A", version=2), part("c2", "scene B", "scene C", version=2)]
        await passages.write(novel, "ada", moved)
        assert asked == []

    async def test_replaced_text_is_forgotten(self, shelf, passages, novel):
        """When a chapter is rewritten, the vectors of its old text go, but for those that it still has."""
        await passages.write(novel, "ada", [part("c1", "old", "both")])
        await passages.write(novel, "ada", [part("c1", "new", "both", version=2)])
        assert await shelf.embedded("ada", "old", "both", "new") == ["both", "new"]

    async def test_what_a_rebuild_left_is_forgotten(self, shelf, passages, novel):
        """A novel that is deleted after its passages were dropped, and before they were built anew, leaves nothing."""
        await passages.write(novel, "ada", BOOK)
        await passages.drop(novel, "ada", ["c1"])
        await passages.remove(novel, "ada")
        assert await shelf.embedded("ada", *(passage.text for one in BOOK for passage in one.passages)) == []

    async def test_a_dropped_novel_keeps_its_vectors_whatever_happens_to_others(self, shelf, passages, novel):
        """What was embedded is not embedded again for a rebuild, though another novel changes meanwhile."""
        other = await shelf.request()
        await passages.write(novel, "ada", BOOK)
        await passages.write(other, "ada", BOOK)
        await passages.drop(novel, "ada", CHAPTERS)
        await passages.write(other, "ada", [part("c1", "Something else.")])
        await passages.remove(other, "ada")
        texts = [passage.text for one in BOOK for passage in one.passages]
        assert await shelf.embedded("ada", *texts) == texts

    async def test_a_drop_leaves_no_chapter_that_is_not_to_be_written_again(self, shelf, passages, novel):
        """The text of those goes, with its vectors."""
        await passages.write(novel, "ada", BOOK)
        await passages.drop(novel, "ada", ["c1", "c9"])
        assert await shelf.texts.chapters(novel) == {"c1"}
        assert await shelf.embedded("ada", "Anna found the key.") == []

    async def test_text_that_another_novel_loses_meanwhile(self, shelf, novel):
        """A novel that is removed while another one with the same text is embedded takes no vector from it."""
        other = await shelf.request()

        class Slow(MemoryNearest):
            async def replace(self, novel_id, parts, vectors):
                if novel_id == novel:
                    await passages.remove(other, "ada")
                await super().replace(novel_id, parts, vectors)

        passages = Passages(shelf.texts, Slow(), EMBEDDER)
        await passages.write(other, "ada", BOOK)
        await passages.write(novel, "ada", BOOK)
        before = await passages.content(novel, "ada")
        await passages.drop(novel, "ada", CHAPTERS)
        await passages.write(novel, "ada", BOOK)
        assert await passages.content(novel, "ada") == before

    async def test_content_is_the_same_after_a_rebuild(self, passages, novel):
        """Dropped and written again, the stores hold the same content."""
        await passages.write(novel, "ada", BOOK)
        before = await passages.content(novel, "ada")
        await passages.drop(novel, "ada", CHAPTERS)
        assert await passages.content(novel, "ada") != before
        await passages.write(novel, "ada", BOOK)
        assert await passages.content(novel, "ada") == before

    async def test_a_passage_is_near_what_its_neighbours_speak_of(self, passages, novel):
        """Of two passages in the same words, the one that stands beside what is asked about is found first."""
        far = part("c1", "He kept it.", "", "", "", "", "")
        near = part("c2", "", "He kept it.", "A silver key lay in the sand.", "", "", "")
        await passages.write(novel, "ada", [far, near])
        ranked = await passages.rankings(novel, "silver key sand", ["c1", "c2"], 9)
        assert [one.window for one in ranked["vectors alone"] if one.chapter == "c2"][:2] == [1, 0]
        assert ranked["vectors alone"][1].text == "He kept it."

    async def test_a_changed_vector_changes_the_content(self, shelf, novel):
        """One vector that is not the one that was kept is noticed; one that differs in the last digits is not."""
        nearest = MemoryNearest()
        passages = Passages(shelf.texts, nearest, EMBEDDER)
        await passages.write(novel, "ada", BOOK)
        before = await passages.content(novel, "ada")
        changed = np.concatenate([smoothed(vectors([one])) for one in BOOK])
        await nearest.replace(novel, BOOK, changed + np.float32(1e-5))
        assert await passages.content(novel, "ada") == before
        changed[3] = -changed[3]
        await nearest.replace(novel, BOOK, changed)
        assert await passages.content(novel, "ada") != before

    async def test_a_row_in_another_window_changes_the_content(self, shelf, passages, novel):
        """Which window a vector counts for is part of what stands in its store."""
        await passages.write(novel, "ada", BOOK)
        before = await passages.content(novel, "ada")
        rows = passages._nearest._rows[novel]
        for key, row in rows.items():
            rows[key] = replace(row, window=row.window + 1)
        assert await passages.content(novel, "ada") != before

    async def test_lost_vectors_are_said(self, shelf, novel):
        """A search whose vectors are gone is refused with what to do, and not answered by half."""
        nearest = MemoryNearest()
        passages = Passages(shelf.texts, nearest, EMBEDDER)
        await passages.write(novel, "ada", BOOK)
        await nearest.remove(novel)
        for question in ("Anna", "something else"):
            with pytest.raises(VectorsMissing, match="scriptorium rebuild"):
                await passages.search(novel, question, CHAPTERS, 3)
        assert await passages.search(novel, "Anna", ["c9"], 3) == []

    async def test_a_missing_row_changes_the_content(self, shelf, passages, novel):
        """One row less in either store is noticed, and so is one changed text."""
        await passages.write(novel, "ada", BOOK)
        before = await passages.content(novel, "ada")
        await shelf.texts.replace(novel, "ada", [BOOK[0], part("c2", "A silver key lay in the sand.", version=2)])
        assert await passages.content(novel, "ada") != before
        await shelf.texts.replace(
            novel, "ada", [BOOK[0], part("c2", "A golden key.", "Anna found the key.", version=2)]
        )
        assert await passages.content(novel, "ada") != before
        await passages.write(novel, "ada", BOOK)
        assert await passages.content(novel, "ada") == before
        await passages._nearest.remove(novel, ["c2"])
        assert await passages.content(novel, "ada") != before

    async def test_removal(self, shelf, passages, novel):
        """A removed chapter is in no store, and of a removed novel nothing is left."""
        await passages.write(novel, "ada", BOOK)
        await passages.remove(novel, "ada", ["c1"])
        assert {one.chapter for one in await passages.search(novel, "Anna", CHAPTERS, 9)} == {"c2"}
        await passages.remove(novel, "ada")
        assert await passages.count(novel) == 0
        assert await shelf.embedded("ada", *(passage.text for one in BOOK for passage in one.passages)) == []
