"""Graphs as files: a picture whose names can be read, a page that runs nothing of its input, and GraphML."""

import re
from html.parser import HTMLParser
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from storage.exports import FileNotWritable
from storage.exports.graphs import ENDINGS, NothingToShow, write_graph
from storage.exports.graphs.drawing import OTHER, SHOWN, drawing
from storage.exports.graphs.fonts import face_for
from storage.exports.graphs.geometry import Box, Disc, Segment, Size
from storage.exports.graphs.graphml import graphml
from storage.exports.graphs.labels import place
from storage.exports.graphs.layout import arrange
from storage.exports.graphs.page import html
from storage.exports.graphs.palette import FILLS
from storage.exports.graphs.picture import PICTURE, png
from storage.graph.network import Entity, Network, Tie
from story.errors import InvalidInput

ROOM = Box(0, 0, 800, 600)

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "{{ 7 * 7 }}{% raw %}",
    "</style></svg>]]> --> &lt;",
    "https://example.org/x.js",
    "\x00\x07\x1b[31m\ufffe",
    "\u202eabc\u202c",
    "שרה محمد",
    "林黛玉 \U0001f600",
    "$x^2$ \\frac{1}{2}",
    "N" * 300,
    " ",
)


def an_entity(number: int, name: str = "", **more: object) -> Entity:
    """A character; the later, the less is said of it."""
    values = {"kind": "character", "mentions": 400 // (number + 1), "community": number % 4}
    values |= {"importance": 1 / (number + 2), "name": name or f"Ágnes Þórsdóttir {number}"}
    return Entity(id=f"character/e{number}", **{**values, **more})


def a_network(count: int = 12, names: tuple[str, ...] = ()) -> Network:
    """Everybody tied to the first and to a neighbour, in four communities."""
    entities = tuple(an_entity(number, names[number] if names else "") for number in range(count))
    ends = [(0, number) for number in range(1, count)] + [(number, number + 4) for number in range(count - 4)]
    ties = {
        pair: Tie(source=entities[pair[0]].id, target=entities[pair[1]].id, kind="relates", weight=90 - sum(pair) / 9)
        for pair in ends
    }
    return Network(
        entities=entities, ties=tuple(tie.model_copy(update={"label": "sister of"}) for tie in ties.values())
    )


def hostile() -> Network:
    """Names, aliases and relations that would like to be something else."""
    network = a_network(len(HOSTILE), HOSTILE)
    return Network(
        entities=tuple(one.model_copy(update={"aliases": HOSTILE[:6]}) for one in network.entities),
        ties=tuple(tie.model_copy(update={"label": HOSTILE[n % 6]}) for n, tie in enumerate(network.ties)),
    )


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and the texts that are shown."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        """An element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        """A text."""
        self.texts.append(data)


class TestFiles:
    """Which files are written, and when none is."""

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_the_ending_names_the_format(self, ending: str, tmp_path: Path):
        """Each ending gets a file that begins as its format does."""
        path = tmp_path / f"graph{ending.upper()}"
        write_graph(a_network(), "The Keeper", path)
        begins = {".png": b"\x89PNG", ".html": b"<!DOCTYPE html>", ".graphml": b"<?xml"}[ending]
        assert path.read_bytes().lstrip().lower().startswith(begins.lower())

    def test_another_ending_is_refused_by_naming_the_three(self, tmp_path: Path):
        """Nothing is written, and the message says what would be."""
        with pytest.raises(InvalidInput, match=re.escape(".png, .html, .graphml, not in '.svg'")):
            write_graph(a_network(), "", tmp_path / "graph.svg")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_an_empty_network_is_one_clear_line(self, ending: str, tmp_path: Path):
        """Nobody has been named yet: no file, and a remedy."""
        with pytest.raises(NothingToShow, match="nothing to show yet") as refused:
            write_graph(Network(), "The Keeper", tmp_path / f"graph{ending}")
        assert "\n" not in str(refused.value) and not list(tmp_path.iterdir())

    def test_a_folder_that_is_a_file_is_one_clear_line(self, tmp_path: Path):
        """The message names the path and the option, not another command's."""
        (tmp_path / "taken").write_text("x")
        with pytest.raises(FileNotWritable, match="give another file with --out") as refused:
            write_graph(a_network(1), "", tmp_path / "taken" / "graph.graphml")
        assert "\n" not in str(refused.value)


class TestPicture:
    """The PNG."""

    @pytest.mark.parametrize("count", [1, 2, 12, 150])
    def test_it_has_its_size_and_its_colours(self, count: int):
        """A picture of the promised size in which the largest group's colour is seen."""
        image = Image.open(BytesIO(png(a_network(count), "The Keeper", "Chapters 1–12.")))
        assert (image.format, image.size) == ("PNG", PICTURE)
        seen = {colour for _, colour in image.convert("RGB").getcolors(1 << 20)}
        asked = FILLS[0] if count > 4 else FILLS[OTHER]
        wanted = tuple(int(asked[at : at + 2], 16) for at in (1, 3, 5))
        assert min(sum(abs(a - b) for a, b in zip(one, wanted, strict=True)) for one in seen) < 12

    def test_the_same_network_makes_the_same_bytes(self):
        """Nothing of it is left to chance or to the hour."""
        assert png(a_network(), "The Keeper") == png(a_network(), "The Keeper")

    def test_hostile_names_are_drawn(self):
        """Markup, formulas, scripts without a font and control characters make a picture all the same."""
        assert Image.open(BytesIO(png(hostile(), HOSTILE[0], HOSTILE[1]))).size == PICTURE

    def test_it_is_small_enough_for_an_artifact(self):
        """Prefect's page shows a picture of some hundred kilobytes in Markdown, and none of a megabyte."""
        assert len(png(a_network(150), "The Keeper")) < 250_000


class TestDrawing:
    """What is shown, and what is said of the rest."""

    def test_the_most_important_are_shown_and_the_rest_counted(self):
        """A picture of everybody could not be read."""
        drawn = drawing(a_network(150), "", "Chapters 1–12.")
        assert [mark.entity.id for mark in drawn.marks] == [f"character/e{number}" for number in range(SHOWN)]
        assert drawn.remarks[:2] == ("Chapters 1–12.", "The 50 most important of 150 are shown.")

    def test_each_keeps_its_strongest_tie(self):
        """Leaving out weak ties leaves nobody alone who is not."""
        drawn = drawing(a_network(50), "", "")
        assert {place for line in drawn.lines for place in (line.source, line.target)} == set(range(50))

    def test_several_ties_of_a_pair_are_one_line(self):
        """Their weights add up, and the words are those of the strongest that has some."""
        one, other = an_entity(0), an_entity(1)
        ties = (
            Tie(source=one.id, target=other.id, kind="together", weight=9),
            Tie(source=other.id, target=one.id, kind="relates", weight=1, label="guards"),
            Tie(source=one.id, target=one.id, kind="is", weight=5, label="tall"),
        )
        drawn = drawing(Network(entities=(one, other), ties=ties), "", "")
        assert [(line.source, line.target, line.label) for line in drawn.lines] == [(0, 1, "guards")]

    def test_area_grows_with_mentions_and_width_with_weight(self):
        """The eye compares what the text says."""
        drawn = drawing(a_network(), "", "")
        radii = [mark.disc.radius for mark in drawn.marks]
        widths = [line.width for line in drawn.lines]
        assert radii == sorted(radii, reverse=True) and widths == sorted(widths)

    def test_kinds_have_shapes_and_the_legend_names_them(self):
        """People, places and things are told apart without colour."""
        kinds = ("character", "place", "item", "thread")
        entities = tuple(an_entity(number, kind=kind) for number, kind in enumerate(kinds))
        drawn = drawing(Network(entities=entities), "", "")
        assert [mark.shape for mark in drawn.marks] == ["circle", "square", "diamond", "triangle"]
        assert [word for _, word in drawn.shapes] == ["person", "place", "thing", "something else"]

    def test_names_stand_apart_even_if_all_are_long(self):
        """Fifty of the longest names neither overlap nor leave the sheet."""
        drawn = drawing(a_network(60, tuple(f"{number} {'Wilhelmina ' * 30}" for number in range(60))), "", "")
        boxes = [mark.box for mark in drawn.marks if mark.box] + [tag.box for tag in drawn.tags]
        assert len(boxes) >= SHOWN and not any(one.overlaps(other) for one, other in combinations(boxes, 2))


discs = st.lists(st.builds(Disc, st.floats(0, 800), st.floats(0, 600), st.floats(2, 60)), min_size=1, max_size=25)
sizes = st.builds(Size, st.floats(5, 400), st.floats(8, 40))


class TestPlaces:
    """Where names and marks stand."""

    @settings(deadline=None, max_examples=40)
    @given(discs, st.data())
    def test_labels_never_overlap_and_stay_in_the_room(self, marks: list[Disc], data: st.DataObject):
        """Wherever the marks are and however long the names."""
        texts = [data.draw(sizes) for _ in marks]
        lines = [Segment(one.x, one.y, other.x, other.y) for one, other in pairwise(marks)]
        boxes = [box for box in place(marks, texts, lines, ROOM) if box]
        assert all(ROOM.holds(box) for box in boxes)
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))

    def test_a_label_stands_beneath_its_mark_where_nothing_hinders(self):
        """Close to it and centred."""
        (box,) = place([Disc(400, 300, 20)], [Size(100, 20)], [], ROOM)
        assert box.centre[0] == pytest.approx(400) and 320 < box.top < 330

    def test_a_label_keeps_off_a_line(self):
        """A line downwards sends the name to another side."""
        (box,) = place([Disc(400, 300, 20)], [Size(100, 20)], [Segment(400, 300, 400, 600)], ROOM)
        assert not box.left < 400 < box.right or box.bottom < 300

    def test_a_label_without_room_is_left_off(self):
        """One that is wider than the sheet stands nowhere."""
        assert place([Disc(400, 300, 20)], [Size(900, 20)], [], ROOM) == [None]

    def test_who_is_tied_stands_near(self):
        """Two pairs without a tie between them: each is nearer to its own."""
        points = arrange([0, 0, 1, 1], [(0, 1, 1.0), (2, 3, 1.0)], [Size(30, 30)] * 4, ROOM)
        apart = {pair: float(abs(points[pair[0]] - points[pair[1]]).sum()) for pair in combinations(range(4), 2)}
        assert max(apart[0, 1], apart[2, 3]) < min(apart[0, 2], apart[0, 3], apart[1, 2], apart[1, 3])

    def test_boxes_are_pushed_apart(self):
        """Thirty entities without a tie stand next to each other, in the room."""
        size = Size(90, 50)
        centres = arrange([0] * 30, [], [size] * 30, ROOM).tolist()
        boxes = [Box(x - 44.9, y - 24.9, x + 44.9, y + 24.9) for x, y in centres]
        assert all(ROOM.holds(box) for box in boxes)
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))

    def test_fonts_have_the_letters_of_many_scripts(self):
        """Accents, Greek and Cyrillic in the books' font, Hebrew and Arabic in another, Chinese in none."""
        latin, hebrew, chinese = (face_for(name) for name in ("Šárka Ольга", "שרה", "林黛玉"))
        assert "SourceSerif" in latin.path.name and "DejaVu" in hebrew.path.name and chinese is None


