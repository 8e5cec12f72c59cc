"""RET-3, 4, 5, 7: how offers are made to those who want to leave."""

import re
from collections.abc import Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.core.flow.model import Node
from ivr.language import step_models as verbs
from ivr.lint import words
from ivr.lint.example import RETENTION, WITHOUT_KEY, but
from ivr.lint.languages import said
from ivr.lint.leaving import OFFERS_MAX, Leaving, own_way
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import BY_ITSELF, Scene

_ARL: Final = "California Automatic Renewal Law"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_.]*")


@rule(
    "RET-3",
    "a caller agrees to hear offers, and hears few of them",
    packs={"retention": "error"},
    why="Before the first offer comes a choice that leads to cancelling without one; after it no more than "
    f"`policy: max_offers` ({OFFERS_MAX} where nothing is said), counted along the longest way.",
    source="FTC proposal of 2023, 88 FR 24716, had a limit to saves; the rule of 2024 dropped it. California AB 2863 "
    "regulates saves since 2025-07.",
    bad=but(WITHOUT_KEY, '"To cancel", goto: cancel', '"To cancel", goto: ladder'),
    good=RETENTION,
)
def _asked(scene: Scene) -> Iterator[Finding]:
    leaving = Leaving(scene)
    saving = dict(leaving.saving())
    unasked = scene.by_itself([flow.start for flow in scene.entries])
    for step, model in saving.items():
        if step in unasked:
            yield Finding(
                model.place, "the offer is made before anybody asked for it", "put a menu before it"
            )
    towards = scene.leading_to(list(saving), lambda link: link.kind in BY_ITSELF)
    for menu in scene.all(steps.Menu):
        for link in scene.links(menu):
            if link.kind != "key" or link.target not in towards:
                continue
            first = [node for node in scene.by_itself([link.target]) if node in saving]
            others = [other for other in scene.links(menu) if other is not link and own_way(other)]
            if not any(other.target in leaving.without_offers for other in others):
                message = f"the menu before it, in {menu.state!r}, has no way to cancel without the offer"
                yield Finding(scene.place(first[0]), message, "add a choice that leads to cancelling")
    counted: dict[Node, int] = {}
    for step, model in saving.items():
        promised = scene.models[step.flow].policy.max_offers
        most = promised if promised is not None else OFFERS_MAX
        if (number := _rungs(scene, step, counted)) > most:
            more = str(number) if number < _ENDLESS else "endless"
            message = f"a caller may hear {more} offers in a row, more than {most}"
            yield Finding(model.place, message, "take steps out" + ("" if promised else ", or set policy"))


_ENDLESS: Final = 1_000_000


def _rungs(scene: Scene, first: steps.Offer, counted: dict[Node, int]) -> int:
    """The offers on the longest way that begins with this one and accepts none; a circle is endless."""
    open_: list[tuple[steps.Offer, list[steps.Offer], int]] = []
    on_way: dict[Node, None] = {}

    def push(offer: steps.Offer) -> None:
        on_way[offer] = None
        open_.append((offer, _next_offers(scene, offer), 0))

    if first not in counted:
        push(first)
    while open_:
        offer, following, best = open_.pop()
        if following:
            other = following[-1]
            if other in on_way:
                counted[other] = _ENDLESS
            if other not in counted:
                open_.append((offer, following, best))
                push(other)
                continue
            following.pop()
            open_.append((offer, following, max(best, counted[other])))
            continue
        on_way.pop(offer)
        counted[offer] = min(_ENDLESS, max(counted.get(offer, 0), best + len(offer.rungs)))
    return counted[first]


def _next_offers(scene: Scene, offer: steps.Offer) -> list[steps.Offer]:
    """The offers that may come next once this one was declined."""
    declined = [link.target for link in scene.links(offer) if link.kind == "decline"]
    found = scene.reach(declined, own_way, lambda node: not isinstance(node, steps.Offer))
    return [node for node in found if isinstance(node, steps.Offer)]


def _deeds(scene: Scene, starts: list[Node]) -> dict[str, None]:
    """What is done from here on while the caller does nothing: actions run, outcomes returned to no person."""
    found = scene.by_itself(starts, lambda node: not isinstance(node, steps.ListeningStep))
    deeds = {f"run: {node.request}": None for node in found if isinstance(node, steps.RequestStep)}
    if deeds:
        return deeds
    return {
        f"return: {node.outcome}": None
        for node in found
        if isinstance(node, steps.Return) and not scene.person(node)
    }


