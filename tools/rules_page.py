"""The reference page of all rules, from their declarations."""

import ivr.lint.rules  # noqa: F401 - fills RULES
from ivr.language.fields import PACKS
from ivr.lint.example import CENTER
from ivr.lint.formats import anchor
from ivr.lint.rule import RULES, Rule

PACKS_ABOUT = {
    "core": "What serves callers badly anywhere. On unless `lint: { packs: [...] }` leaves it out.",
    "human": "People are reached, and waiting is bearable.",
    "retention": "Offers to those who leave are fair, and leaving is easy.",
    "pt": "What Portugal asks of call centers.",
    "br": "What Brazil asks of them.",
    "es": "What Spain asks of them.",
    "in": "What India asks of them.",
}

MEASURED = (
    ("HUM-4", "keys and seconds until a person, the median and the 95th percentile", "gethuman; effort"),
    (
        "QUE-5",
        (
            "the service level a country asks for: answered within 60 s (pt); 95 % under three minutes on average (es, "
            "due 2026-12-28); 95 % within 90 s (in)"
        ),
        "Decreto-Lei 134/2009; Ley 10/2025, art. 8; TRAI, quality of service",
    ),
    (
        "RET-2",
        "time and keys to cancel, no more than to sign up, and within `policy: cancel_within`",
        "as RET-1",
    ),
)
"""Rules that no file can be judged by: they are measured in a simulation."""

HEAD = """\
# Rules

This page is generated from the rules' declarations in `ivr/lint/rules`, by `python tools/reference.py`. Each example is run
by a test: the one that fails breaks exactly its rule.

A flow can be right and serve its callers badly. `ivr check` looks at rules besides, once there are no errors; which ones is
said in packs:

```yaml
lint:
  packs: [core, human]              # of center.yaml; core alone where nothing is said
  severity: { ERR-5: error }        # a rule's finding, where yours differs from the pack's
```

`ivr check my-center --pack pt` adds a pack for once. Where several packs hold a rule the severest counts. Rules keep no
center from being served: an emulator is also for trying what nobody should be offered.

A finding that is meant is allowed where it stands, with the reason:

```yaml
    - menu: "How can we help?"      # lint: allow MENU-1 because the regulator approved six
```

The comment stands on the line of the finding, or alone on the line above; several ids are joined by commas. A comment without
a reason allows nothing. That, an unknown id, and a comment that no longer allows anything are warnings (`silence`).

Whether a text *means* something (cancelling, a complaint, shame) is told by words of English, and the commonest of Portuguese,
Spanish, German, Russian and Ukrainian. What is a law here is our reading of it, no legal advice.
"""


def rules_page() -> str:
    """Every rule: what, why, on whose word, and two flows."""
    lines = [HEAD, "## Packs", "", "| pack | is about | rules |", "|---|---|---|"]
    for pack in PACKS:
        held = [_held(rule, pack) for rule in RULES.values() if pack in rule.packs]
        lines.append(f"| `{pack}` | {PACKS_ABOUT[pack]} | {', '.join(held)} |")
    lines += ["", "**Bold** rules are errors in that pack, the others warnings.", ""]
    lines += [
        "## Measured, not read",
        "",
        "These are no findings in a file. They are reported by a simulation when it can.",
    ]
    lines += ["", "| id | what | source |", "|---|---|---|"]
    lines += [f"| {id_} | {what} | {source} |" for id_, what, source in MEASURED]
    lines += [
        f"| {rule.id}, in part | {rule.measured} | as below |" for rule in RULES.values() if rule.measured
    ]
    lines += ["", "## The center of the examples", "", "```yaml", CENTER.rstrip(), "```", ""]
    for rule in RULES.values():
        lines += _rule(rule)
    return "\n".join(lines)


def _held(rule: Rule, pack: str) -> str:
    link = f"[{rule.id}](#{anchor(rule.id)})"
    return f"**{link}**" if rule.packs[pack] == "error" else link


def _rule(rule: Rule) -> list[str]:
    packs = ", ".join(f"`{pack}` ({level})" for pack, level in rule.packs.items())
    lines = [
        f"## {rule.id}",
        "",
        f"**{rule.title[:1].upper()}{rule.title[1:]}.** In {packs}.",
        "",
        rule.why,
        "",
    ]
    lines += [
        f"Source: {rule.source.rstrip('.')}.",
        "",
        "Fails:",
        "",
        "```yaml",
        rule.bad.rstrip(),
        "```",
        "",
    ]
    return [*lines, "Passes:", "", "```yaml", rule.good.rstrip(), "```", ""]