class TestPage:
    """The HTML."""

    def test_nothing_of_the_input_becomes_markup(self):
        """One script, ours; no picture, no handler; and every name is a text."""
        page = Page(html(hostile(), HOSTILE[1], HOSTILE[0]))
        tags = [tag for tag, _ in page.elements]
        assert (tags.count("script"), tags.count("style"), tags.count("img")) == (1, 1, 0)
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on") or name == "style"]
        assert HOSTILE[0] in page.texts and HOSTILE[2] in page.texts

    def test_it_asks_the_network_for_nothing(self):
        """No element refers to anything, the style only to what it holds, and the policy forbids the rest."""
        content = html(hostile(), "The Keeper")
        page = Page(content)
        assert not [
            attrs for _, attrs in page.elements if {"src", "href", "srcset", "xlink:href", "action"} & set(attrs)
        ]
        assert set(re.findall(rb"url\(.{6}", content)) == {b'url("data:'} and b"@import" not in content
        policy = next(attrs["content"] for _, attrs in page.elements if "http-equiv" in attrs)
        assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy

    def test_everybody_stands_in_the_table(self):
        """Also those that the picture leaves out, with what they are called and whom they are near."""
        page = Page(html(a_network(70), "The Keeper", "Chapters 1–12."))
        assert sum(tag == "tr" for tag, _ in page.elements) == 71
        assert "Ágnes Þórsdóttir 69" in page.texts

    def test_the_same_network_makes_the_same_bytes(self):
        """The font inside included."""
        assert html(a_network(), "The Keeper") == html(a_network(), "The Keeper")


