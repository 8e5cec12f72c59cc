"""The parts of `center.yaml` about the treatment of customers: `effort:`, `loyalty:`, `funnel:`.

The numbers that authors may set are the fields of `ivr.core.treatment`; here they are only made readable.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import Field, create_model

from ivr.core.treatment import EffortWeights, LoyaltyParameters
from ivr.language.fields import Amount, AnyText, Line, Model, Share

SHARES = ("monthly_churn",)


def _numbers(name: str, text: str, of: type[Any]) -> type[Model]:
    """A model with a number for each field of a dataclass, its reason as description."""
    found: dict[str, Any] = {
        field.name: (
            Share if field.name in SHARES else Amount,
            Field(
                field.default,
                description=field.metadata["why"],
                examples=[f"{field.default:.1%}" if field.name in SHARES else field.default],
            ),
        )
        for field in fields(of)
    }
    return create_model(name, __base__=Model, __doc__=text, __module__=__name__, **found)


if TYPE_CHECKING:
    EffortModel: TypeAlias = Model
    LoyaltyModel: TypeAlias = Model
else:
    EffortModel = _numbers(
        "EffortModel", "Points of the effort index for one of each (docs/guides/effort.md).", EffortWeights
    )
    LoyaltyModel = _numbers(
        "LoyaltyModel", "Parameters of the loyalty model (docs/guides/effort.md).", LoyaltyParameters
    )


class FunnelStepModel(Model):
    """A step on the way to a goal, and what shows that it was done."""

    name: Line = Field(description="What is done.", examples=["visit assigned"])
    who: Line = Field(description="Whose hand it is in.", examples=["coordinator"])
    shown_by: dict[AnyText, AnyText] = Field(
        description="The fact that shows it (docs/reference/facts.md), and what its fields have to be.",
        min_length=1,
        examples=[{"fact": "message_sent", "channel": "sms"}],
    )