@rule(
    "RET-4",
    "silence, a wrong key or hanging up never accepts an offer",
    packs={"retention": "error"},
    why="Only a key that means yes is a yes. Whatever follows `accepted` must not follow a miss, or the end of the call.",
    source=f"{_ARL}: express affirmative consent.",
    bad=but(RETENTION, "give_up: person }", "silence: keep, give_up: person }"),
    good=RETENTION,
)
def _silence(scene: Scene) -> Iterator[Finding]:
    for step in scene.all(steps.Offer):
        deeds = _deeds(scene, [link.target for link in scene.links(step) if link.kind == "accept"])
        silent = [(link.label, link.target) for link in scene.links(step) if link.kind in ("miss", "give_up")]
        if (hangup := scene.flows[step.flow].hangup) is not None:
            silent.append(("hangup", hangup))
        for what, node in silent:
            if done := [deed for deed in _deeds(scene, [node]) if deed in deeds]:
                message = f"{what} does what accepting does: {done[0]}"
                yield Finding(scene.place(step), message, f"lead {what} elsewhere, such as to a person")
                break


@rule(
    "RET-5",
    "an offer says the new price, for how long, and the price afterwards",
    packs={"retention": "error"},
    why="A percentage is no price. The text has to use offer.price, offer.months or offer.ends_on, and what is paid then "
    "(customer.price, or what the offer's `price:` is made of), in every language.",
    source=f"{_ARL}, § 17602(a)(1).",
    bad=but(
        RETENTION,
        '{{ offer.months }} months, then {{ customer.price | money }}."\n      again',
        '{{ offer.months }} months."\n      again',
    ),
    good=RETENTION,
)
def _price(scene: Scene) -> Iterator[Finding]:
    for step in scene.all(steps.Offer):
        model = scene.model(step, verbs.OfferModel)
        if model is None:
            continue
        afterwards = _NAME.findall(str(model.price)) if model.price is not None else ["customer.price"]
        limited = any(rung.months for rung in step.rungs)
        wanted = [("the new price", ["offer.price"])]
        if limited:
            wanted += [
                ("for how long", ["offer.months", "offer.ends_on"]),
                ("the price afterwards", afterwards),
            ]
        for text in words.texts(model.say):
            used = set(_NAME.findall(text))
            for what, names in wanted:
                if names and not used.intersection(names):
                    yield Finding(text, f"the offer does not say {what}", f"add {{{{ {names[0]} ... }}}}")


@rule(
    "RET-7",
    "declining is as easy as accepting",
    packs={"retention": "error"},
    why="One key each, no second question after a no alone, and no words that shame. (Confirming the cancellation itself "
    "is no second question about the offer.)",
    source="'hard to cancel' among dark patterns; EU Digital Fairness Fitness Check, a proposal expected at the end of 2026.",
    bad=but(
        RETENTION,
        '9: { label: "To cancel", goto: cancel }',
        '9: { label: "To cancel and lose your benefits: do you really want that", goto: cancel }',
    ),
    good=RETENTION,
)
def _symmetry(scene: Scene) -> Iterator[Finding]:
    leaving = Leaving(scene)
    for step in scene.all(steps.Offer):
        model = scene.model(step, verbs.OfferModel)
        by_kind = {
            kind: [link.target for link in scene.links(step) if link.kind == kind]
            for kind in ("accept", "decline")
        }
        deeds = _deeds(scene, by_kind["accept"])
        asked = {kind: _menus(scene, nodes) for kind, nodes in by_kind.items()}
        again = [menu for menu in asked["decline"] if _asks_again(scene, menu, step, deeds)]
        if again and not asked["accept"] and model is not None:
            message = f"whoever declines is asked again, in {again[0].state!r}; whoever accepts is not"
            yield Finding(model.place, message, "lead exhausted on without a second question")
    for name in leaving.flows:
        for told in scene.steps_of(name):
            for text in words.says(said(told)):
                if found := words.SHAMING.search(text):
                    message = f"{found[0]!r} shames whoever leaves"
                    yield Finding(text, message, "say what happens, without judging it")


def _menus(scene: Scene, starts: list[Node]) -> list[steps.Menu]:
    """The menus that come next."""
    found = scene.reach(
        starts,
        lambda link: link.kind in ("next", "branch", "outcome"),
        lambda node: not isinstance(node, steps.ListeningStep),
    )
    return [node for node in found if isinstance(node, steps.Menu)]


def _asks_again(scene: Scene, menu: steps.Menu, offer: steps.Offer, deeds: dict[str, None]) -> bool:
    """Whether a menu leads back to the offer, or to what accepting it does."""
    keys = [link.target for link in scene.links(menu) if link.kind == "key"]
    found = scene.by_itself(keys, lambda node: not isinstance(node, steps.ListeningStep))
    runs = {deed for deed in deeds if deed.startswith("run")}
    return offer in found or bool(runs.intersection(_deeds(scene, keys)))
