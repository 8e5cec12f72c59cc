"""A center as it looks inside once it was read: models, compiled flows, and which model a node was made of.

`load_center` gives what can be run; this is what rules and pictures are made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.core.flow.model import Flow, Node
from ivr.core.plan import QueuePlan
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings
from ivr.language.models import FlowModel
from ivr.language.problems import Problem, Report
from ivr.language.step_parts import VerbModel


@dataclass(slots=True)
class Inside:
    """What is known of a center; `settings` is None where there is no center.yaml.

    `only` names the file when a single flow was asked for; `origins` leads from a compiled node to the
    step it was made of.
    """

    report: Report
    only: str = ""
    language: str = "en"
    settings: CenterModel | None = None
    models: Mapping[str, FlowModel] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    queues: Mapping[str, QueuePlan] = field(default_factory=dict)
    origins: Mapping[Node, VerbModel] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def show(
        self,
        around: Surroundings,
        models: Mapping[str, FlowModel],
        flows: Mapping[str, Flow],
        settings: CenterModel | None = None,
        queues: Mapping[str, QueuePlan] | None = None,
    ) -> None:
        """Take in what was compiled."""
        self.language, self.origins = around.language, around.origins
        self.models, self.flows = models, flows
        self.settings, self.queues = settings, queues or {}
