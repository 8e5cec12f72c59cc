"""`ivr erlang`: what formulas say of a queue, and how many agents a target needs."""

from typing import Annotated

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import Json
from ivr.cli.terminal import print_json


def erlang(
    *,
    calls: Annotated[
        str, Parameter(help="How many come: 500/h, 9/m; or a number, of one --interval.", show_default=False)
    ],
    aht: Annotated[str, Parameter(help="Mean handle time: talk, hold and wrap-up, such as 4m.")],
    agents: Annotated[int | None, Parameter(help="How many answer.", show_default=False)] = None,
    target: Annotated[
        tuple[str, ...],
        Parameter(
            help="What to keep, with as few agents as can be: '80% in 20s', 'asa 15s', 'occupancy 85%',"
            " 'abandoned 3%'; may be given several times. Without agents: 'blocked 1%', for lines.",
            show_default=False,
        ),
    ] = (),
    patience: Annotated[
        str | None,
        Parameter(
            help="How long callers wait: a mean such as 2m (exponential), or a law, such as 'weibull 2m 0.5';"
            " else for ever.",
            show_default=False,
        ),
    ] = None,
    balk: Annotated[
        str | None,
        Parameter(help="Share who leave at once where no agent is free, such as 10%.", show_default=False),
    ] = None,
    lines: Annotated[
        int | None,
        Parameter(help="Most calls at once, talking and waiting; else no limit.", show_default=False),
    ] = None,
    within: Annotated[str, Parameter(help="The time that the service level is about.")] = "20s",
    shrinkage: Annotated[
        str | None,
        Parameter(
            help="Share of paid time away from the phone, such as 30%: more people are planned than seats.",
            show_default=False,
        ),
    ] = None,
    interval: Annotated[
        str | None, Parameter(help="Also count calls in so long, such as 30m.", show_default=False)
    ] = None,
    json: Json = False,
) -> int:
    """Compute waits, service level and the agents needed, by the formulas of Erlang, without a simulation.

    Without --patience all callers wait (Erlang C); with it they leave (Erlang A, or by any law); with --lines some
    are turned away. With --lines and no agents, nobody waits at all (Erlang B).

    Laws of patience: exponential MEAN, weibull MEAN SHAPE, lognormal MEAN CV, uniform LOW HIGH, fixed VALUE,
    hyperexponential SHARE MEAN OTHER-MEAN.

    Exit code: 0, or 2 when there is no answer: a queue that grows without end, a target that cannot be met.
    """
    from ivr.cli.erlang_answer import answer
    from ivr.cli.erlang_question import question
    from ivr.cli.erlang_text import plain, text

    asked = question(
        calls=calls,
        aht=aht,
        agents=agents,
        lines=lines,
        patience=patience,
        balk=balk,
        targets=target,
        within=within,
        shrinkage=shrinkage,
        interval=interval,
    )
    try:
        found = answer(asked)
    except ValueError as fault:
        raise exit_codes.WrongUsage(str(fault)) from None
    if json:
        print_json(plain(asked, found), indent=2)
    else:
        print("\n".join(text(asked, found)))
    return exit_codes.OK
