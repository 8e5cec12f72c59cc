"""`ivr serve`: open a center."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist
from ivr.cli.terminal import progress

LogLevel = Literal["debug", "info", "warning", "error"]


def serve(
    center: Annotated[
        Path | None, Parameter(help="Folder of a center; else the demo.", show_default=False)
    ] = None,
    /,
    *,
    host: Annotated[str, Parameter(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to listen on; 0 takes a free one.")] = 8080,
    data: Annotated[
        Path | None, Parameter(help="Folder for records and journal; without it nothing is kept.")
    ] = None,
    speed: Annotated[float, Parameter(help="How much faster than real time: 4 makes a minute 15 s.")] = 1.0,
    seed: Annotated[str, Parameter(help="Decides all chance: the same seed, the same people.")] = "1",
    no_people: Annotated[
        bool, Parameter(name="--no-people", help="No simulated callers and agents.", show_default=False)
    ] = False,
    no_callers: Annotated[
        bool,
        Parameter(
            name="--no-callers", help="Simulated agents only; `ivr load` may call.", show_default=False
        ),
    ] = False,
    tokens: Annotated[Path | None, Parameter(help="File of token hashes; see `ivr token`.")] = None,
    allow_origin: Annotated[
        tuple[str, ...], Parameter(help="Web origin that may connect besides our own.", show_default=False)
    ] = (),
    log_level: Annotated[LogLevel, Parameter(help="What is logged on stderr.")] = "warning",
    no_reload: Annotated[
        bool,
        Parameter(name="--no-reload", help="Do not follow files that change.", show_default=False),
    ] = False,
    json: Annotated[
        bool, Parameter(help="Say what was opened as one line of JSON.", show_default=False)
    ] = False,
    quiet: Annotated[bool, Parameter(help="Print nothing but problems.", show_default=False)] = False,
) -> int:
    """Open a center on this machine and say how to call it.

    CENTER is a folder with a center.yaml (see `ivr new`). It says what to open and what to type, and runs
    until Ctrl-C (or SIGTERM): then calls end, records are written, and the exit code is 0.
    """
    _check(center, port, speed)
    with progress("opening the center"):
        from ivr.live.serve import ServeOptions, serve as run
    return run(
        ServeOptions(
            center=center or _demo(),
            host=host.strip("[]"),
            port=port,
            data=data,
            speed=speed,
            seed=seed,
            people=not no_people,
            callers=not no_callers,
            tokens=tokens,
            origins=allow_origin,
            log_level=log_level,
            quiet=quiet,
            json=json,
            reload=not no_reload,
        )
    )


def _demo() -> Path:
    from ivr.cli.app import demo_center

    return demo_center()


def _check(center: Path | None, port: int, speed: float) -> None:
    """What can be said before anything is loaded."""
    if not 0 <= port <= 65_535:
        raise exit_codes.WrongUsage(f"--port {port}: ports are 0 to 65535")
    if not 0.01 <= speed <= 1_000:
        raise exit_codes.WrongUsage(f"--speed {speed:g}: speeds are 0.01 to 1000")
    if center is not None:
        must_exist(center)
