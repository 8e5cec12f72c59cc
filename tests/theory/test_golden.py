"""The two workloads of the bench in small: to the call what SimPy says, with the same draws rounded to milliseconds."""

from tests.bench import workload_a, workload_b

CALLS = 2_000


def test_workload_a_has_the_counts_of_simpy() -> None:
    ours, theirs = workload_a.ours(CALLS, workload_a.center()), workload_a.in_simpy(CALLS)
    assert ours.result == theirs.result == (1_907, 93, 1_724)


def test_workload_b_has_the_counts_of_simpy() -> None:
    ours, theirs = workload_b.ours(CALLS, workload_b.center()), workload_b.in_simpy(CALLS)
    assert ours.result == theirs.result == ((1_107, 753), (85, 55), 575)
