"""The center of the fuzz campaign: every verb, small queues that share agents, settings drawn by the seed."""

from random import Random

from ivr.core.plan import EMPTY, SHIFT_ENDS, STRATEGIES
from ivr.language import Center, load_sources

CENTER = """\
center: Fuzz
numbers: {{ "1": main, "2": desk, "3": short }}
contacts: {{ plumber: "+49301" }}
triggers:
  minutely: {{ flow: robot, schedule: {{ every: {every}, rows: customers, when: row.active }}, into: customer }}
  missed: {{ flow: robot, missed_call: ["3"], after: 2s }}
  written: {{ flow: robot, message: sms }}
  paid: {{ flow: robot, becomes: {{ rows: customers, when: row.price < 35 }}, into: customer }}
appointments:
  visit: {{ windows: {{ daily: [09:00..10:00, 15:00..18:00, 19:00..23:00] }}, first: 0, last: 1 }}
data:
  customer: {{ name: text, price: money, active: boolean }}
queues:
  support: {{ ring: {ring}s, retry_after: {rest}s, max_misses: {misses}, wrap_up: {wrap}s, max_wait: {wait}s, overflow_to: billing, {leave}
    strategy: {strategy}, ring_step: 2s, levels: {levels}, empty_means: {empty},
    announce: [{{at: start, say: "Number {{{{ queue.position }}}}."}}, {{every: 7s, say: "Still number {{{{ queue.position }}}}."}}] }}
  billing: {{ ring: 6s, wrap_up: 3s, max_length: {length}, max_wait: 90s, overflow_to: support, weight: {weight}, {join}, strategy: {other} }}
  sales: {{ resume_within: 2m, ring: 5s, retry_after: 0s, max_misses: 3, strategy: {third}, skills: {{ sells: 1 }}, relax: [{{ after: 4s }}] }}
agents:
  anna: {{ queues: [support], skills: {{ russian: 3 }}, supervisor: true }}
  boris: {{ queues: [support, billing], skills: {{ russian: 1 }}, weight: 3, levels: {{ billing: 2 }}, shift_end: {shift}, capacity: 2 }}
  clara: {{ queues: [billing, sales], skills: {{ sells: 2 }}, supervisor: true }}
  daniel: {{ queues: [sales, support], levels: {{ support: 2 }}, capacity: 3 }}
{more}world:
  channels: {{ sms: {{ takes: 1s, fails: 20%, replies: 40%, replies_after: 3s }} }}
  tables:
    customers:
      - {{ phone: "+1", name: Ada, price: 40.00, active: true }}
      - {{ phone: "+2", name: Ben, price: 20.00, active: false }}
  lookups:
    who: {{ args: {{ phone: text }}, from: customers, match: {{ phone: phone }}, into: customer, takes: 1s, fails: 20% }}
  runs:
    spend: {{ row: {{ from: customers, match: {{ phone: caller }} }}, sets: {{ price: row.price - 7 if row.price > 20 else 60 }} }}
    pay: {{ args: {{ amount: money }}, gives: {{ reference: number }}, result: {{ reference: integer }}, takes: 2s, declined: 20%, fails: 10% }}
  processes:
    drift: {{ rows: customers, every: 5m, chance: 30%, sets: {{ price: row.price - 6 if row.price > 20 else 60 }} }}
    turn: {{ rows: customers, every: 7m, chance: 10%, sets: {{ active: not row.active }} }}
  faults:
    slow: {{ lookup: who, share: 5%, takes: 850ms }}
    bank: {{ run: pay, share: 5%, outcome: failed.bank }}
    gateway: {{ channel: sms, share: 5%, outcome: failed.gateway }}
"""

