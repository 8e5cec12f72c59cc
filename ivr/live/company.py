"""The company that simulated agents of a served center work for."""

from typing import TYPE_CHECKING, Any

from ivr.core.plan import Plan
from ivr.people.talk import Answered, company_of

if TYPE_CHECKING:
    from ivr.live.center import LiveCenter


def employ(center: "LiveCenter", plan: Plan) -> None:
    """Let simulated agents see the company of a center, and have it do things."""

    def ask(name: str, args: dict[str, Any], caller: str, key: str, then: Answered) -> None:
        answer = center.world.answer(name, args, caller, key)
        center.driver.later(answer.delay_ms, then, (answer.outcome, answer.result))

    center.cast.works_for(company_of(plan, ask))
