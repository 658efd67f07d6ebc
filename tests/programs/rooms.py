"""Counts the rooms of the two packages, and how they import each other.

    python -m tests.programs.rooms

A room is a module or a folder directly inside a package. The contracts in `pyproject.toml` say
which rooms stand above which; this says how many there are.
"""

import graphlib
import json
import sys
from collections.abc import Callable

import grimp

PACKAGES = ("songnet", "train")

Graph = dict[str, set[str]]


def count(package: str) -> dict[str, int]:
    """Measures one package.

    Parameters
    ----------
    package : str
        Its name; it is found, not imported.

    Returns
    -------
    dict of str to int
        ``rooms``; ``layers`` on which they stand, in rooms; ``arrows`` from a room to another;
        ``circles`` of rooms, and ``module_circles``, that import each other.
    """
    modules = imports(package)
    rooms = merged(modules, lambda module: ".".join(module.split(".")[:2]))
    return {
        "rooms": len(rooms.keys() - {package}),
        "layers": longest_chain(rooms),
        "arrows": sum(map(len, rooms.values())),
        "circles": len(circles(rooms)),
        "module_circles": len(circles(modules)),
    }


def imports(*packages: str) -> Graph:
    """Which module imports which, among those of the packages, where a program runs them."""
    graph = grimp.build_graph(*packages, exclude_type_checking_imports=True)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def merged(graph: Graph, name: Callable[[str], str]) -> Graph:
    """The same arrows between fewer nodes, and none from a node to itself."""
    result: Graph = {name(node): set() for node in graph}
    for node, targets in graph.items():
        result[name(node)] |= {name(target) for target in targets} - {name(node)}
    return result


def circles(graph: Graph) -> list[set[str]]:
    """Groups of nodes that reach each other."""
    reached = {node: _reached(graph, node) for node in graph}
    groups = [{other for other in reached[node] if node in reached[other]} for node in graph]
    return [set(group) for group in {frozenset(group) for group in groups if group}]


def _reached(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = {start}
    while waiting:
        new = graph[waiting.pop()] - seen
        seen |= new
        waiting |= new
    return seen


def longest_chain(graph: Graph) -> int:
    """Nodes on the longest way along the arrows, where a circle counts as one."""
    of_circle = {node: min(circle) for circle in circles(graph) for node in circle}
    graph = merged(graph, lambda node: of_circle.get(node, node))
    lengths: dict[str, int] = {}
    for node in graphlib.TopologicalSorter(graph).static_order():
        lengths[node] = 1 + max((lengths[target] for target in graph[node]), default=0)
    return max(lengths.values())


def main() -> int:
    """Prints the counts, and how many modules the longest chain of imports has, as JSON."""
    counts: dict[str, object] = {package: count(package) for package in PACKAGES}
    counts["longest_chain"] = longest_chain(imports(*PACKAGES))
    print(json.dumps(counts, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