MAIN = """\
flow: main
start: hello
vars: { number: text, n: integer }
on: { operator: wait, error: sorry, hangup: bye, keys: { 9: way-out } }
defaults: { listen: { silence: 4s, between_digits: 2s, tries: 2 } }
states:
  hello:
    - consent: tape
      say: "Welcome{V}. May we?"
      listen: { repeat_after: 2s }
      on: { silence: { say: "Well?" } }
    - lookup: who
      with: { phone: caller.number }
      timeout: 900ms
      retry: { tries: 2, every: 500ms }
      on: { not_found: choose, failed: choose }
    - identify: customer
      by:
        - lookup: who
          with: { phone: caller.number }
        - ask: "Who are you?"
          digits: 1..2
          end_key: hash
          skip_key: star
          into: number
          lookup: who
          with: { phone: vars.number }
          listen: { repeat_after: 1s }
      on: { not_found: choose, failed: choose, give_up: choose, invalid: { say: "No." } }
    - goto: choose
  choose:
    - menu: "How can we help?"
      choices:
        1: { label: "wait", goto: wait }
        2: { label: "russian", goto: skilled }
        3: { label: "warm", goto: warm }
        4: { label: "outside", goto: outside }
        5: { label: "offer", goto: ladder }
        6: { label: "number", goto: number }
        7: { label: "message", goto: message }
        8: { label: "again", repeat: true }
        star: { label: "visit", goto: visit }
      on: { silence: { say: "Nothing heard." }, invalid: { say: "No such key." }, give_up: wait }
  wait:
    - queue: support
      priority: 3 if caller.number == '+1' else 0
      prefer: { last: 5m, wait: 6s }
      callback: { after: 8s, key: 1, say: "Press 1 to be called back.", when: queue.size > 1 }
      on: { callback: book, timeout: late, full: late, empty: late, closed: late }
    - goto: after
  skilled:
    - queue: support
      skills: { russian: 2 }
      relax: [{ after: 5s, skills: { russian: 1 } }, { after: 20s, skills: {} }]
      prefer: { agent: anna, wait: 3s }
      max_wait: 40s
      overflow: sales
      exit_keys: [star, 7]
      on: { timeout: late, full: late, empty: late, closed: late, exit: late, exit.star: choose }
    - goto: after
  warm:
    - transfer: sales
      whisper: "From {{ caller.number }}."
      ring: 12s
      on: { busy: wait, no_answer: wait, rejected: wait, failed: wait }
    - goto: after
  outside:
    - transfer: plumber
      ring: 10s
      on: { busy: wait, no_answer: late, rejected: late, failed: late }
    - goto: after
  ladder:
    - offer: stay
      steps: [{ percent: 10, months: 3 }, { percent: 30, months: 6, when: customer.active }, { amount: 5, months: 1 }]
      say: "{{ offer.percent }} percent off."
      on: { accepted: pay, exhausted: after, give_up: wait, silence: { say: "Hm?" } }
  pay:
    - run: pay
      with: { amount: customer.price }
      timeout: 3s
      retry: { tries: 3, every: 1s }
      on: { declined: sorry, failed: sorry }
    - goto: after
  number:
    - ask: "Your number?"
      digits: 2..4
      end_key: hash
      skip_key: star
      into: number
      confirm: "You said {{ vars.number }}?"
      on: { skipped: choose, give_up: wait, invalid: { call: help, on: { helped: [{ say: "Once more." }] } } }
    - set: { n: round(100 / (len(vars.number) - 3)) }
    - goto: wait
  message:
    - record: "Speak after the tone."
      max: 8s
      end_key: hash
      on: { empty: late }
    - goto: after
  book:
    - callback: support
      to: caller.number
      tries: 2
      retry_every: 30s
      on: { failed: late }
    - hangup
  after:
    - chance:
        - { weight: 30, label: more, then: choose }
        - { weight: 20, label: visit, then: visit }
        - { weight: 50, label: done }
    - run: spend
      on: { declined: gone, failed: gone, not_found: gone }
    - say: "Goodbye."
    - hangup
  visit:
    - appointment: visit
      say: "When?"
      windows: 2
      on: { none_free: late, give_up: late, silence: { say: "Nothing." } }
    - work: sales
      appointment: visit
      on: { failed: late, rescheduled: called, cancelled: gone }
    - work: sales
      within: 40s
      grace: 9s
      priority: 1
      on: { failed: late, done: called, late: called, no_show: called, never_assigned: called }
    - appointment: visit
      do: confirm
      say: "Is {{ appointment.starts_at | time }} all right?"
      on: { not_found: late, give_up: late, declined: { appointment: visit, do: move, say: "When then?", on: { not_found: late, none_free: late, give_up: late } } }
    - chance: [{ weight: 40, label: off, then: [{ appointment: visit, do: cancel, on: { not_found: gone } }, hangup] }, { weight: 60, label: on }]
    - hangup
  called: [{ call: robot }]
  late: [{ say: "It is late." }, { hold: 2s }, hangup]
  sorry: [{ say: "Sorry." }, { goto: wait }]
  way-out: [{ say: "Out." }, hangup]
  bye: [{ log: "bye" }, { run: pay, with: { amount: 1 }, timeout: 9s, on: { declined: gone, failed: gone } }, hangup]
  gone: [hangup]
"""
HELP = """\
flow: help
start: h
returns: [helped]
states:
  h:
    - menu: "Press 1 for help."
      choices: { 1: { label: "help", return: helped } }
      on: { give_up: give, silence: { say: "Nothing." } }
  give: [{ return: helped }]
"""
ROBOT = """\
flow: robot
start: r
vars: { answer: text }
on: { error: e, hangup: bye }
states:
  r:
    - send: sms
      text: "{{ customer.name }}, answer."
      expect_reply: 4s
      into: answer
      on: { failed: ring, no_reply: ring }
    - chance: [{ weight: 10, label: mad, then: [{ say: "Nobody is there." }, hangup] }, { weight: 90, label: sane }]
    - goto: ring
  ring:
    - dial: caller.number
      caller_id: withheld
      ring: 7s
      on: { busy: e, no_answer: [{ wait: 20s }, { goto: once-more }], failed: e }
    - goto: talk
  once-more:
    - dial: caller.number
      ring: 7s
      on: { busy: e, no_answer: e, failed: e }
    - goto: talk
  talk:
    - say: "A robot speaks."
    - chance: [{ weight: 50, label: other, then: [{ dial: "+49301", ring: 6s, on: { busy: e, no_answer: e, failed: e } }, hangup] }, { weight: 50, label: us }]
    - queue: sales
      max_wait: 30s
      on: { timeout: e, full: e, empty: e, closed: e }
    - hangup
  e: [{ log: "{{ vars.answer }}" }, hangup]
  bye: [{ send: push, to: "someone", text: "Bye", on: { failed: e } }, hangup]
"""
DESK = """\
flow: desk
start: s
on: { error: e }
states:
  s: [{ queue: sales, max_wait: 30s, on: { timeout: e, full: e, empty: e, closed: e } }, hangup]
  e: [{ transfer: boris, ring: 9s, on: { busy: z, no_answer: z, rejected: z, failed: z } }, hangup]
  z: [{ say: "Nobody." }, hangup]
"""
SHORT = """\
flow: short
start: s
states: { s: [{ queue: billing, on: { timeout: z, full: z, empty: z, closed: z } }, hangup], z: [hangup] }
"""


