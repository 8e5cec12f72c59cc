"""The values a flow's expressions and prompts read: built when a flow first asks, not for every call.

Roots that change by themselves (`call`, `queue`, `now` ...) are refreshed when an expression that
names them is evaluated; all others are set when something happens.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from ivr.core.call import Call
from ivr.core.facts import call_name
from ivr.core.flow.model import Prompt, Scope, Template
from ivr.core.flow.steps.flows import HangUp
from ivr.core.flow.steps.say import Say
from ivr.core.kernel import Kernel

SORRY: Final = {
    "en": "We are sorry, something went wrong on our side. Goodbye.",
    "ru": "Извините, у нас что-то пошло не так. До свидания.",
    "uk": "Вибачте, у нас щось пішло не так. До побачення.",
}


def _constant(text: str) -> Template:
    return Template(text, frozenset(), lambda _: text)


APOLOGY: Final = Say(
    verb="say",
    flow="",
    state="",
    path="apology",
    prompt=Prompt({language: _constant(text) for language, text in SORRY.items()}, must_hear=True),
    next=HangUp(verb="hangup", flow="", state="", path="apology.1"),
)
"""What a call hears when its flow failed and nothing handles it."""


NO_APPOINTMENT: Final = {
    "name": "",
    "booked": False,
    "starts_at": datetime(1970, 1, 1),  # noqa: DTZ001 - local time of the center
    "ends_at": datetime(1970, 1, 1),  # noqa: DTZ001
}
NO_WORK: Final = {
    "id": "",
    "starts_at": NO_APPOINTMENT["starts_at"],
    "ends_at": NO_APPOINTMENT["ends_at"],
    "place": "",
    "agent": "",
    "note": "",
}
NO_MESSAGE: Final = {"channel": "", "sender": "", "text": ""}


def of(call: Call, kernel: Kernel) -> Scope:
    """The scope of a call, made on first use."""
    if call.scope is None:
        call.scope = {
            "caller": caller_of(call),
            "vars": call.frame.variables,
            "result": {},
            "hours": {"open": True, "next_open": kernel.calendar.local(kernel.now)},
            "error": {"kind": "", "state": "", "message": ""},
            "appointment": NO_APPOINTMENT,
            "work": NO_WORK,
            "message": NO_MESSAGE,
        }
        call.scope |= {root: dict(fields) for root, fields in call.plan.values.items()}
        call.scope["result"] = dict(call.plan.result_values)
    return call.scope


def caller_of(call: Call) -> dict[str, Any]:
    """Who is at the other end."""
    return {"number": call.caller, "name": call.name, "hidden": not call.caller}


def _call(call: Call, kernel: Kernel) -> dict[str, Any]:
    return {
        "id": call_name(call.id),
        "number": call.number,
        "started_at": kernel.calendar.local(call.started),
        "last_state": call.frame.last_state,
        "errors": call.errors,
        "language": call.language,
        "revision": call.frame.flow.revision,
    }


def _queue(call: Call, kernel: Kernel) -> dict[str, Any]:
    visit = call.visit
    if visit is None:
        return {"name": "", "position": 0, "wait": 0.0, "size": 0, "agents": 0}
    size, agents = kernel.queues.sizes(visit.plan.name)
    estimate = kernel.queues.estimate(call)
    return {
        "name": visit.plan.name,
        "position": kernel.queues.position(call),
        "wait": float("inf") if estimate is None else estimate / 1_000,
        "size": size,
        "agents": agents,
    }


def _offer(call: Call, kernel: Kernel) -> dict[str, Any]:
    offer = call.offer
    today = kernel.calendar.local(kernel.now).date()
    if offer is None:
        return {"name": "", "step": 0, "percent": 0, "amount": 0, "months": 0, "price": 0, "ends_on": today}
    return {
        "name": offer.name,
        "step": offer.rung,
        "percent": offer.percent,
        "amount": offer.amount,
        "months": offer.months,
        "price": offer.price,
        "ends_on": add_months(today, offer.months),
    }


def _agent(call: Call, kernel: Kernel) -> dict[str, Any]:
    plan = kernel.plan.agents.get(call.agent)
    return {"name": call.agent, "label": plan.label if plan else ""}


def _consent(call: Call, _: Kernel) -> dict[str, str]:
    return {name: call.turn.consent(name) for name in call.plan.consents}


def _identified(call: Call, _: Kernel) -> dict[str, bool]:
    return {root: call.turn.knows(root) for root in call.plan.values}


MOVING_ROOTS: Final[dict[str, Callable[[Call, Kernel], Any]]] = {
    "call": _call,
    "queue": _queue,
    "offer": _offer,
    "agent": _agent,
    "consent": _consent,
    "identified": _identified,
    "now": lambda _, kernel: kernel.calendar.local(kernel.now),
}
MOVING: Final = frozenset(MOVING_ROOTS)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    last = (date(year + month // 12, month % 12 + 1, 1) - date.resolution).day
    return date(year, month, min(day.day, last))
