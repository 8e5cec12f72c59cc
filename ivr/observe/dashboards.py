"""The Grafana dashboard "IVR wallboard", built here and checked in as JSON.

`python -m ivr.observe.dashboards grafana` writes it anew; a test compares the two, and checks that
every metric asked for exists. Service levels are computed from counters, so that any window is exact.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

Panel: TypeAlias = dict[str, Any]

FILE: Final = "dashboards/ivr-wallboard.json"
"""Where the dashboard lies, in the folder `grafana`."""

_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_CENTER: Final = 'job=~"$job",instance=~"$instance"'
_QUEUES: Final = f'{_CENTER},queue=~"$queue"'
_RATE: Final = "[$__rate_interval]"
_COLUMNS: Final = 24
_DECIDED: Final = 'outcome=~"answered|abandoned|short_abandoned"'


def _query(expression: str, legend: str, *, instant: bool = False) -> dict[str, Any]:
    return {"datasource": _SOURCE, "expr": expression, "legendFormat": legend, "instant": instant}


def _panel(
    kind: str,
    title: str,
    description: str,
    unit: str,
    queries: Sequence[tuple[str, str]],
    *,
    width: int = 8,
    height: int = 8,
    stack: bool = False,
    limits: Sequence[tuple[float | None, str]] = ((None, "green"),),
    most: float | None = None,
) -> Panel:
    """A panel; `limits` are the values from which a colour holds, in order."""
    defaults: dict[str, Any] = {
        "unit": unit,
        "min": 0,
        "thresholds": {
            "mode": "absolute",
            "steps": [{"value": value, "color": color} for value, color in limits],
        },
    }
    if most is not None:
        defaults["max"] = most
    options: dict[str, Any]
    if kind == "timeseries":
        defaults["custom"] = {
            "drawStyle": "line",
            "lineWidth": 2,
            "fillOpacity": 40 if stack else 8,
            "showPoints": "never",
            "stacking": {"mode": "normal" if stack else "none", "group": "A"},
        }
        options = {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    else:
        options = {
            "colorMode": "background",
            "graphMode": "area",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    targets = [
        {**_query(expression, legend), "refId": chr(ord("A") + number)}
        for number, (expression, legend) in enumerate(queries)
    ]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": targets,
        "gridPos": {"w": width, "h": height},
    }


def _sum(by: str, function: str, metric: str, labels: str = _QUEUES, window: str = _RATE) -> str:
    grouping = f" by ({by}) " if by else ""
    return f"sum{grouping}({function}({metric}{{{labels}}}{window}))"


def _now() -> list[Panel]:
    """The top row: what a supervisor looks at first."""
    level = (
        f"{_sum('', 'increase', 'ivr_calls_answered_within_threshold_total', window='[$__range]')}"
        f" / {_sum('', 'increase', 'ivr_calls_finished_total', f'{_QUEUES},{_DECIDED}', '[$__range]')}"
    )
    return [
        _panel(
            "stat",
            "Calls waiting",
            "Calls in the queues now.",
            "short",
            [(f"sum(ivr_queue_calls_waiting{{{_QUEUES}}})", "waiting")],
            width=5,
            height=5,
            limits=((None, "green"), (5, "yellow"), (15, "red")),
        ),
        _panel(
            "stat",
            "Longest wait",
            "How long the caller who has waited longest has waited.",
            "s",
            [(f"max(ivr_queue_oldest_call_age_seconds{{{_QUEUES}}})", "longest")],
            width=5,
            height=5,
            limits=((None, "green"), (60, "yellow"), (180, "red")),
        ),
        _panel(
            "stat",
            "Service level",
            "Calls answered within their queue's threshold, as a share of those answered or abandoned,"
            " over the time range shown.",
            "percentunit",
            [(level, "in time")],
            width=5,
            height=5,
            most=1,
            limits=((None, "red"), (0.7, "yellow"), (0.8, "green")),
        ),
        _panel(
            "stat",
            "Calls in progress",
            "All calls now: in a flow, waiting or talking.",
            "short",
            [(f"sum(ivr_calls_in_progress{{{_CENTER}}})", "calls")],
            width=5,
            height=5,
        ),
        _panel(
            "stat",
            "Callbacks pending",
            "Customers who gave up waiting on the line and keep a place.",
            "short",
            [(f"sum(ivr_callbacks_pending{{{_QUEUES}}})", "callbacks")],
            width=4,
            height=5,
        ),
    ]


def _waits() -> list[Panel]:
    bucket = _sum("queue, le", "rate", "ivr_queue_wait_seconds_bucket", f'{_QUEUES},outcome="answered"')
    in_time = _sum("queue", "rate", "ivr_calls_answered_within_threshold_total")
    decided = _sum("queue", "rate", "ivr_calls_finished_total", f"{_QUEUES},{_DECIDED}")
    within_20 = _sum(
        "queue", "rate", "ivr_queue_wait_seconds_bucket", f'{_QUEUES},outcome="answered",le="20.0"'
    )
    answered = _sum("queue", "rate", "ivr_queue_wait_seconds_count", f'{_QUEUES},outcome="answered"')
    return [
        _panel(
            "timeseries",
            "Waiting by queue",
            "Calls waiting, a queue a line.",
            "short",
            [(f"sum by (queue) (ivr_queue_calls_waiting{{{_QUEUES}}})", "{{queue}}")],
        ),
        _panel(
            "timeseries",
            "Wait until answered, p50 and p90",
            "Half, and nine in ten, of the calls answered had waited at most this long.",
            "s",
            [
                (f"histogram_quantile(0.5, {bucket})", "{{queue}} p50"),
                (f"histogram_quantile(0.9, {bucket})", "{{queue}} p90"),
            ],
        ),
        _panel(
            "timeseries",
            "Estimated wait",
            "What a caller joining now would be told; no line when nobody works the queue.",
            "s",
            [(f"max by (queue) (ivr_queue_estimated_wait_seconds{{{_QUEUES}}})", "{{queue}}")],
        ),
        _panel(
            "timeseries",
            "Service level by queue",
            "Answered within the queue's threshold, of those answered or abandoned; and the target.",
            "percentunit",
            [
                (f"{in_time} / {decided}", "{{queue}}"),
                (f"max by (queue) (ivr_service_level_target_ratio{{{_QUEUES}}})", "{{queue}} target"),
            ],
            most=1,
        ),
        _panel(
            "timeseries",
            "Answered within 20 seconds",
            "Of the calls answered, those who waited 20 s at most, whatever the queue's own threshold is.",
            "percentunit",
            [(f"{within_20} / {answered}", "{{queue}}")],
            most=1,
        ),
        _panel(
            "timeseries",
            "How waits end",
            "Queue visits ended, by outcome.",
            "short",
            [(_sum("outcome", "increase", "ivr_calls_finished_total"), "{{outcome}}")],
            stack=True,
        ),
    ]


def _agents() -> list[Panel]:
    busy = _sum(
        "queue", "rate", "ivr_agent_state_seconds_total", f'{_QUEUES},state=~"talking|holding|wrap_up"'
    )
    there = _sum(
        "queue", "rate", "ivr_agent_state_seconds_total", f'{_QUEUES},state!~"paused|not_responding"'
    )
    handle = f"{_sum('queue', 'rate', 'ivr_handle_seconds_sum')} / " + _sum(
        "queue", "rate", "ivr_handle_seconds_count"
    )
    return [
        _panel(
            "timeseries",
            "Agents by state",
            "Agents in each state; one who serves two queues counts in both, so choose a queue above.",
            "short",
            [(f"sum by (state) (ivr_agents{{{_QUEUES}}})", "{{state}}")],
            stack=True,
        ),
        _panel(
            "timeseries",
            "Occupancy",
            "Share of the agents' working time spent in talk, hold and wrap-up.",
            "percentunit",
            [(f"{busy} / {there}", "{{queue}}")],
            most=1,
        ),
        _panel(
            "timeseries",
            "Handle time",
            "Mean of talk, hold and wrap-up of a call.",
            "s",
            [(handle, "{{queue}}")],
        ),
        _panel(
            "timeseries",
            "Reservations",
            "Agents asked to take a call: accepted, rejected, lapsed (no answer) or rescinded (caller gone).",
            "short",
            [(_sum("result", "increase", "ivr_reservations_total"), "{{result}}")],
            stack=True,
        ),
        _panel(
            "timeseries",
            "Callbacks",
            "Callbacks booked, and how they ended.",
            "short",
            [
                (_sum("", "increase", "ivr_callbacks_booked_total"), "booked"),
                (_sum("result", "increase", "ivr_callbacks_total"), "{{result}}"),
            ],
        ),
        _panel(
            "timeseries",
            "Transfers",
            "Calls passed on, by mode and result.",
            "short",
            [(_sum("mode, result", "increase", "ivr_transfers_total", _CENTER), "{{mode}} {{result}}")],
        ),
    ]


def _flows() -> list[Panel]:
    return [
        _panel(
            "timeseries",
            "Steps of the flows",
            "The ten most frequent results of steps.",
            "short",
            [
                (
                    f"topk(10, {_sum('verb, result', 'increase', 'ivr_steps_total', _CENTER)})",
                    "{{verb}} {{result}}",
                )
            ],
        ),
        _panel(
            "timeseries",
            "Silence and wrong keys",
            "Listening steps that were not answered, and errors of flows: both are the author's to cure.",
            "short",
            [
                (_sum("kind", "increase", "ivr_inputs_missed_total", _CENTER), "{{kind}}"),
                (_sum("kind", "increase", "ivr_flow_failures_total", _CENTER), "error {{kind}}"),
            ],
        ),
        _panel(
            "timeseries",
            "Offers",
            "Commercial offers, by the customers' answers.",
            "short",
            [(_sum("offer, answer", "increase", "ivr_offers_total", _CENTER), "{{offer}} {{answer}}")],
        ),
    ]


def _variable(name: str, label: str, query: str) -> dict[str, Any]:
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _placed(panels: list[Panel]) -> list[Panel]:
    """Panels from left to right, a new row where the next one does not fit."""
    x = y = tallest = 0
    for number, panel in enumerate(panels, 1):
        place = panel["gridPos"]
        if x + place["w"] > _COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        place["x"], place["y"] = x, y
        panel["id"] = number
        x += place["w"]
        tallest = max(tallest, place["h"])
    return panels


def wallboard() -> dict[str, Any]:
    """The dashboard in Grafana's classic JSON model."""
    return {
        "uid": "ivr-wallboard",
        "title": "IVR wallboard",
        "description": "Queues, agents and flows of a center served by ivr.",
        "tags": ["ivr"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [
                {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus"},
                _variable("job", "Job", "label_values(ivr_build_info, job)"),
                _variable("instance", "Instance", 'label_values(ivr_build_info{job=~"$job"}, instance)'),
                _variable("queue", "Queue", f"label_values(ivr_calls_offered_total{{{_CENTER}}}, queue)"),
            ]
        },
        "panels": _placed([*_now(), *_waits(), *_agents(), *_flows()]),
    }


def text() -> str:
    """The dashboard as the file that is checked in."""
    return msgspec.json.format(msgspec.json.encode(wallboard()), indent=2).decode() + "\n"


if __name__ == "__main__":
    Path(sys.argv[1], FILE).write_text(text(), encoding="utf-8")