def center_for(seed: int, version: str = "", more: str = "", every: str = "1m") -> Center:
    """The center with settings of a seed; `version` changes what is said, and so the digest.

    `more` are further agents, `every` is how often the robot calls.
    """
    chance = Random(seed)
    text = CENTER.format(
        ring=chance.choice([4, 9]),
        rest=chance.choice([0, 2, 5]),
        misses=chance.choice([1, 2, 3]),
        wrap=chance.choice([0, 4]),
        wait=chance.choice([9, 35, 300]),
        leave=chance.choice(["", "leave_when_empty: true,"]),
        join=chance.choice(["join_when_empty: true", "join_when_empty: false"]),
        length=chance.choice([1, 3, 50]),
        weight=chance.choice([0, 2]),
        strategy=chance.choice(STRATEGIES),
        other=chance.choice(STRATEGIES),
        shift=chance.choice(SHIFT_ENDS),
        empty=chance.choice(EMPTY),
        third=chance.choice(STRATEGIES),
        levels=chance.choice(["[]", "[3s]", "[8s]"]),
        more=more,
        every=every,
    )
    return load_sources(
        {
            "center.yaml": text,
            "main.flow.yaml": MAIN.replace("{V}", version),
            "help.flow.yaml": HELP,
            "robot.flow.yaml": ROBOT,
            "desk.flow.yaml": DESK,
            "short.flow.yaml": SHORT,
        }
    )
