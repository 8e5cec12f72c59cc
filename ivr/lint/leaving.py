"""What rules about retention have in common: where cancelling is done, and how callers get there."""

from functools import cached_property
from typing import Final

from ivr.core.flow import steps
from ivr.core.flow.model import Node
from ivr.language import step_models as verbs
from ivr.lint import words
from ivr.lint.scene import PEOPLE, Scene, Way

OFFERS_MAX: Final = 3  # where `policy: max_offers` says nothing

OWN_WAYS: Final = frozenset(
    ("next", "branch", "key", "decline", "flow_key", "outcome", "closed", "call", "past")
)
"""Ways that a caller takes who wants to leave: no offer accepted, no miss, no error, no operator."""


def own_way(link: Way) -> bool:
    """Whether a caller who wants to leave takes this way."""
    return link.kind in OWN_WAYS and not link.label.startswith(("failed", "timeout", "declined"))


def alone(node: Node) -> bool:
    """Whether a caller passes here without a person and without paying."""
    if isinstance(node, steps.RequestStep) and node.verb == "run":
        return words.PAYMENT.search(node.request) is None
    return not isinstance(node, PEOPLE)


class Leaving:
    """Where cancelling is done in a center, and from where it can be reached."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @cached_property
    def goals(self) -> list[Node]:
        """Where a contract ends: `run: cancel-...`, or `return: cancelled`."""
        runs = [
            step
            for step in self.scene.all(steps.RequestStep)
            if step.verb == "run" and words.CANCEL_NAME.search(step.request)
        ]
        returns = [step for step in self.scene.all(steps.Return) if words.CANCEL_NAME.search(step.outcome)]
        return [*runs, *returns]

    @cached_property
    def done(self) -> dict[Node, None]:
        """The goals, to be asked of."""
        return dict.fromkeys(self.goals)

    @cached_property
    def near(self) -> dict[Node, None]:
        """Everything from which a caller can cancel, alone and without paying."""
        return self.scene.leading_to(self.goals, own_way, alone)

    @cached_property
    def without_offers(self) -> dict[Node, None]:
        """The same, without having to hear an offer."""
        return self.scene.leading_to(
            self.goals, own_way, lambda node: alone(node) and not isinstance(node, steps.Offer)
        )

    @cached_property
    def without_keys_of_the_flow(self) -> dict[Node, None]:
        """The same, by what is said on the way alone."""
        return self.scene.leading_to(
            self.goals, lambda link: own_way(link) and link.kind != "flow_key", alone
        )

    @cached_property
    def flows(self) -> list[str]:
        """The flows that have to do with leaving: they make offers, or promise a key that cancels."""
        offering = {step.flow for step in self.scene.all(steps.Offer)}
        return [
            name
            for name, model in self.scene.models.items()
            if name in offering or model.policy.cancel_key is not None
        ]

    def saving(self) -> list[tuple[steps.Offer, verbs.OfferModel]]:
        """The offers that stand before a cancellation: declined, they lead to it."""
        found = []
        for step in self.scene.all(steps.Offer):
            model = self.scene.model(step, verbs.OfferModel)
            declined = [link.target for link in self.scene.links(step) if link.kind == "decline"]
            if model is not None and any(node in self.near for node in declined):
                found.append((step, model))
        return found
