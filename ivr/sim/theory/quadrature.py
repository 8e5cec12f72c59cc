"""Integrals by adaptive quadrature, which the standard library lacks."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, ...]
Integrand: TypeAlias = Callable[[float], Point]

# The 15 nodes of Gauss and Kronrod on [-1, 1], from the outer to the middle one; every second is one of Gauss's 7.
# Piessens and others, "QUADPACK", 1983.
_NODES: Final = (
    0.991455371120812639206854697526329,
    0.949107912342758524526189684047851,
    0.864864423359769072789712788640926,
    0.741531185599394439863864773280788,
    0.586087235467691130294144691258910,
    0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
    0.0,
)
_KRONROD: Final = (
    0.022935322010529224963732008058970,
    0.063092092629978553290700663189204,
    0.104790010322250183839876322541518,
    0.140653259715525918745189590510238,
    0.169004726639267902826583426598550,
    0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
    0.209482141084727828012999174891714,
)
_GAUSS: Final = (
    0.0,
    0.129484966168869693270611432679082,
    0.0,
    0.279705391489276667901467771423780,
    0.0,
    0.381830050505118944950369775488975,
    0.0,
    0.417959183673469387755102040816327,
)

_NEGLIGIBLE: Final = 45.0  # a logarithm
_FALLEN: Final = (4.0, 16.0, 64.0)  # logarithms: a rule of 15 nodes sees what falls by e**48 in one panel

_CLOSE: Final = 1e-11  # of Gauss and Kronrod to each other; Kronrod's own error is far below
_PANELS_MAX: Final = 1_000
_ROUNDS: Final = 60  # halvings of a panel: 1e-18 of it is left, the width of any singularity


def integrate(integrand: Integrand, points: Sequence[float]) -> list[float]:
    """Integrals of several functions, evaluated together, from the first of the points to the last.

    The points are where the functions may have kinks or peaks, in ascending order. Panels are halved until
    both rules agree to 1e-11 of the whole, by each function.
    """
    panels = [_panel(integrand, left, right) for left, right in pairwise(points)]
    done = [0.0] * len(panels[0][2])
    for _ in range(_ROUNDS):
        total = [sum((panel[2][place] for panel in panels), settled) for place, settled in enumerate(done)]
        open_panels = []
        for panel in panels:
            if all(error <= _CLOSE * abs(whole) for error, whole in zip(panel[3], total, strict=True)):
                done = [settled + value for settled, value in zip(done, panel[2], strict=True)]
            else:
                open_panels.append(panel)
        if not open_panels:
            return done
        if len(open_panels) > _PANELS_MAX:  # the digits of a float do not hold what is asked
            break
        panels = []
        for left, right, _, _ in open_panels:
            middle = (left + right) / 2
            panels += [_panel(integrand, left, middle), _panel(integrand, middle, right)]
    return [sum((panel[2][place] for panel in panels), settled) for place, settled in enumerate(done)]


def points_of(
    log_density: Callable[[float], float],
    start: float,
    end: float | None,
    peak: float,
    step: float,
    kinks: Sequence[float] = (),
) -> list[float]:
    """Where to cut an integral of a density whose logarithm is concave, so that no panel misses its mass.

    A peak may be a thousand times narrower than what is around it, and rules that sample it nowhere agree
    that there is nothing. So cuts stand where the density has fallen to given parts of its top, on both sides.

    Args:
        log_density: the logarithm.
        start: where the integral begins.
        end: where it ends; None: where what is left is 3e-20 of the top.
        peak: where the density is highest.
        step: a length to look for that end with.
        kinks: where the density has no derivative.
    """
    top = max(start, peak) if end is None else min(max(start, peak), end)
    most = log_density(top)
    if end is None:
        while log_density(top + step) > most - _NEGLIGIBLE:
            step *= 2
        end = top + step
    cuts = {top, *kinks}
    for fallen in _FALLEN:
        for side in (start, end):
            near, far = top, side
            if log_density(far) >= most - fallen:
                continue
            while abs(far - near) > 0.1 * abs(far - top):
                middle = (near + far) / 2
                near, far = (near, middle) if log_density(middle) < most - fallen else (middle, far)
            cuts.add(far)
    return [start, *sorted(cut for cut in cuts if start < cut < end), end]


_Panel: TypeAlias = tuple[float, float, list[float], list[float]]


def _panel(integrand: Integrand, left: float, right: float) -> _Panel:
    """A panel: its ends, the integrals by Kronrod's rule, and how far Gauss's rule is from them."""
    middle, half = (left + right) / 2, (right - left) / 2
    at = integrand(middle)
    good = [_KRONROD[-1] * value for value in at]
    rough = [_GAUSS[-1] * value for value in at]
    for node, kronrod, gauss in zip(_NODES[:-1], _KRONROD, _GAUSS, strict=False):
        before, after = integrand(middle - half * node), integrand(middle + half * node)
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            good[place] += kronrod * (one + other)
            rough[place] += gauss * (one + other)
    errors = [half * abs(value - other) for value, other in zip(good, rough, strict=True)]
    return left, right, [half * value for value in good], errors
