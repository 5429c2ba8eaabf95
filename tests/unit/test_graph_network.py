"""What is shown of a novel's relations, and the hash of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storage.graph.network import network
from storage.graph.ports import Edge, Node, Part, Relations
from storage.graph.rules import edge_rows, grouped, node_rows, shortest, summed

ROOT = Path(__file__).parents[2]
CAMPS = (("anna", "bert", "cleo"), ("gwen", "hugo", "iris", "jack"))


def node(id_: str, name: str = "", *aliases: str) -> Node:
    """A node, named by its id unless it has a name."""
    kind, _, rest = id_.partition("/")
    return Node.model_validate({"id": id_, "kind": kind, "name": name or rest.title(), "aliases": aliases})


def edge(source: str, kind: str, target: str, weight: float = 1.0, label: str = "") -> Edge:
    """An edge, in the order in which it is read."""
    fields = {"source": source, "kind": kind, "target": target, "weight": weight, "label": label}
    return Edge.model_validate(fields)


def relations(*parts: Part) -> Relations:
    """What a store gives that holds these parts."""
    return Relations(
        nodes=tuple(row for part in parts for row in node_rows(part)),
        edges=tuple(row for part in parts for row in edge_rows(part)),
    )


def camps() -> Relations:
    """Two groups that keep to themselves but for one weak tie, and somebody alone."""
    people = [f"character/{name}" for camp in CAMPS for name in camp]
    met = [(one, other) for camp in CAMPS for one in camp for other in camp if one < other]
    ties = tuple(edge(f"character/{one}", "together", f"character/{other}", 5) for one, other in met)
    weak = edge("character/anna", "meets", "character/gwen")
    cast = tuple(node(one) for one in (*people, "character/zoe"))
    return relations(Part(chapter="c1", version=1, nodes=cast, edges=(*ties, weak)))


class TestNetwork:
    """Summing up what ties entities."""

    def test_communities_are_numbered_by_size(self):
        """The largest is 0; who is tied to nobody is a community alone."""
        found = {one.id.partition("/")[2]: one.community for one in network(camps()).entities}
        assert found == dict.fromkeys(CAMPS[1], 0) | dict.fromkeys(CAMPS[0], 1) | {"zoe": 2}

    def test_entities_go_by_importance(self):
        """Whoever is tied more comes first, equals by id; the sum is 1."""
        entities = network(camps()).entities
        assert [one.id for one in entities][-1] == "character/zoe"
        assert entities == tuple(sorted(entities, key=lambda one: (-one.importance, one.id)))
        assert sum(one.importance for one in entities) == pytest.approx(1, abs=1e-4)

    def test_ties_are_summed_over_chapters(self):
        """By pair and kind, with the latest label that there is; the heaviest first."""
        cast = Part(
            chapter="", version=1, nodes=(node("character/a"), node("character/b"), node("item/ring", "the ring"))
        )
        first = Part(
            chapter="z",
            version=9,
            edges=(
                edge("character/a", "relates", "character/b", label="trusts"),
                edge("character/a", "gives", "character/b", label="item/ring"),
                edge("character/a", "holds", "item/ring"),
            ),
        )
        then = Part(
            chapter="c",
            version=3,
            edges=(
                edge("character/a", "relates", "character/b", label="hates"),
                edge("character/a", "relates", "character/b"),
            ),
        )
        ties = network(relations(cast, first, then)).ties
        assert [(one.source, one.target, one.kind, one.weight, one.label) for one in ties] == [
            ("character/a", "character/b", "relates", 3, "hates"),
            ("character/a", "character/b", "gives", 1, "the ring"),
            ("character/a", "item/ring", "holds", 1, ""),
        ]

    def test_scenes_and_what_has_no_node_are_not_shown(self):
        """Only people, places and items that are introduced."""
        nodes = (node("character/a"), node("place/mill"), node("scene/c1/1"), node("promise/1"))
        edges = (edge("character/a", "appears", "scene/c1/1"), edge("character/a", "meets", "character/nobody"))
        shown = network(relations(Part(chapter="c1", version=1, nodes=nodes, edges=edges)))
        assert {one.id for one in shown.entities} == {"character/a", "place/mill"}
        assert shown.ties == ()

    def test_mentions_are_summed(self):
        """Over all scenes."""
        edges = tuple(edge(f"scene/c1/{n}", "named", "character/a", n) for n in (1, 2, 4))
        shown = network(relations(Part(chapter="c1", version=1, nodes=(node("character/a"),), edges=edges)))
        assert shown.entities[0].mentions == 7

    def test_later_names_are_aliases(self):
        """Each once, the first name never."""
        bible = Part(chapter="", version=1, nodes=(node("character/a", "Anna Ember", "Annie"),))
        later = Part(chapter="c1", version=2, nodes=(node("character/a", "Mrs Ember", "Anna Ember", "Annie", "Ann"),))
        (shown,) = network(relations(bible, later)).entities
        assert (shown.name, shown.aliases) == ("Anna Ember", ("Annie", "Mrs Ember", "Ann"))

    def test_nothing_shows_nothing(self):
        """An empty graph is no error."""
        assert network(Relations()).model_dump() == {"entities": (), "ties": ()}

    def test_every_process_shows_the_same(self):
        """Whatever order its sets have."""
        code = "from tests.unit.test_graph_network import *; print(network(camps()).model_dump_json())"
        shown = {
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert shown == {network(camps()).model_dump_json().encode() + b"\n"}


class TestRules:
    """What every store decides alike."""

    def test_a_part_is_never_divided(self):
        """Groups are as full as they may be; a large part is alone."""
        parts = [Part(chapter=str(n), version=1, nodes=(node("character/a"),) * n) for n in (1, 2, 9, 1, 1)]
        assert [[len(part.nodes) for part in group] for group in grouped(parts, 4)] == [[1, 2], [9], [1, 1]]

    def test_pairs_are_summed_in_either_direction(self):
        """The ids of a pair are in order."""
        assert summed([("b", "a", 1.0), ("a", "b", 2.0)]) == {("a", "b"): 3.0}

    def test_a_path_does_not_depend_on_the_order_of_ties(self):
        """Nor on their direction."""
        ties = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "d")]
        for one in (ties, ties[::-1], [(other, one) for one, other in ties]):
            assert shortest(one, "a", "d") == ["a", "b", "d"]
