#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes one header of the library:  amalgamate.py [HEADER...] > tessera.hpp

Without arguments it has core, layers, models, engine and safetensors files, and needs Eigen alone. HEADER is a path below include/tessera.
"""
import pathlib
import re
import sys

include = pathlib.Path(__file__).resolve().parents[2] / "include"
usual = ["engine/model.hpp", "layers/describe.hpp", *(f"models/{header.name}" for header in sorted((include / "tessera/models").glob("*.hpp"))),
         "io/safetensors.hpp", "io/assign.hpp", "io/metadata.hpp", "io/self_test.hpp", "save.hpp"]
seen = set()


def show(name):
    """The header, with those that it includes in place of their names, each once."""
    if name in seen:
        return
    seen.add(name)
    print(f"// ---- {name}")
    for line in (include / name).read_text(encoding="utf-8").split("\n"):
        found = re.match(r'#include "(tessera/.*)"$', line)
        if found:
            show(found.group(1))
        elif line != "#pragma once" and "SPDX-License-Identifier" not in line:
            print(line)


version = re.search(r'define TESSERA_VERSION "(.*)"', (include / "tessera/version.hpp").read_text()).group(1)
license_text = (include.parent / "LICENSE").read_text().strip()
print("// SPDX-License-Identifier: MIT\n#pragma once\n")
print(f"// Tessera {version} in one header, made by docs/packaging/amalgamate.py.\n//")
print("\n".join(f"// {line}".rstrip() for line in license_text.split("\n")) + "\n")
show("tessera/version.hpp")
for header in sys.argv[1:] or usual:
    show(f"tessera/{header}")
