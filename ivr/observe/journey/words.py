"""What is said in a talk, put into its contact by dialogue act (see `ivr.core.acts`)."""

from typing import TypeVar

from ivr.core.facts import Said
from ivr.limits import CONTACT_NOTES_MAX
from ivr.observe.journey.contact import Contact, Heard

T = TypeVar("T")


def grown(notes: tuple[T, ...], note: T) -> tuple[T, ...]:
    """The notes of a contact with one more, as long as they are not too many: a peer may say things for hours."""
    return (*notes, note) if len(notes) < CONTACT_NOTES_MAX else notes


def take(contact: Contact, fact: Said) -> None:
    """Note what somebody said; promises and the caller's matter are for the fold itself."""
    contact.said = True
    what = fact.about or fact.text
    if not fact.by:
        if fact.act in ("accepts", "declines"):
            _answer(contact, fact)
    elif fact.act == "asks":
        if fact.about:  # a question without a subject is small talk
            contact.asked = grown(contact.asked, fact.about)
    elif fact.act == "refers":
        contact.referrals = grown(contact.referrals, what)
    elif fact.act == "refuses":
        contact.refused = grown(contact.refused, what)
    elif fact.act == "unknown":
        contact.unknown = grown(contact.unknown, what)
    elif fact.act == "offers":
        contact.offers = grown(contact.offers, Heard(what, fact.detail))
    elif fact.act == "settles":
        contact.settled = "said"


def _answer(contact: Contact, fact: Said) -> None:
    """The caller answers an offer: the last open one of that name, else the last open one."""
    answer = "accepted" if fact.act == "accepts" else "declined"
    waiting = [offer for offer in contact.offers if not offer.answer]
    named = [offer for offer in waiting if offer.offer == fact.about]
    for offer in [*waiting, *named][-1:]:
        offer.answer = answer
        offer.why = fact.detail
