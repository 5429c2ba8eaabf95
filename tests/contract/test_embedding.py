"""Embedding with the packaged weights: true to sentence-transformers, light once converted, plain about what fails."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from storage.passages import convert, embedding
from storage.passages.embedding import SentenceEmbedder
from storage.passages.hashing import HashingEmbedder
from storage.passages.ports import EmbedderUnavailable
from storage.passages.runtime import BATCH_PIECES, Network, batches
from storage.passages.saved import DEFAULT_MODEL, described, folder_of, full_name, is_whole
from story.errors import TerminalError

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.filterwarnings("ignore")  # of PyTorch's tracing, which convert_model still uses

needs_weights = pytest.mark.skipif(
    importlib.util.find_spec(convert.PACKAGE) is None, reason="the package with the model's weights is not installed"
)

NEARLY, SAME = 0.99, 0.999
"""Cosines to sentence-transformers, and to the same text in other batches; a CPU that multiplies in bf16 is less exact."""

TEXTS = [
    "The old fisherman mended his nets in the harbour.",
    "She signed the will in the presence of two lawyers.",
    "Snow fell on the mountain pass all night, and the horses would not go on.",
    "“You lied to me,” he said. “You have lied to me since the day we met, and I believed you.” " * 8,
    "A sailor repaired fishing gear by the sea.",
]

FRESH = """
import json, sys
from pathlib import Path
from storage.passages.embedding import SentenceEmbedder
embedder = SentenceEmbedder(Path(sys.argv[1]))
vector = embedder.embed([sys.argv[2]])[0]
heavy = ("torch", "transformers", "sentence_transformers", "huggingface_hub", "openvino_telemetry")
print(json.dumps({"vector": vector.tolist(), "heavy": [name for name in heavy if sys.modules.get(name)]}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the default model has been converted; in this process, so that PyTorch is loaded once for all tests."""
    folder = tmp_path_factory.mktemp("embedding")
    convert.main(DEFAULT_MODEL, str(folder_of(DEFAULT_MODEL, folder)))
    return folder


@pytest.fixture(scope="module")
def embedder(folder):
    """The default model."""
    return SentenceEmbedder(folder)


@pytest.fixture
def copied(folder, tmp_path):
    """A folder of a test's own with the converted model in it."""
    shutil.copytree(folder, tmp_path / "own")
    return tmp_path / "own"


def cosines(ours, theirs):
    """Row by row."""
    return np.sum(ours * theirs, axis=1)


@needs_weights
class TestVectors:
    """What the vectors are."""

    def test_what_means_the_same_is_nearest(self, embedder):
        """Without a word in common."""
        vectors = embedder.embed(TEXTS)
        assert np.argsort(vectors @ vectors[0])[-2] == 4

    def test_they_have_length_one_and_the_dimension_told(self, embedder):
        """Each of them."""
        vectors = embedder.embed(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.dimension) == (len(TEXTS), 384)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_they_are_those_of_sentence_transformers(self, embedder):
        """But for the last bits."""
        from sentence_transformers import SentenceTransformer

        plain = SentenceTransformer(convert.source(DEFAULT_MODEL), device="cpu")
        assert cosines(embedder.embed(TEXTS), plain.encode(TEXTS, show_progress_bar=False)).min() > NEARLY

    def test_company_does_not_change_them(self, embedder):
        """A text alone, in a batch, and padded to another length has the same vector."""
        alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
        assert cosines(alone, embedder.embed(TEXTS * 3)[-len(TEXTS) :]).min() > SAME

    def test_threads_share_an_embedder(self, embedder):
        """And get the vectors of their own texts."""
        expected = embedder.embed(TEXTS)
        with ThreadPoolExecutor(3) as pool:
            results = [*pool.map(embedder.embed, [TEXTS] * 3)]
        assert all(cosines(result, expected).min() > SAME for result in results)

    def test_no_texts_have_no_vectors(self, embedder):
        """And of the same dimension."""
        assert embedder.embed([]).shape == (0, 384)

    def test_an_empty_text_has_a_vector(self, embedder):
        """Of length 1, as all have."""
        assert np.isclose(np.linalg.norm(embedder.embed([""])), 1, atol=1e-5)

    def test_the_end_of_a_long_text_counts(self, embedder):
        """What the model does not read at once is read in parts."""
        beginning = "The harbour lay still under the morning fog. " * 60
        plain, ending = embedder.embed([beginning, beginning + "The dragon burned the castle to the ground. " * 60])
        dragon = embedder.embed(["A dragon set fire to a castle."])[0]
        assert ending @ dragon > plain @ dragon + 0.2

    def test_a_word_without_end_has_a_vector(self, embedder):
        """It is read in parts, too."""
        assert np.isfinite(embedder.embed(["海" * 700, "ha-" * 300])).all()


@needs_weights
class TestKept:
    """The converted model on disk."""

    def test_it_is_used_without_what_converted_it(self, embedder, folder):
        """A fresh process loads neither PyTorch nor what speaks to the hub or to the makers of the runtime."""
        done = subprocess.run(
            [sys.executable, "-c", FRESH, str(folder), TEXTS[0]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        said = json.loads(done.stdout)
        assert said["heavy"] == []
        assert np.array(said["vector"]) @ embedder.embed([TEXTS[0]])[0] > SAME

    def test_its_name_holds_its_weights(self, embedder):
        """And is known without loading it."""
        assert embedder.model.startswith(f"{DEFAULT_MODEL}@")

    @pytest.mark.parametrize("name", ["openvino_model.bin", "tokenizer.json", "embedder.json"])
    def test_a_damaged_one_is_made_anew(self, copied, folder, embedder, monkeypatch, name):
        """Whichever file it is."""

        def remade(_, place):  # converting takes seconds and is tested by the fixture
            shutil.rmtree(place)
            shutil.copytree(folder_of(DEFAULT_MODEL, folder), place)
            return described(place)

        monkeypatch.setattr(embedding, "_convert", remade)
        damaged = folder_of(DEFAULT_MODEL, copied) / name
        whole = damaged.read_bytes()
        damaged.write_bytes(whole[:100])
        vectors = SentenceEmbedder(copied).embed(TEXTS[:1])
        assert damaged.read_bytes() == whole
        assert cosines(vectors, embedder.embed(TEXTS[:1])).min() > SAME

    def test_a_conversion_that_outlives_whoever_asked_for_it(self, folder, tmp_path, monkeypatch):
        """The next one waits for it, and takes what it has made; what a dead one left half done is in nobody's way."""
        place, has_begun, go_on, begun = folder_of(DEFAULT_MODEL, tmp_path), Event(), Event(), []

        def slow(_, partial):
            begun.append(list(partial.iterdir()))
            has_begun.set()
            go_on.wait(60)
            shutil.copytree(folder_of(DEFAULT_MODEL, folder), partial, dirs_exist_ok=True)

        monkeypatch.setattr(convert, "convert", slow)
        left = Path(f"{place}.partial")
        left.mkdir()
        (left / "openvino_model.bin").write_bytes(b"half")
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(convert.main, DEFAULT_MODEL, str(place))
            assert has_begun.wait(60)
            second = pool.submit(convert.main, DEFAULT_MODEL, str(place))
            go_on.set()
            assert (first.result(), second.result()) == (None, None)
        assert begun == [[]]
        assert is_whole(place, described(place)) and not left.exists()

    def test_a_damaged_one_that_cannot_be_made_anew_is_reported(self, copied, monkeypatch):
        """It is never used."""
        place = folder_of("nobody/no-such-model", copied)
        folder_of(DEFAULT_MODEL, copied).rename(place)
        (place / "openvino_model.bin").write_bytes(b"half")
        monkeypatch.setattr(sys, "executable", shutil.which("false"))
        with pytest.raises(EmbedderUnavailable, match="nobody/no-such-model"):
            SentenceEmbedder(copied, "nobody/no-such-model").embed(TEXTS[:1])

    def test_a_model_that_cannot_be_converted_is_run_as_it_is(self, tmp_path, embedder, monkeypatch):
        """With the same vectors, and a long text is read to its end there, too."""

        def refused(*_):
            raise convert.NotConvertible("an operation is not known")

        monkeypatch.setattr(convert, "_write_network", refused)
        convert.main(DEFAULT_MODEL, str(folder_of(DEFAULT_MODEL, tmp_path)))
        plain = SentenceEmbedder(tmp_path)
        texts = [*TEXTS, " ".join(TEXTS) * 3]
        assert plain.model == embedder.model
        assert cosines(plain.embed(texts), embedder.embed(texts)).min() > NEARLY

    def test_one_that_computes_otherwise_is_not_used(self, folder):
        """A conversion is compared with its original."""
        place = folder_of(DEFAULT_MODEL, folder)

        class Otherwise:
            def encode(self, texts, **_):
                return np.eye(len(texts), 384, dtype=np.float32)

        with pytest.raises(convert.NotConvertible, match="would differ"):
            convert._refuse_unfaithful(Otherwise(), Network(described(place), place))


def nowhere(name):
    """What is raised of a model that is not there."""
    raise EmbedderUnavailable(f"{name} is not to be had.")


class TestUnavailable:
    """What is said when there is no model."""

    def test_an_unknown_model_is_one_clear_line(self, tmp_path, monkeypatch):
        """That names it and what can be installed, and nothing is left behind that looks like a model."""
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
        with pytest.raises(EmbedderUnavailable, match=r"nobody/no-such-model.*pip install") as caught:
            SentenceEmbedder(tmp_path, "nobody/no-such-model").embed(["A text."])
        assert "\n" not in str(caught.value)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
        assert described(folder_of("nobody/no-such-model", tmp_path)) is None

    def test_a_model_that_is_not_to_be_had_is_not_asked_for_again_at_once(self, tmp_path, monkeypatch):
        """Every chapter of a novel would wait for it; after a while it is tried again."""
        tried, now = [], [0.0]
        monkeypatch.setattr(embedding, "_convert", lambda name, place: tried.append(name) or nowhere(name))
        embedder = SentenceEmbedder(tmp_path, "nobody/no-such-model", clock=lambda: now[0])
        for at in (0.0, embedding.PATIENCE_SECONDS - 1, embedding.PATIENCE_SECONDS + 1):
            now[0] = at
            with pytest.raises(EmbedderUnavailable, match="nobody/no-such-model"):
                embedder.embed(["A text."])
        assert len(tried) == 2

    @needs_weights
    def test_nor_is_a_damaged_one_made_anew_at_once(self, copied, monkeypatch):
        """Where that failed; the files are looked at again after a while."""
        tried = []
        monkeypatch.setattr(embedding, "_convert", lambda name, place: tried.append(name) or nowhere(name))
        (folder_of(DEFAULT_MODEL, copied) / "openvino_model.bin").write_bytes(b"half")
        embedder = SentenceEmbedder(copied)
        for _ in range(3):
            with pytest.raises(EmbedderUnavailable, match="not to be had"):
                embedder.embed(["A text."])
        assert len(tried) == 1

    def test_files_that_cannot_be_read_are_one_clear_line(self, tmp_path):
        """Whatever the system says of them, it is told where they are."""
        (folder_of(DEFAULT_MODEL, tmp_path) / "embedder.json").mkdir(parents=True)
        with pytest.raises(EmbedderUnavailable, match=rf"{tmp_path}.*Is a directory"):
            SentenceEmbedder(tmp_path).embed(["A text."])

    @needs_weights
    def test_an_error_of_the_runtime_is_one_clear_line(self, folder, monkeypatch):
        """Whatever it raises; the next call starts it anew."""

        def broken(*args):
            raise RuntimeError("Exception from src/inference:\nout of memory")

        embedder = SentenceEmbedder(folder)
        with monkeypatch.context() as patch:
            patch.setattr(Network, "vectors", broken)
            with pytest.raises(EmbedderUnavailable, match=r"cannot be run.*out of memory") as caught:
                embedder.embed(["A text."])
        assert "\n" not in str(caught.value)
        assert embedder.embed(["A text."]).shape == (1, 384)

    def test_weights_of_another_hash_are_refused(self, tmp_path, monkeypatch):
        """They would be called by a name that is not theirs."""
        weights = tmp_path / convert.PACKAGE / "model" / "model.safetensors"
        weights.parent.mkdir(parents=True)
        weights.write_bytes(b"other weights")
        (tmp_path / convert.PACKAGE / "__init__.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(TerminalError, match="not the published ones"):
            convert.source("all-MiniLM-L6-v2")

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path):
        """The message says where the model was to be kept."""
        (tmp_path / "file").touch()
        with pytest.raises(EmbedderUnavailable, match=r"cannot be kept in .*file"):
            SentenceEmbedder(tmp_path / "file").embed(["A text."])


def test_a_model_is_found_by_its_short_name(tmp_path):
    """As people write it."""
    assert full_name("all-MiniLM-L6-v2") == DEFAULT_MODEL
    assert folder_of("all-MiniLM-L6-v2", tmp_path) == folder_of(DEFAULT_MODEL, tmp_path)


def test_batches_hold_every_text_once_and_stay_small():
    """The longest first, padded lengths within the bound."""
    lengths = [*range(3, 257)] * 2
    found = [*batches(lengths)]
    assert sorted(n for batch in found for n in batch) == [*range(len(lengths))]
    assert max(len(batch) * max(lengths[n] for n in batch) for batch in found) <= BATCH_PIECES


class TestHashing:
    """The embedder for tests."""

    def test_texts_that_share_words_are_near(self):
        """Nearer than those that do not."""
        vectors = HashingEmbedder().embed(["the red lamp", "a red lamp", "nine horses ran"])
        assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]

    def test_it_is_the_same_in_every_process(self):
        """Unlike Python's own hash."""
        code = "from storage.passages.hashing import HashingEmbedder as H; print(H(8).embed(['red lamp'])[0].tolist())"
        environment = {**os.environ, "PYTHONHASHSEED": "7"}
        said = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True, env=environment)
        assert json.loads(said) == HashingEmbedder(8).embed(["red lamp"])[0].tolist()
