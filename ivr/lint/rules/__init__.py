"""All rules, by subject; importing this fills `ivr.lint.rule.RULES` in the order of the reference."""

from ivr.lint.rules import menus, humans, errors, asking, queues, cancelling, offers  # noqa: I001 - that order

__all__ = ["asking", "cancelling", "errors", "humans", "menus", "offers", "queues"]
