"""Rules about flows that run but serve their callers badly: packs, findings, silences.

scene       the center as rules see it: the graph of all its flows, with indices
words       what texts say, as far as rules need to know
leaving     what rules about retention share
rule        what a rule is; `rules` declares them all, each with two examples
silence     comments that allow a finding, with a reason
check       a folder to its problems
formats     problems for other programs: SARIF, GitHub
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.lint.findings import check

__all__ = ["check"]


def __getattr__(name: str) -> Any:
    """The public names, from the modules that hold them."""
    if name != "check":
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module("ivr.lint.findings"), name)
