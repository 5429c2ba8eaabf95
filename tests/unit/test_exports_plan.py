"""The plan of a book as a picture."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from storage.exports.files import FileNotWritable
from storage.exports.graphs import UnknownEnding
from storage.exports.graphs.drawing import WIDTH
from storage.exports.graphs.plan import MOST_FACTS, MOST_PEOPLE, MOST_STRANDS, PLAN_ENDINGS, png, svg, write_plan
from story.plan import Course, Part, Plan, Strand, Turn
from tests.builders import a_cast, a_world, an_outline
from tests.unit.test_exports_graphs import HOSTILE


def a_plan(chapters: int) -> Plan:
    """The plan of the book that the builders make."""
    return Plan.of(an_outline(chapters), a_cast(), a_world())


def of_texts(texts: tuple[str, ...], facts: int = 3) -> Plan:
    """A plan of as many chapters, people and strands as there are texts, in which everything is called by one."""
    keys = [f"f{number}" for number in range(facts)]
    learned = tuple(Turn(chapter=1 + n % len(texts), kind="learns", what=key) for n, key in enumerate(keys))
    more = (Turn(chapter=1, kind="gets", what="i"), Turn(chapter=1, kind="is hurt", what=texts[0]))
    return Plan(
        title=texts[0],
        chapters=texts,
        acts=(Part(title=texts[0], first=1, last=len(texts)),),
        strands=tuple(Strand(kind="thread", name=one, touched=(1,)) for one in texts),
        people=tuple(Course(id=f"p{n}", name=one, turns=(*learned, *more)) for n, one in enumerate(texts)),
        facts={key: texts[n % len(texts)] for n, key in enumerate(keys)},
        items={"i": texts[-1]},
    )


def image(plan: Plan, note: str = "") -> Image.Image:
    """The picture, opened."""
    return Image.open(BytesIO(png(plan, note)))


def inked(picture: Image.Image) -> float:
    """The share of its pixels that are not paper."""
    counts = picture.convert("L").histogram()
    return 1 - counts[255] / sum(counts)


class TestPicture:
    """The PNG."""

    @pytest.mark.parametrize("chapters", [1, 3, 12, 40])
    def test_it_is_drawn(self, chapters: int):
        """A picture with something on it, as wide as the graph's or wider."""
        picture = image(a_plan(chapters), "As planned.")
        assert picture.format == "PNG" and picture.size[0] >= WIDTH and inked(picture) > 0.02

    def test_many_chapters_make_it_wider(self):
        """A column has room for a mark, however many there are."""
        assert image(a_plan(40)).size[0] < image(a_plan(60)).size[0]

    def test_the_same_plan_makes_the_same_bytes(self):
        """Nothing of it is left to chance or to the hour."""
        plan = a_plan(12)
        assert (png(plan), svg(plan)) == (png(plan), svg(plan))

    def test_it_is_small_enough_for_an_artifact(self):
        """Prefect's page shows a picture of some hundred kilobytes, and none of a megabyte."""
        assert len(png(a_plan(40))) < 250_000

    @pytest.mark.parametrize("count", [3, len(HOSTILE)])
    def test_hostile_texts_are_drawn(self, count: int):
        """Markup, formulas, scripts without a font and control characters, beside marks and above narrow columns."""
        assert inked(image(of_texts(HOSTILE[-count:]), HOSTILE[1])) > 0.01

    def test_what_is_too_much_is_left_out_and_said(self):
        """A plan of hundreds of people and facts is drawn as far as it can be looked at."""
        most = image(of_texts(tuple(f"Name {n}" for n in range(60)), facts=400))
        fewer = image(of_texts(tuple(f"Name {n}" for n in range(MOST_PEOPLE)), facts=MOST_FACTS))
        assert MOST_PEOPLE == MOST_STRANDS and most.size[1] <= fewer.size[1] + 400

    def test_a_plan_of_chapters_alone_is_drawn(self):
        """Neither threads nor people."""
        plan = Plan(
            title="", chapters=("",), acts=(Part(title="", first=1, last=1),), strands=(), people=(), facts={}, items={}
        )
        assert inked(image(plan)) > 0


class TestVectors:
    """The SVG."""

    def test_it_is_well_formed_and_refers_to_nothing(self):
        """Hostile texts become shapes; no script, no picture, and references only into the file itself."""
        root = etree.fromstring(svg(of_texts(HOSTILE), HOSTILE[0]))
        names = {etree.QName(one).localname for one in root.iter(etree.Element)}
        links = [value for one in root.iter() for key, value in one.attrib.items() if key.endswith("href")]
        assert not names & {"script", "image", "foreignObject"} and all(link.startswith("#") for link in links)


class TestFiles:
    """Which files are written, and when none is."""

    @pytest.mark.parametrize("ending", PLAN_ENDINGS)
    def test_the_ending_names_the_format(self, ending: str, tmp_path: Path):
        """Each ending gets a file that begins as its format does."""
        path = tmp_path / f"plan{ending.upper()}"
        write_plan(a_plan(3), path)
        assert path.read_bytes().startswith({".png": b"\x89PNG", ".svg": b"<?xml"}[ending])

    def test_another_ending_is_refused_by_naming_the_two(self, tmp_path: Path):
        """Nothing is written, and the message says what would be."""
        with pytest.raises(UnknownEnding, match=re.escape(".png or .svg, not in '.html'")):
            write_plan(a_plan(3), tmp_path / "plan.html")
        assert not list(tmp_path.iterdir())

    def test_a_folder_that_is_a_file_is_one_clear_line(self, tmp_path: Path):
        """The message names the option by which another is given."""
        (tmp_path / "taken").write_text("x")
        with pytest.raises(FileNotWritable, match="give another file with --out"):
            write_plan(a_plan(1), tmp_path / "taken" / "plan.png")
