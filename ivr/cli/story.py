"""`ivr story`: what happened to a customer, day by day, and what it was like."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.terminal import aside, clean, colored, print_json
from ivr.errors import OperatorError

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.language.story_models import StoryModel
    from ivr.observe.journey import Scorecard
    from ivr.story import Told
    from ivr.story.text import Print

STORY = "story.yaml"


def story(
    name: Annotated[
        str | None, Parameter(help="One of the stories, or a folder with a story.yaml.", show_default=False)
    ] = None,
    /,
    *,
    lang: Annotated[
        str | None, Parameter(help="The language: en, ru, uk; else the story's own.", show_default=False)
    ] = None,
    improved: Annotated[
        bool, Parameter(help="Play it with the improved center.", show_default=False)
    ] = False,
    compare: Annotated[
        bool, Parameter(help="Play both, and set them side by side.", show_default=False)
    ] = False,
    html: Annotated[Path | None, Parameter(help="Write one page with all of it.", show_default=False)] = None,
    live: Annotated[
        bool,
        Parameter(
            help="Play it against a served center, the customer on a websocket phone.", show_default=False
        ),
    ] = False,
    speed: Annotated[
        float | None,
        Parameter(help="With --live: how much faster than real time calls go; else 20.", show_default=False),
    ] = None,
    seed: Annotated[str, Parameter(help="Another seed, another chance.")] = "1",
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Play a true story in virtual time: a transcript with clock, channel and waits drawn to scale, then a scorecard.

    Without a name the stories are listed. Each is told twice: as it happened, and with the same customer at a company
    that does better. What the company does stands in the YAML files of its folder: change a line, and watch the
    score move. With --live the center is served on a port of this machine while it is played, the customer calls and is
    called on a real phone, and lines are printed as they are said; what lies between the contacts is skipped.

    Exit code: 0; 1 when the story's files have errors; 2 when there is no such story.
    """
    if name is None:
        return _listed(json=json)
    folder = folder_of(name)
    from ivr.language import load_center
    from ivr.language.beside import VERSIONS, load_story
    from ivr.story import play

    model = load_story(folder / STORY)
    language = _language(lang, model)
    versions = VERSIONS if compare or html is not None else (VERSIONS[1],) if improved else (VERSIONS[0],)
    centers = {version: load_center(folder / version) for version in versions}
    shown = not json and (html is None or compare)
    if live:
        told = _live(model, centers, language, seed, _speed(speed), shown=shown)
    elif speed is not None:
        raise exit_codes.WrongUsage("--speed is for --live: in virtual time nobody waits")
    else:
        told = {version: play(model, center, language, seed) for version, center in centers.items()}
    if json:
        print_json({version: _as_json(one) for version, one in told.items()})
    if html is not None:
        _write(html, told)
    if shown:
        _show(told, transcripts=not live)
    return exit_codes.OK


