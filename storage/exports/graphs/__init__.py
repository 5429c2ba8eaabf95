"""A novel's graph as files that people look at or carry on with: a picture, a page and GraphML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.exports.files import FileNotWritable, write_whole
from storage.graph.network import Network
from story.errors import InvalidInput

__all__ = ["ENDINGS", "NothingToShow", "UnknownEnding", "reasoned", "write_graph"]

ENDINGS = (".png", ".html", ".graphml")
"""The endings of the files that a graph is written to."""


class UnknownEnding(InvalidInput):
    """Graphs are not written to files of that ending."""


class NothingToShow(InvalidInput):
    """There is nothing to show yet: no chapter that may be seen names anybody. `scriptorium status` shows progress."""


def write_graph(network: Network, title: str, path: Path, note: str = "") -> None:
    """Writes the graph in the format that the path's ending names; ``note`` is a line about what is shown.

    Raises:
        UnknownEnding: the ending is none of ``ENDINGS``.
        NothingToShow: the graph has no entity.
        FileNotWritable: the file cannot be written there.
    """
    content = _maker(path)(network, title, note)
    with reasoned(path):
        write_whole(path, content)


@contextmanager
def reasoned(path: Path) -> Iterator[None]:
    """Says of a file that cannot be written why not, and by which option another is named."""
    try:
        yield
    except FileNotWritable as error:
        reason = getattr(error.__cause__, "strerror", None) or "no room"
        raise FileNotWritable(f"{path} cannot be written ({reason}); give another file with --out.") from error


def _maker(path: Path) -> Callable[[Network, str, str], bytes]:
    match path.suffix.lower():
        case ".png":
            from storage.exports.graphs.picture import png

            return png
        case ".html":
            from storage.exports.graphs.page import html

            return html
        case ".graphml":
            from storage.exports.graphs.graphml import graphml

            return graphml
        case other:
            raise UnknownEnding(f"A graph is written to a file ending in {', '.join(ENDINGS)}, not in {other!r}.")
