"""Dialogue acts: what somebody in a talk does by saying something.

A small selection, in the sense of ISO 24617-2, of those by which the treatment of a customer can be told.
What an act is `about` is named by whoever speaks: a datum (`contract`), an offer, a matter, a place.
"""

from typing import Final

ACTS: Final = {
    "says": "something that is none of the others",
    "wants": "the caller says what they call about",
    "asks": "for a datum, or a question",
    "answers": "what was asked",
    "unknown": "does not know about it",
    "refuses": "will not do it, or not let it be done",
    "refers": "the caller has to turn to somebody else themselves: a cold referral",
    "promises": "that something will be done; `detail` is by when, such as 2h",
    "offers": "something commercial; `detail` is how much",
    "accepts": "an offer",
    "declines": "an offer; `detail` is why, `not_for_me` when it does not fit",
    "grants": "what was asked for",
    "does": "something in the company's systems; `detail` is how that went",
    "settles": "the matter: there is nothing left to do about it",
}
"""Acts by name, with what they mean."""