def stories_home() -> Path:
    """The folder of the stories: of a checkout, else the packaged one."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent / "flows" / "stories"
    return checkout if checkout.is_dir() else package / "centers" / "stories"


def folder_of(name: str) -> Path:
    """The folder of a story by its name or path; WrongUsage if there is none."""
    for folder in (stories_home() / name, Path(name), Path(name).parent):
        if (folder / STORY).is_file():
            return folder
    from ivr.core.flow.nearness import did_you_mean

    known = [folder.name for folder in _folders()]
    raise exit_codes.WrongUsage(f"there is no story {name!r}; {did_you_mean(name, known)}")


def _folders() -> list[Path]:
    return sorted(path.parent for path in stories_home().glob(f"*/{STORY}"))


def _listed(*, json: bool) -> int:
    from ivr.language.beside import load_story
    from ivr.story.told import in_language

    shown = []
    for folder in _folders():
        model = load_story(folder / STORY)
        title, line = in_language(model.story, "en"), in_language(model.line, "en")
        shown.append({"name": folder.name, "title": title, "line": line})
    if json:
        print_json(shown)
        return exit_codes.OK
    wide = max((len(one["name"]) for one in shown), default=0)
    for one in shown:
        print(f"{one['name']:<{wide}}  {clean(one['line'] or one['title'])}")
    print(f"\nPlay one with `ivr story {shown[0]['name'] if shown else 'NAME'} --lang en --compare`.")
    return exit_codes.OK


def _language(lang: str | None, model: "StoryModel") -> str:
    from ivr.language import speech

    language = lang or str(model.language)
    if not speech.known_language(language):
        raise exit_codes.WrongUsage(f"--lang {language}: a code such as en, ru or uk")
    spoken = [str(code) for code in model.story.languages]
    if spoken and language not in spoken:
        aside(f"the story is told in {', '.join(spoken)}, and not in {language}: it speaks {spoken[0]}")
        return spoken[0]
    return language


def _speed(speed: float | None) -> float:
    from ivr.story.live import SPEED

    if speed is not None and not 0.01 <= speed <= 1_000:
        raise exit_codes.WrongUsage(f"--speed {speed:g}: speeds are 0.01 to 1000")
    return SPEED if speed is None else speed


def _live(
    model: "StoryModel", centers: "dict[str, Center]", language: str, seed: str, speed: float, *, shown: bool
) -> "dict[str, Told]":
    """Play with each center while it is served; if it is to be shown, line by line as they are said."""
    import asyncio

    from ivr.story import text
    from ivr.story.live import play_live
    from ivr.story.told import begun

    told = {}
    for version, center in centers.items():
        out, width = _printer()
        unfolding = text.Unfolding(out, width)

        def watch(so_far: "Told", unfolding: text.Unfolding = unfolding) -> None:
            unfolding.show(so_far, over=False)

        if shown:
            out(text.heading(begun(model, center, language), version), "bold")
            told[version] = asyncio.run(play_live(model, center, language, seed, speed, watch))
            unfolding.show(told[version], over=True)
            out("", "")
        else:
            told[version] = asyncio.run(play_live(model, center, language, seed, speed))
    return told


def _printer() -> "tuple[Print, int]":
    """What prints a line in a style, and the width there is."""
    from rich.console import Console
    from rich.text import Text

    width = shutil.get_terminal_size((100, 24)).columns
    console = Console(file=sys.stdout, width=width, highlight=False, no_color=not colored(sys.stdout))

    def out(line: str, style: str) -> None:
        console.print(Text(clean(line), style=style if colored(sys.stdout) else ""), soft_wrap=True)

    return out, width


def _show(told: "dict[str, Told]", *, transcripts: bool) -> None:
    from ivr.story import text
    from ivr.story.card import card_of
    from ivr.story.questions import answered
    from ivr.story.words import say

    out, width = _printer()
    cards: dict[str, Scorecard] = {}
    for version, one in told.items():
        if transcripts:
            out(text.heading(one, version), "bold")
            text.transcript(one, out, width)
            out("", "")
        cards[version] = card_of(one)
    first = next(iter(told.values()))
    names = [say(version, first.language) for version in told]
    text.card(names, list(cards.values()), first.language, out)
    if first.story.questions:
        worst, *better = cards.values()
        given = answered(first, worst, better[0] if better else None)
        text.answers(given, first.language, out, min(width, 90))


def _as_json(told: "Told") -> dict[str, Any]:
    import msgspec

    from ivr.story.card import card_of
    from ivr.story.transcript import scenes

    return {
        "language": told.language,
        "settled": told.settled_at is not None,
        "scenes": [
            {
                "at": told.local(scene.at).isoformat(),
                "channel": scene.channel,
                "lines": [
                    {
                        "at": told.local(line.at).isoformat(),
                        "kind": line.kind,
                        "who": line.who,
                        "text": line.text,
                        "seconds": line.length_ms / 1_000,
                    }
                    for line in scene.lines
                ],
            }
            for scene in scenes(told)
        ],
        "scorecard": msgspec.to_builtins(card_of(told)),
    }


def _write(path: Path, told: "dict[str, Told]") -> None:
    from ivr.story.page import page

    try:
        path.write_text(page(told), encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from None
