"""What rules look at: a center with the graph of all its flows, and indices over it made once.

Flows are joined where one calls another: `call` leads in, `return` leads back to whoever may have
called. The graph forgets who did call; so it has ways that no call takes, and lacks none that one does.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final, TypeVar

from ivr.core.flow import steps
from ivr.core.flow.model import Flow, Node, State, Step
from ivr.language import walk
from ivr.language.inside import Inside
from ivr.language.problems import Mark, Place
from ivr.language.step_parts import VerbModel
from ivr.language.ways import Way, ways

S = TypeVar("S", bound=Step)
M = TypeVar("M", bound=VerbModel)

PEOPLE: Final = (steps.Queue, steps.Transfer)
"""Steps at which a person comes to the caller."""

BY_ITSELF: Final = frozenset(("next", "branch", "outcome", "closed", "give_up", "error", "call", "return"))
"""Ways that are taken while the caller does nothing."""

_ONWARD: Final = frozenset(("next", "branch", "outcome", "closed", "call", "return"))


class Scene:
    """A center as rules see it."""

    def __init__(self, inside: Inside) -> None:
        self.inside = inside
        self.models = inside.models
        self.flows = inside.flows
        self._links: dict[Node, list[Way]] = {}
        self._callers: dict[str, list[steps.CallFlow]] = {}
        self._steps: dict[type[Step], list[Step]] = {}
        for flow in self.flows.values():
            self._walk(flow)
        self._join()

    def _walk(self, flow: Flow) -> None:
        waiting: list[Node] = [*flow.states.values(), *flow.on.values(), *flow.keys.values()]
        waiting.reverse()
        while waiting:
            node = waiting.pop()
            if node in self._links:
                continue
            found = ways(node, flow)
            self._links[node] = found
            waiting += [way.target for way in reversed(found)]
            if isinstance(node, Step):
                self._steps.setdefault(type(node), []).append(node)
            if isinstance(node, steps.CallFlow):
                self._callers.setdefault(node.target, []).append(node)

    def _join(self) -> None:
        for call in self.all(steps.CallFlow):
            if (flow := self.flows.get(call.target)) is not None:
                self._links[call].append(Way("call", call.target, flow.start))
        past = {
            name: [
                (way.label, Way("return", way.label, way.target))
                for call in calls
                for way in self._links[call]
                if way.kind == "past"
            ]
            for name, calls in self._callers.items()
        }
        for leave in self.all(steps.Return):
            self._links[leave] += [link for name, link in past.get(leave.flow, ()) if name == leave.outcome]
        for step in self.listening:
            if not any(link.kind == "give_up" for link in self._links[step]):
                operators = [self.flows[caller].operator for caller in self.callers(step.flow)]
                self._links[step] += [
                    Way("give_up", "give_up", node) for node in operators if node is not None
                ]

    # What there is --------------------------------------------------------------------------------------

    def all(self, kind: type[S]) -> list[S]:
        """Every step of a kind."""
        return self._steps.get(kind, [])  # type: ignore[return-value]

    @property
    def nodes(self) -> Iterable[Node]:
        """Every node of every flow."""
        return self._links

    @cached_property
    def listening(self) -> list[steps.ListeningStep]:
        """Every menu, ask and offer."""
        return [*self.all(steps.Menu), *self.all(steps.Ask), *self.all(steps.Offer)]

    def links(self, node: Node) -> list[Way]:
        """The ways on from a node."""
        return self._links.get(node, [])

    def model(self, node: Node, kind: type[M]) -> M | None:
        """The model a step was made of, if it is of this kind."""
        found = self.inside.origins.get(node)
        return found if isinstance(found, kind) else None

    def steps_of(self, name: str) -> Iterable[VerbModel]:
        """Every step of a flow as its author wrote it."""
        return walk.steps_of(self.models[name])

    def callers(self, name: str) -> list[str]:
        """The flows around a flow, the nearest first."""
        found: dict[str, None] = {}
        waiting = deque([name])
        while waiting:
            for call in self._callers.get(waiting.popleft(), ()):
                if call.flow not in found:
                    found[call.flow] = None
                    waiting.append(call.flow)
        return list(found)

    @cached_property
    def entries(self) -> list[Flow]:
        """The flows that callers dial; all, where no center says so."""
        settings = self.inside.settings
        if settings is None:
            return list(self.flows.values())
        names = dict.fromkeys(str(name) for name in settings.numbers.values())
        return [self.flows[name] for name in names if name in self.flows]

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        if (model := self.inside.origins.get(node)) is not None:
            return model.place
        if isinstance(node, State):
            return next(name for name in self.models[node.flow].states if str(name) == node.name)
        if isinstance(node, Step) and node.flow in self.models:
            names = {str(name): name for name in self.models[node.flow].states}
            return names.get(node.state, self.models[node.flow].flow)
        return Mark("")

    # Where it leads -------------------------------------------------------------------------------------

    def reach(
        self,
        starts: Iterable[Node],
        follow: Callable[[Way], bool],
        through: Callable[[Node], bool] = lambda node: True,
    ) -> dict[Node, None]:
        """What can be reached by links that `follow` allows; a node that `through` denies is an end."""
        seen = dict.fromkeys(starts)
        waiting = list(seen)
        while waiting:
            node = waiting.pop()
            if not through(node):
                continue
            for link in self.links(node):
                if follow(link) and link.target not in seen:
                    seen[link.target] = None
                    waiting.append(link.target)
        return seen

    def leading_to(
        self,
        goals: Iterable[Node],
        follow: Callable[[Way], bool],
        through: Callable[[Node], bool] = lambda node: True,
    ) -> dict[Node, None]:
        """What can reach a goal; a node that `through` denies leads nowhere."""
        seen = dict.fromkeys(goals)
        waiting = list(seen)
        while waiting:
            for node, link in self._before.get(waiting.pop(), ()):
                if node not in seen and follow(link) and through(node):
                    seen[node] = None
                    waiting.append(node)
        return seen

    @cached_property
    def _before(self) -> dict[Node, list[tuple[Node, Way]]]:
        found: dict[Node, list[tuple[Node, Way]]] = {}
        for node, links in self._links.items():
            for link in links:
                found.setdefault(link.target, []).append((node, link))
        return found

    def by_itself(
        self, starts: Iterable[Node], through: Callable[[Node], bool] = lambda node: True
    ) -> dict[Node, None]:
        """What follows while the caller does nothing."""
        return self.reach(starts, lambda link: link.kind in BY_ITSELF, through)

    def person(self, node: Node) -> bool:
        """Whether a node leads to a person with nothing asked of the caller."""
        return node in self._straight_to_people

    @cached_property
    def _straight_to_people(self) -> dict[Node, None]:
        return self.leading_to(
            [node for node in self._links if isinstance(node, PEOPLE)],
            lambda link: link.kind in ("next", "branch", "call", "return"),
            lambda node: not isinstance(node, (*PEOPLE, steps.ListeningStep)),
        )

    @cached_property
    def towards_people(self) -> dict[Node, None]:
        """Everything that leads to a person while the caller does nothing."""
        people = [node for node in self._links if isinstance(node, PEOPLE)]
        return self.leading_to(people, lambda link: link.kind in BY_ITSELF)

    @cached_property
    def level(self) -> Mapping[steps.Menu, int]:
        """Of each menu, how many menus a caller has heard with it on the shortest way there."""
        best: dict[Node, int] = {}
        waiting: deque[tuple[Node, int]] = deque((flow.start, 0) for flow in self.entries)
        while waiting:
            node, heard = waiting.popleft()
            if best.get(node, heard + 1) <= heard:
                continue
            best[node] = heard
            after = heard + isinstance(node, steps.Menu)
            for link in self.links(node):
                if link.kind not in ("past", "error"):
                    (waiting.append if after > heard else waiting.appendleft)((link.target, after))
        return {node: heard + 1 for node, heard in best.items() if isinstance(node, steps.Menu)}

    @cached_property
    def first_menus(self) -> list[steps.Menu]:
        """The menus that callers hear first, if they press no key of the whole flow before."""
        found = self.reach(
            [flow.start for flow in self.entries],
            lambda link: link.kind in _ONWARD or (link.kind == "key" and not link.label),  # an ask answered
            lambda node: not isinstance(node, (steps.Menu, steps.Offer, *PEOPLE)),
        )
        return [node for node in found if isinstance(node, steps.Menu)]

    def flow_keys(self, name: str) -> dict[str, Node]:
        """The keys that work in all of a flow, its own and those of the flows around it."""
        keys: dict[str, Node] = {}
        for flow in (name, *self.callers(name)):
            keys = {**self.flows[flow].keys, **keys}
        return keys


__all__ = ["BY_ITSELF", "PEOPLE", "Scene", "Way"]
