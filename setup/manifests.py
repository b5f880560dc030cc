"""Tell the shell what the manifests of this repository's add-ons say.

manifests.py names ROOT     the add-ons, those depended upon first
manifests.py depends ROOT   the modules they need that are not in ROOT
"""

import ast
import sys
from pathlib import Path


def read_manifests(root):
    manifests = {}
    for path in sorted(root.glob("*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        if manifest.get("installable", True):
            manifests[path.parent.name] = manifest
    return manifests


def in_order(manifests):
    ordered = []

    def add(name):
        if name in manifests and name not in ordered:
            for dependency in manifests[name].get("depends", []):
                add(dependency)
            ordered.append(name)

    for name in manifests:
        add(name)
    return ordered


def foreign_depends(manifests):
    needed = {"base"}
    for manifest in manifests.values():
        needed.update(manifest.get("depends", []))
    return sorted(needed - set(manifests))


def main(what, root):
    manifests = read_manifests(Path(root))
    names = in_order(manifests) if what == "names" else foreign_depends(manifests)
    for name in names:
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