class TestGraphml:
    """The file for other programs."""

    def test_it_reads_back_equal(self):
        """All entities and ties with all that is known of them; also two ties of a pair."""
        network = a_network()
        first = network.ties[0].model_copy(update={"kind": "together", "label": ""})
        network = Network(
            entities=(network.entities[0].model_copy(update={"aliases": ("Aggie", "Miss Þ")}), *network.entities[1:]),
            ties=(*network.ties, first),
        )
        read = nx.read_graphml(BytesIO(graphml(network, "The Keeper", "Chapters 1–12.")), force_multigraph=True)
        entities = tuple(
            Entity(
                id=node,
                name=values.pop("label"),
                aliases=tuple(filter(None, values.pop("aliases").split("; "))),
                **values,
            )
            for node, values in read.nodes(data=True)
        )
        values = [{**values, "source": source, "target": target} for source, target, values in read.edges(data=True)]
        ties = [Tie(**{key: value for key, value in one.items() if key != "id"}) for one in values]
        assert entities == network.entities
        assert sorted(ties, key=repr) == sorted(network.ties, key=repr)

    def test_hostile_names_are_well_formed(self):
        """What XML forbids is left out, the rest is escaped."""
        read = nx.read_graphml(BytesIO(graphml(hostile(), HOSTILE[0])))
        assert read.nodes["character/e0"]["label"] == HOSTILE[0]
