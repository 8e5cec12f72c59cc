"""The questions that the author of the first story asks, answered from the scorecard and what was said.

Is the customer loyal? Is the company customer-oriented, for him? Where do their values agree, and where not? How long
will he stay? What company would satisfy him? Each answer says by which figures, so that a reader can judge it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ivr.core.facts import Said
from ivr.observe.journey import Scorecard
from ivr.story.card import calls_of, lasting, term_name
from ivr.story.told import Told

LOYAL_CHURN_MAX: Final = 0.25  # within a year: more than that, and one would not call a customer loyal
ORIENTED_EFFORT_MAX: Final = 33.0  # of 100: a third of the way to the worst there is


@dataclass(frozen=True, slots=True)
class Answer:
    """One question, the answer, and the figures that led to it."""

    question: str
    answer: str
    because: tuple[str, ...]


def answered(told: Told, card: Scorecard, better: Scorecard | None = None) -> list[Answer]:
    """The five answers; `better` is the card of the improved company, which the last one points to."""
    t = _TEXTS.get(told.language, _TEXTS["en"])
    return [
        _loyal(t, told, card),
        _oriented(t, told, card),
        _values(t, card, told.language),
        _stays(t, card),
        _satisfying(t, card, better, told.language),
    ]


def _loyal(t: dict[str, str], told: Told, card: Scorecard) -> Answer:
    churn = card.loyalty.churn_12m
    verdict = t["loyal_yes"] if churn <= LOYAL_CHURN_MAX else t["loyal_no"]
    because = [
        t["tenure"].format(months=told.story.customer.months),
        t["churn"].format(churn=f"{churn:.0%}", base=f"{card.loyalty.undisturbed_12m:.0%}"),
        t["came"].format(made=card.made),
    ]
    return Answer(t["q1"], verdict, tuple(because))


def _oriented(t: dict[str, str], told: Told, card: Scorecard) -> Answer:
    good = card.resolved and card.effort.index <= ORIENTED_EFFORT_MAX
    because = [
        t["effort"].format(index=f"{card.effort.index:.0f}"),
        t["resolved_on"].format(number=card.resolved_on) if card.resolved else t["unresolved"],
        t["knew"].format(unknown=len(card.unknowns), refused=len(card.refusals), sent=card.cold_referrals),
        *_heard(told),
    ]
    return Answer(t["q2"], t["oriented_yes"] if good else t["oriented_no"], tuple(because))


def _heard(told: Told) -> Iterator[str]:
    """What agents said that helped nobody, with its time."""
    agents = told.center.plan.agents
    mine = calls_of(told)
    for fact in told.facts:
        if isinstance(fact, Said) and fact.call in mine and fact.by and fact.act in _UNHELPFUL and fact.text:
            name = agents[fact.by].label or fact.by if fact.by in agents else fact.by
            yield f"{told.local(fact.at):%d.%m %H:%M} {name}: “{fact.text}”"


def _values(t: dict[str, str], card: Scorecard, language: str) -> Answer:
    agree = [t["no_hang_up"]] if not card.hung_up_on else []
    agree += [t["kept"].format(count=card.promises_kept)] if card.promises_kept else []
    agree += [t["short_waits"].format(waited=lasting(card.waited_ms))] if card.waited_ms < 120_000 else []
    differ = [
        f"{term_name(term.name, language)}: {term.count:.3g}"
        for term in card.effort.terms
        if term.name not in _NEUTRAL
    ]
    answer = t["values"].format(
        agree="; ".join(agree) or t["nothing"], differ="; ".join(differ) or t["nothing"]
    )
    offers = tuple(
        t["offer"].format(offer=o.offer, answer=(o.why or o.answer).replace("_", " ")) for o in card.offers
    )
    return Answer(t["q3"], answer, offers)


def _stays(t: dict[str, str], card: Scorecard) -> Answer:
    because = tuple(
        t["cause"].format(name=cause.name.replace("_", " "), ratio=f"{cause.ratio:.2f}")
        for cause in card.loyalty.causes
    )
    return Answer(t["q4"], t["stays"].format(months=f"{card.loyalty.months:.0f}"), because)


def _satisfying(t: dict[str, str], card: Scorecard, better: Scorecard | None, language: str) -> Answer:
    worst = [term_name(term.name, language) for term in card.effort.terms[:3]]
    answer = t["satisfying"].format(without=", ".join(worst)) if worst else t["this_one"]
    because = []
    if better is not None:
        because.append(
            t["improved"].format(
                index=f"{better.effort.index:.0f}",
                churn=f"{better.loyalty.churn_12m:.0%}",
                contacts=better.contacts,
            )
        )
    return Answer(t["q5"], answer, tuple(because))


_UNHELPFUL: Final = ("unknown", "refuses", "refers")
_NEUTRAL: Final = ("prompt_minute", "key", "datum_asked")

_TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "q1": "Is the customer loyal?",
        "loyal_yes": "Yes: after all this he is still likely to stay.",
        "loyal_no": "Not any more: the model gives the company a bad chance of keeping him.",
        "tenure": "a customer of {months} months",
        "churn": "leaves within a year with probability {churn}; without this matter {base} (model)",
        "came": "contacts that he made himself: {made}",
        "q2": "Is the company customer-oriented, for him?",
        "oriented_yes": "Yes: his matter was settled, at little effort.",
        "oriented_no": "No.",
        "effort": "effort index {index} of 100",
        "resolved_on": "resolved on contact {number}",
        "unresolved": "not resolved",
        "knew": "somebody did not know: {unknown}; refused: {refused}; sent elsewhere: {sent}",
        "q3": "Where do their values agree, and where do they differ?",
        "values": "They agree in this: {agree}. They differ in this: {differ}.",
        "no_hang_up": "nobody hung up on him",
        "kept": "promises kept: {count}",
        "short_waits": "waits are short ({waited} in all)",
        "nothing": "nothing",
        "offer": "offered {offer}: {answer}",
        "q4": "How long will he stay?",
        "stays": "About {months} months more, says the model.",
        "cause": "{name}: hazard × {ratio}",
        "q5": "What company would satisfy him?",
        "satisfying": "One without these: {without}.",
        "this_one": "This one.",
        "improved": "the improved one: effort {index}, contacts {contacts}, leaves within a year {churn}",
    },
    "ru": {
        "q1": "Лоялен ли клиент?",
        "loyal_yes": "Да: после всего этого он, скорее всего, останется.",
        "loyal_no": "Уже нет: по модели шансы удержать его плохи.",
        "tenure": "клиент {months} месяцев",
        "churn": "уйдёт за год с вероятностью {churn}; без этой истории {base} (модель)",
        "came": "сколько раз обращался сам: {made}",
        "q2": "Клиентоориентированна ли компания для него?",
        "oriented_yes": "Да: вопрос решён, и без труда.",
        "oriented_no": "Нет.",
        "effort": "индекс усилий {index} из 100",
        "resolved_on": "решено на контакте {number}",
        "unresolved": "не решено",
        "knew": "«не знаю»: {unknown}; отказы: {refused}; отправили звонить самому: {sent}",
        "q3": "Где их ценности совпадают, а где нет?",
        "values": "Совпадают: {agree}. Не совпадают: {differ}.",
        "no_hang_up": "трубку никто не бросал",
        "kept": "выполненные обещания: {count}",
        "short_waits": "ждать почти не пришлось (всего {waited})",
        "nothing": "ни в чём",
        "offer": "предложено {offer}: {answer}",
        "q4": "Как долго он ещё останется?",
        "stays": "Ещё около {months} месяцев, говорит модель.",
        "cause": "{name}: риск × {ratio}",
        "q5": "Какая компания его устроит?",
        "satisfying": "Та, где нет этого: {without}.",
        "this_one": "Эта.",
        "improved": "исправленная: усилия {index}, контактов {contacts}, уйдёт за год {churn}",
    },
}
"""The texts; the one story that asks is told in Russian and English, and any other language gets English."""
