"""The verbs that reach beyond a call: calls to others, messages, work orders, appointments."""

from ivr.core.diary import PER_PAGE_MAX
from ivr.core.flow import steps
from ivr.core.flow.model import Expression, Node
from ivr.core.flow.steps.appointment import BOOK, CANCEL, CONFIRM, MOVE
from ivr.core.flow.steps.work import RESULTS
from ivr.core.flow.values import ValueType
from ivr.language import promise_models as promises
from ivr.language.center_parts import skills_of
from ivr.language.fields import Spoken
from ivr.language.flow_builder import FlowBuilder, Here
from ivr.language.outward_builders import at, carried, undeclared
from ivr.language.scoping import TEXT
from ivr.language.tree import Text

_INTEGER = ValueType("integer")


def dial(b: FlowBuilder, m: promises.DialModel, after: Node | None, here: Here, path: str) -> Node:
    """dial: call a number."""
    step = steps.Dial(
        to=b.reader.expression(m.dial, TEXT),
        caller_id=str(m.caller_id or ""),
        ring_ms=m.ring,
        **at(b, "dial", after, here, path),
    )
    return b.attach(step, m, here)


def send(b: FlowBuilder, m: promises.SendModel, after: Node | None, here: Here, path: str) -> Node:
    """send: write to somebody."""
    report = b.around.report
    if m.to is None and m.send != "sms" and not m.lost:
        report.add(
            m.send, "missing-key", f"nobody can be reached by {m.send!s} at a phone number", "add to: ..."
        )
    if m.subject is not None and m.send != "email":
        report.warn(m.place_of_key("subject"), "send", "only an email has a subject", "delete 'subject'")
    if m.expect_reply is None:
        for name in ("into", "replied", "no_reply"):
            written = m.into if name == "into" else m.on.get(Text(name))
            if written is not None:
                place = next((key for key in m.on if key == name), m.place_of_key(name))
                report.add(place, "send", f"{name!r} needs an answer to wait for", "add expect_reply: 10m")
    if m.into is not None:
        kind = b.variables.get(str(m.into))
        if kind is None:
            undeclared(b, m.into)
        elif kind.kind != "text":
            report.add(
                m.into, "type", f"an answer is text, {str(m.into)!r} is {kind}", f"declare {m.into}: text"
            )
    step = steps.Send(
        channel=str(m.send),
        to=_whose(b, m.to, m.send),
        text=b.prompts.prompt(m.text),
        subject=b.prompts.prompt(m.subject) if m.subject is not None else None,
        reply_ms=m.expect_reply or 0,
        into=str(m.into or ""),
        **at(b, "send", after, here, path),
    )
    return b.attach(step, m, here)


def work(b: FlowBuilder, m: promises.WorkModel, after: Node | None, here: Here, path: str) -> Node:
    """work: order work from agents who go there."""
    around, report = b.around, b.around.report
    around.known(m.work, "queue", around.queues)
    if m.appointment is not None:
        around.known(m.appointment, "appointment", around.appointments)
    windows = [name for name in ("due", "appointment", "within") if getattr(m, name) is not None]
    if len(windows) > 1:
        report.add(
            m.place_of_key(windows[1]),
            "work",
            f"both {windows[0]!r} and {windows[1]!r} say when",
            "delete one",
        )
    if m.day is not None and m.due is None and not m.lost:
        report.add(m.day, "work", "a day needs the hours of it", "add due: 09:00..17:00")
    language = around.language
    step = steps.Work(
        queue=str(m.work),
        due=m.due,
        day=b.reader.expression(m.day, ValueType("date")) if m.day is not None else None,
        grace_ms=m.grace,
        appointment=str(m.appointment or ""),
        whose=_whose(b, m.for_, m.work) if m.appointment is not None else None,
        priority=b.reader.expression(m.priority, _INTEGER) if m.priority is not None else None,
        skills=skills_of(m.skills, b.around),
        what=b.reader.template(m.what, language) if m.what is not None else None,
        location=b.reader.template(m.location, language) if m.location is not None else None,
        carry=carried(b, m.carry),
        **at(b, "work", after, here, path),
    )
    if m.within is not None:
        step.within_ms = m.within
    return b.attach(step, m, here, RESULTS)


def appointment(
    b: FlowBuilder, m: promises.AppointmentModel, after: Node | None, here: Here, path: str
) -> Node:
    """appointment: book, confirm, move or cancel one."""
    around, report = b.around, b.around.report
    around.known(m.appointment, "appointment", around.appointments)
    way = str(m.do)
    if m.windows > PER_PAGE_MAX:
        report.add(m.place_of_key("windows"), "value", f"at most {PER_PAGE_MAX} windows are read out at once")
    if m.say is None and way != CANCEL and not m.lost:
        report.add(m.appointment, "missing-key", "nothing is asked", 'add say: "When may we come?"')
    say = m.say or Spoken(Text("-", m.appointment), {}, m.appointment)
    step = steps.Appointment(
        prompt=b.prompts.appointment(say, confirm=way == CONFIRM),
        again=b.prompts.appointment(m.again, confirm=way == CONFIRM) if m.again is not None else None,
        listen=b.listen(m.listen, here),
        calendar=str(m.appointment),
        way=way,
        whose=_whose(b, m.for_, m.appointment),
        per_page=m.windows,
        **at(b, "appointment", after, here, path),
    )
    needed = {BOOK: ("none_free",), MOVE: ("not_found", "none_free")}.get(way, ("not_found",))
    outer = {name for handlers in here.outer for name in handlers} | b.model.lost.names
    for name in needed if not m.lost else ():
        if name not in m.on and name not in outer:
            message = f"nothing handles the outcome {name!r}"
            report.add(m.appointment, "unhandled", message, f"add on: {{ {name}: STATE }}")
    return b.attach(step, m, here)


def _whose(b: FlowBuilder, written: Text | None, near: Text) -> Expression:
    """Who is meant; by default the caller's number."""
    return b.reader.expression(written or Text("caller.number", near, one_line=True), TEXT)
