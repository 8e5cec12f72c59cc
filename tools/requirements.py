"""Print the requirements of the named dependency groups and extras in pyproject.toml, one a line."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
groups = project["dependency-groups"] | project["project"]["optional-dependencies"]
for name in sys.argv[1:]:
    print("\n".join(groups[name]))
