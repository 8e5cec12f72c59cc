"""The verbs of the flow language, one idea a file; see `ivr.core.flow.model.Step` for their contract."""

from ivr.core.flow.steps.appointment import Appointment
from ivr.core.flow.steps.ask import Ask
from ivr.core.flow.steps.base import Again, ListeningStep, Repeat
from ivr.core.flow.steps.callback import Callback
from ivr.core.flow.steps.consent import Consent
from ivr.core.flow.steps.dial import Dial
from ivr.core.flow.steps.flows import CallFlow, HangUp, Return
from ivr.core.flow.steps.identify import Found, Identify, Unfound
from ivr.core.flow.steps.logic import Chance, Goto, If, Log, Set, Switch
from ivr.core.flow.steps.menu import Menu
from ivr.core.flow.steps.offer import Offer, Rung
from ivr.core.flow.steps.queue import Prefer, Queue
from ivr.core.flow.steps.record import Record
from ivr.core.flow.steps.request import Mock, RequestStep
from ivr.core.flow.steps.say import Say
from ivr.core.flow.steps.send import Send
from ivr.core.flow.steps.survey import Survey
from ivr.core.flow.steps.timing import HoursStep, Wait
from ivr.core.flow.steps.transfer import Transfer
from ivr.core.flow.steps.work import Work

__all__ = [
    "Again",
    "Appointment",
    "Ask",
    "CallFlow",
    "Callback",
    "Chance",
    "Consent",
    "Dial",
    "Found",
    "Goto",
    "HangUp",
    "HoursStep",
    "Identify",
    "If",
    "ListeningStep",
    "Log",
    "Menu",
    "Mock",
    "Offer",
    "Prefer",
    "Queue",
    "Record",
    "Repeat",
    "RequestStep",
    "Return",
    "Rung",
    "Say",
    "Send",
    "Set",
    "Survey",
    "Switch",
    "Transfer",
    "Unfound",
    "Wait",
    "Work",
]
