"""``make bench``: runs every measurement, prints its figures and writes them to ``benchmarks/results``."""

from __future__ import annotations

import argparse

from benchmarks import answers, embedding, graph, imports, overhead, prose, search, whole
from benchmarks.report import publish

MEASUREMENTS = {
    "whole": whole.measure,
    "overhead": overhead.measure,
    "prose": prose.measure,
    "graph": graph.measure,
    "embedding": embedding.measure,
    "search": search.measure,
    "answers": answers.measure,
    "imports": imports.measure,
}


def main() -> None:
    """Runs the named measurements, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; all without one")
    names = parser.parse_args().names or list(MEASUREMENTS)
    for name in names:
        publish(name, MEASUREMENTS[name]())


if __name__ == "__main__":
    main()
