"""Service levels by name, on the published example."""

import pytest

from ivr.observe.service_level import VARIANTS, Counted, service_levels

EXAMPLE = Counted(answered=1000, abandoned=60, answered_in_t=860, abandoned_in_t=20, abandoned_short=10)
"""callcentrehelper.com, "service level threshold calculations": T is 20 s, S is 5 s."""


def test_every_variant_gives_the_published_value() -> None:
    shown = {name: round(level * 100, 1) for name, level in service_levels(EXAMPLE).items()}
    assert shown == {
        "of_answered": 86.0,
        "of_offered": 81.1,
        "without_short_abandons": 81.9,
        "short_abandons_credited": 82.1,
        "without_abandons_in_t": 82.7,
        "abandons_in_t_credited": 83.0,
        "with_flow_outs": 81.1,
    }


def test_flow_outs_count_where_the_variant_says_so() -> None:
    levels = service_levels(EXAMPLE._replace(gone_on=40))
    assert levels["with_flow_outs"] == pytest.approx(860 / 1100)
    assert levels["of_offered"] == pytest.approx(860 / 1060)


def test_without_calls_there_is_no_level_rather_than_a_false_one() -> None:
    assert service_levels(Counted()) == {}
    assert service_levels(Counted(abandoned=3)) == {
        name: 0.0 for name in VARIANTS if name != "of_answered"
    } | {"abandons_in_t_credited": 0.0}
