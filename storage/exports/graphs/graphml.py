"""A network as GraphML, for programs that draw and measure graphs (Gephi, Cytoscape, yEd, NetworkX)."""

from __future__ import annotations

from io import BytesIO

from storage.exports.graphs import NothingToShow
from storage.exports.graphs.drawing import one_line
from storage.graph.network import Network


def graphml(network: Network, title: str, note: str = "") -> bytes:
    """The network with all its attributes, aliases joined by ``; ``; several ties of a pair stay several.

    Raises ``NothingToShow`` for a network without entities.
    """
    import networkx as nx

    if not network.entities:
        raise NothingToShow
    graph: nx.MultiGraph[str] = nx.MultiGraph(title=one_line(title), note=one_line(note))
    for entity in network.entities:
        values = entity.model_dump(exclude={"id", "name", "aliases"})
        aliases = "; ".join(map(one_line, entity.aliases))
        graph.add_node(one_line(entity.id), label=one_line(entity.name), aliases=aliases, **values)
    for tie in network.ties:
        graph.add_edge(
            one_line(tie.source), one_line(tie.target), kind=tie.kind, weight=tie.weight, label=one_line(tie.label)
        )
    target = BytesIO()
    nx.write_graphml(graph, target, named_key_ids=True)
    return target.getvalue()
