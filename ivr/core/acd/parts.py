"""What every part of the ACD has: the kernel, and the other parts through the `Acd`."""

from typing import TYPE_CHECKING

from ivr.core.kernel import Kernel

if TYPE_CHECKING:
    from ivr.core.acd.acd import Acd


class Part:
    """A part of the ACD."""

    __slots__ = ("acd", "kernel")

    def __init__(self, acd: "Acd", kernel: Kernel) -> None:
        self.acd = acd
        self.kernel = kernel
