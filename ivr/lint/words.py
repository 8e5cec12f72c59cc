"""What texts say, as far as rules need to know: keys that are named, and words with a meaning."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ivr.language.fields import Spoken
from ivr.language.models import ChoiceModel
from ivr.language.tree import Text

_PRESS: Final = re.compile(
    r"\b(?:press(?:ing)?|нажмите|нажав|нажать|натисніть|натиснувши|drücken sie|pulse|marque|oprima|presione"
    r"|prima|pressione|digite|carregue)"
    r"(?: (?:just|the|die|el|la|a|o|no|na|key|taste|tecla|número|клавишу|кнопку|клавішу))*"
    r" (?P<key>\d|star|hash|pound|звёздочку|звездочку|решётку|решетку|зірочку|решітку|raute|stern"
    r"|almohadilla|numeral|asterisco|cardinal|estrela)\b",
    re.IGNORECASE,
)
_SIGNS: Final = {
    **dict.fromkeys(("star", "звёздочку", "звездочку", "зірочку", "stern", "asterisco", "estrela"), "*"),
    **dict.fromkeys(
        ("hash", "pound", "решётку", "решетку", "решітку", "raute", "almohadilla", "numeral", "cardinal"), "#"
    ),
}
_KEY_FIRST: Final = re.compile(
    r"(?:^|[.!?;,] )(?:please )?press (?:\d|star|hash) (?:for|to|if)\b", re.IGNORECASE
)
_TO_SPEAK: Final = re.compile(r"\b(?:say|скажите|скажіть|sagen sie|diga)\b", re.IGNORECASE)

CANCEL: Final = re.compile(
    r"cancel|terminat|end (?:your|my|the) (?:contract|service|plan)|отмен|отключ|расторг|скасув|розірв|kündig"
    r"|stornier|rescindir|rescisão|baja",
    re.IGNORECASE,
)
CANCEL_NAME: Final = re.compile(r"cancel|terminat|kuendig|storn|rescind", re.IGNORECASE)
COMPLAINT: Final = re.compile(r"complain|жалоб|претензи|скарг|beschwer|reclam|queja", re.IGNORECASE)
MORE: Final = re.compile(
    r"\b(?:more|other|further) (?:options|choices|services)|другие (?:варианты|услуги)|інші варіанти"
    r"|weitere optionen|(?:más|otras) opciones|(?:mais|outras) opções",
    re.IGNORECASE,
)
DEBT: Final = re.compile(r"debt|owe[sd]?|owing|arrears|overdue|unpaid|balance_due|outstanding", re.IGNORECASE)
PAYMENT: Final = re.compile(
    r"(?:^|[-_])(?:pay|payment|payments|charge|settle|collect)(?:$|[-_])", re.IGNORECASE
)
SHAMING: Final = re.compile(
    r"are you (?:really |quite )?sure|do you really|you(?:'ll| will) (?:regret|lose|miss)|miss out|regret"
    r"|i don't (?:want|like|care)|no thanks, i|i prefer to pay more|sad to|вы уверены|пожалеете|вы потеряете"
    r"|ви впевнені|пошкодуєте|sind sie sicher|¿está seguro|tem certeza|tem a certeza|vai perder|va a perder",
    re.IGNORECASE,
)
FETCH: Final = re.compile(
    r"\b(?:customer|account|contract|card|invoice|bill|order|reference|meter|policy|serial|tracking|iban)\b",
    re.IGNORECASE,
)
CODE: Final = re.compile(
    r"\{\{\s*(?P<name>[a-z_.]*\b(?:[a-z_]*_)?(?:reference|code|pin|phone|ticket|iban|serial|contract_number"
    r"|account_number|order_number|customer_number|number))\s*(?P<filters>(?:\|[^}]*)?)\}\}"
)


def texts(spoken: Spoken | None) -> list[Text]:
    """A text in all its languages."""
    if spoken is None:
        return []
    return [*spoken.languages.values()] if spoken.plain is None else [spoken.plain]


def says(spoken: Iterable[Spoken | None]) -> Iterator[Text]:
    """Some texts in all their languages."""
    for one in spoken:
        yield from texts(one)


def keys_named(text: str) -> dict[str, None]:
    """The keys a text tells to press, in order."""
    return {_SIGNS.get(word := match["key"].lower(), word): None for match in _PRESS.finditer(text)}


def key_first(text: str) -> bool:
    """Whether a text names a key before it says what for."""
    return _KEY_FIRST.search(text) is not None


def asks_to_speak(text: str) -> bool:
    """Whether a text tells callers to say something."""
    return _TO_SPEAK.search(text) is not None


def labels(choice: Any) -> list[Text]:
    """The label of a menu's choice in all languages."""
    return texts(choice.label) if isinstance(choice, ChoiceModel) else []


def shown(key: str) -> str:
    """A key as authors write it."""
    return {"*": "star", "#": "hash"}.get(key, key)
