"""What a transcript and a scorecard say besides the story's own words, in the languages of the stories."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "calls": {"en": "calls {what}", "ru": "звонит: {what}", "uk": "дзвонить: {what}"},
    "rings": {
        "en": "the phone rings: {what}",
        "ru": "звонит телефон: {what}",
        "uk": "дзвонить телефон: {what}",
    },
    "withheld": {"en": "number withheld", "ru": "номер скрыт", "uk": "номер приховано"},
    "no_answer": {"en": "nobody answers", "ru": "никто не отвечает", "uk": "ніхто не відповідає"},
    "picks_up": {"en": "answers", "ru": "снимает трубку", "uk": "знімає слухавку"},
    "machine": {"en": "automatic voice", "ru": "автомат", "uk": "автомат"},
    "waits": {"en": "waits", "ru": "ждёт", "uk": "чекає"},
    "on_hold": {"en": "on hold", "ru": "на удержании", "uk": "на утриманні"},
    "presses": {"en": "presses {what}", "ru": "нажимает {what}", "uk": "натискає {what}"},
    "there": {"en": "{what} is on the line", "ru": "на линии {what}", "uk": "на лінії {what}"},
    "transferred": {"en": "transferred to {what}", "ru": "переводят: {what}", "uk": "переводять: {what}"},
    "agent_hangs_up": {"en": "{what} hangs up", "ru": "{what} кладёт трубку", "uk": "{what} кладе слухавку"},
    "hangs_up": {"en": "hangs up", "ru": "кладёт трубку", "uk": "кладе слухавку"},
    "ends": {"en": "the call ends", "ru": "разговор окончен", "uk": "розмову закінчено"},
    "looks": {"en": "{what}: {how}", "ru": "{what}: {how}", "uk": "{what}: {how}"},
    "appointment": {
        "en": "appointment {what}: {how}",
        "ru": "визит {what}: {how}",
        "uk": "візит {what}: {how}",
    },
    "booked": {"en": "booked", "ru": "назначен", "uk": "призначено"},
    "confirmed": {"en": "confirmed", "ru": "подтверждён", "uk": "підтверджено"},
    "moved": {"en": "moved", "ru": "перенесён", "uk": "перенесено"},
    "cancelled": {"en": "cancelled", "ru": "отменён", "uk": "скасовано"},
    "work": {"en": "work order: {how}", "ru": "заявка: {how}", "uk": "заявка: {how}"},
    "ordered": {"en": "on the list", "ru": "в очереди", "uk": "у черзі"},
    "assigned": {"en": "assigned to {what}", "ru": "назначена: {what}", "uk": "призначено: {what}"},
    "done": {"en": "done", "ru": "выполнена", "uk": "виконано"},
    "late": {"en": "done, late", "ru": "выполнена с опозданием", "uk": "виконано із запізненням"},
    "no_show": {"en": "nobody came", "ru": "никто не приехал", "uk": "ніхто не приїхав"},
    "never_assigned": {"en": "never assigned", "ru": "так и не отписана", "uk": "так і не призначено"},
    "rescheduled": {"en": "rescheduled", "ru": "перенесена", "uk": "перенесено"},
    "did_not_come": {"en": "and nothing comes", "ru": "и ничего не приходит", "uk": "і нічого не надходить"},
    "nobody_called": {"en": "and nobody calls", "ru": "и никто не звонит", "uk": "і ніхто не дзвонить"},
    "rows": {"en": "{how} entries", "ru": "строк: {how}", "uk": "рядків: {how}"},
    "customer": {"en": "customer", "ru": "клиент", "uk": "клієнт"},
    "behind": {"en": "behind the scenes", "ru": "за кадром", "uk": "за кадром"},
    "as-told": {"en": "as told", "ru": "как было", "uk": "як було"},
    "improved": {"en": "improved", "ru": "как надо", "uk": "як треба"},
    # the scorecard
    "scorecard": {"en": "Scorecard", "ru": "Оценка", "uk": "Оцінка"},
    "difference": {"en": "difference", "ru": "разница", "uk": "різниця"},
    "contacts": {"en": "contacts", "ru": "контакты", "uk": "контакти"},
    "made": {"en": "made by the customer", "ru": "из них начал клиент", "uk": "з них почав клієнт"},
    "channels": {"en": "channels", "ru": "каналы", "uk": "канали"},
    "redials": {"en": "redials", "ru": "повторные звонки", "uk": "повторні дзвінки"},
    "transfers": {"en": "transfers", "ru": "переводы", "uk": "переведення"},
    "cold_referrals": {
        "en": "sent elsewhere without a transfer",
        "ru": "отправили звонить самому",
        "uk": "відправили телефонувати самому",
    },
    "asked_again": {
        "en": "asked the same again",
        "ru": "спросили то же ещё раз",
        "uk": "спитали те саме ще раз",
    },
    "keys": {"en": "keys pressed", "ru": "нажатия клавиш", "uk": "натискання клавіш"},
    "prompts": {"en": "listening to prompts", "ru": "слушал автомат", "uk": "слухав автомат"},
    "waiting": {"en": "waiting", "ru": "ожидание", "uk": "очікування"},
    "hold": {"en": "on hold in talks", "ru": "удержание в разговоре", "uk": "утримання в розмові"},
    "talking": {"en": "talking", "ru": "разговор", "uk": "розмова"},
    "people": {"en": "people met", "ru": "собеседники", "uk": "співрозмовники"},
    "hung_up_on": {"en": "hung up on", "ru": "бросили трубку", "uk": "кинули слухавку"},
    "missed": {"en": "calls nobody answered", "ru": "звонки без ответа", "uk": "дзвінки без відповіді"},
    "promises": {
        "en": "promises kept, broken",
        "ru": "обещания: сдержаны, нарушены",
        "uk": "обіцянки: виконано, порушено",
    },
    "refusals": {"en": "refusals", "ru": "отказы", "uk": "відмови"},
    "unknowns": {"en": "nobody knew", "ru": "не знали", "uk": "не знали"},
    "offers": {
        "en": "offers heard, unfitting",
        "ru": "предложения: всего, мимо",
        "uk": "пропозиції: усього, повз",
    },
    "resolved": {"en": "resolved on contact", "ru": "решено на контакте", "uk": "вирішено на контакті"},
    "not_resolved": {"en": "not resolved", "ru": "не решено", "uk": "не вирішено"},
    "effort": {"en": "effort index (0 to 100)", "ru": "индекс усилий (0–100)", "uk": "індекс зусиль (0–100)"},
    "from": {"en": "  from", "ru": "  из чего", "uk": "  з чого"},
    "churn": {
        "en": "leaves within a year (model)",
        "ru": "уйдёт за год (модель)",
        "uk": "піде за рік (модель)",
    },
    "undisturbed": {
        "en": "  without this matter",
        "ru": "  без этой истории",
        "uk": "  без цієї історії",
    },
    "months": {
        "en": "months still to stay (model)",
        "ru": "останется ещё месяцев (модель)",
        "uk": "залишиться ще місяців (модель)",
    },
    "made_again": {"en": "had to come again", "ru": "обращался снова", "uk": "звертався знову"},
    "channel_switch": {"en": "had to change channels", "ru": "сменил канал", "uk": "змінив канал"},
    "asked": {"en": "asked for a datum", "ru": "спросили данные", "uk": "спитали дані"},
    "minutes_waiting": {"en": "minutes waiting", "ru": "минуты ожидания", "uk": "хвилини очікування"},
    "minutes_hold": {"en": "minutes on hold", "ru": "минуты удержания", "uk": "хвилини утримання"},
    "minutes_prompts": {"en": "minutes of prompts", "ru": "минуты автомата", "uk": "хвилини автомата"},
    "offers_unfitting": {"en": "offers that did not fit", "ru": "предложения мимо", "uk": "пропозиції повз"},
    "offer_declined": {
        "en": "offers declined",
        "ru": "отклонённые предложения",
        "uk": "відхилені пропозиції",
    },
    "promises_broken": {"en": "promises broken", "ru": "нарушенные обещания", "uk": "порушені обіцянки"},
    "promise_late": {
        "en": "promises kept late",
        "ru": "обещания с опозданием",
        "uk": "обіцянки із запізненням",
    },
    "miss": {"en": "inputs missed", "ru": "ошибки ввода", "uk": "помилки введення"},
    "weakest": {"en": "weakest link", "ru": "слабое звено", "uk": "слабка ланка"},
    "funnel": {"en": "Funnel by hand-over", "ru": "Воронка по передачам", "uk": "Воронка за передачами"},
    "questions": {"en": "The author's questions", "ru": "Вопросы автора", "uk": "Питання автора"},
}
"""A word or a phrase by name and language; `{what}` and `{how}` are filled in."""


def say(name: str, language: str, **values: object) -> str:
    """A phrase in a language, else in English; a name that is not known is itself."""
    phrases = WORDS.get(name)
    if phrases is None:
        return name.replace("_", " ")
    return phrases.get(language, phrases["en"]).format(**values)
