"""The files of a new center; `%NAME%` is its name. A test runs `ivr check` on them."""

from typing import Final

_CENTER: Final = """\
# yaml-language-server: $schema=center.schema.json
# What all flows of the center share. `ivr schema center > center.schema.json` (and `flow`, `people`, `test`)
# makes your editor check and complete these files; `ivr check .` checks them in any case.
center: %NAME%
timezone: Europe/Berlin
language: en

# What callers dial, and the flow that answers. Try: ivr call hotline
numbers:
  hotline: main

# Where callers wait. The names are used in flows, reports and metrics.
queues:
  help:
    service_level: { within: 20s, target: 80% }   # the promise: 80% answered within 20 seconds
    ring: 15s                                      # how long an agent is asked before the next one is
    wrap_up: 20s                                   # the longest work after a talk
    max_wait: 10m                                  # after that, the flow goes on with `timeout`
    music: soft-piano

# Who answers. Simulated, until somebody sits down: ivr agent anna
agents:
  anna: { name: Anna, queues: [help] }
  ben: { name: Ben, queues: [help] }
  carla: { name: Carla, queues: [help] }
"""

_FLOW: Final = """\
# yaml-language-server: $schema=flow.schema.json
# A flow is a set of states, each a list of steps. A call begins at `start`; a step follows another
# until one of them leads elsewhere (goto, a menu's choice) or ends the call (hangup).
flow: main
start: welcome

defaults:
  listen: { silence: 5s, tries: 3 }     # how menus wait for a key

on:                                     # for the whole flow, unless a step says otherwise
  operator: waiting                     # adds key 0 to every menu
  error: waiting                        # when something goes wrong, a person helps

states:
  welcome:
    - say: "Welcome to %NAME%."
    - goto: main-menu

  main-menu:
    - menu: "What can we do for you?"   # the prompt is made of the labels: "For help, press 1. ..."
      choices:
        1: { label: "For help", goto: waiting }
        2: { label: "To hear what this is", goto: about }
        9: { label: "To hear this again", repeat: true }
      on:
        silence: { say: "I did not hear a choice." }
        invalid: { say: "That key is not one of the options." }
        give_up: waiting                # after three misses

  about:
    - say: "This is a center of your own. Change main dot flow dot yaml, and call again."
    - goto: main-menu

  waiting:
    - queue: help                       # ends when an agent has talked with the caller, or:
      announce:
        - at: start
          say: "You are number {{ queue.position }} in line."
        - every: 30s
          say: "You are now number {{ queue.position }}."
      on: { timeout: sorry }
    - say: "Thank you for calling. Goodbye."
    - hangup

  sorry:
    - say: "We are sorry, all of us are busy. Please call again later."
    - hangup
"""

_PEOPLE: Final = """\
# yaml-language-server: $schema=people.schema.json
# Who calls and how the agents work while nobody real is there. `ivr serve --no-people` leaves them out.
agents:
  default:                              # every agent, unless there is an entry of their own
    answers_after: { law: exponential, mean: 3s }
    talks: { law: lognormal, mean: 90s, cv: 0.8 }
    wraps_up: { law: exponential, mean: 15s }
    misses: 2%                          # rings nobody answers
  ben: { talks: { law: lognormal, mean: 60s, cv: 0.6 } }

callers:
  arrivals: { rate: 60/h }
  kinds:                                # `share` is a weight: of four callers three want help
    - name: needs help
      share: 3
      dials: hotline
      wants: "help"                     # they press the key whose label says so
      patience: { law: exponential, mean: 3m }
      thinks: { law: exponential, mean: 2s }
      knows: 20%                        # press the key before the prompt ends
    - name: curious
      share: 1
      dials: hotline
      wants: "hear what this is"
      patience: { law: exponential, mean: 1m }
      thinks: { law: uniform, low: 1s, high: 4s }
      hangs_up_in_menu: 20%
"""

_TESTS: Final = """\
# yaml-language-server: $schema=test.schema.json
# What a caller does, and what has to come of it. `ivr test .` runs all of it in virtual time, and says
# with --coverage which parts of the flow no test has met.
tests:
  - test: help is one key away
    dials: hotline
    agents: { help: 1 }                   # one agent is there; without this line nobody is
    caller:
      - { hears: "What can we do for you?", press: 1 }
      - talks_to: anybody
    expect:
      queue: { help: answered }
      metrics: { keys: 1, time_to_person: { below: 1m } }

  - test: silence leads to a person
    dials: hotline
    agents: { help: 1 }
    caller:
      - hears: "What can we do for you?"  # and nothing is pressed
      - talks_to: anybody
    expect: { metrics: { misses: 3 } }

  - test: after ten minutes nobody waits any longer
    dials: hotline
    caller:
      - { hears: "What can we do for you?", press: 1 }
      - waits: 10m
      - hears: "all of us are busy"
    expect: { queue: { help: timeout }, ended: flow_hung_up }
"""

FILES: Final = {
    "center.yaml": _CENTER,
    "main.flow.yaml": _FLOW,
    "people.people.yaml": _PEOPLE,
    "main.test.yaml": _TESTS,
}
