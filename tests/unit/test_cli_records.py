"""`ivr records` and `ivr replay`: what is read, how it is printed."""

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest

from ivr.cli import exit_codes, main
from ivr.cli.records import guarded
from ivr.cli.table import Column, laid_out
from ivr.errors import ReplayDiverged
from ivr.observe.records import CallRecord, OfferRecord, QueueVisit
from ivr.sim import replay as sim_replay
from ivr.store import Store

EPOCH_MS = 1_795_341_600_000  # 2026-11-22T10:00:00Z


class Header(msgspec.Struct):
    epoch_ms: int = EPOCH_MS
    first_call: int = 1


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = Store.open(tmp_path / "data" / "ivr.db")
    store.begin_run(Header())
    visit = QueueVisit("support", 1, 0, 1, None, "answered", 31_000, "anna")
    answered = CallRecord(
        call=1,
        started=0,
        number="support",
        caller="+4915100000001",
        name="=HYPERLINK(1)",
        direction="in",
        flow="main",
        revision="r",
        language="en",
        answered=41_000,
        ended=165_000,
        ivr_ms=10_000,
        reason="caller_hung_up",
        wait_ms=31_000,
        talk_ms=124_000,
        visits=(visit,),
        agents=("anna",),
        offers=(OfferRecord("ten-off", 1, "10", 6, "36.00", "declined"),),
    )
    store.put_record(answered)
    store.put_record(
        CallRecord(
            2,
            3_600_000,
            "sales",
            "",
            "\x1b[2J",
            "in",
            "main",
            "r",
            "en",
            ended=3_605_000,
            reason="x",
            ivr_ms=0,
        )
    )
    store.flush()
    store.close()
    return tmp_path / "data"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == exit_codes.OK
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_a_table_for_people(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heading, newest, oldest = run(capsys, "records", "--data", str(data)).splitlines()
    assert heading.split()[:4] == ["call", "started", "from", "dialled"]
    assert newest.startswith("c-000002")
    assert "withheld" in newest
    for cell in ("c-000001", "+4915100000001", "support", "2 min 45 s", "31 s", "2 min 4 s", "anna"):
        assert cell in oldest
    assert "support (answered)" in oldest
    assert heading.split()[-1] == "reason"
    assert oldest.endswith("the caller hung up")
    assert newest.split()[-3:-1] == ["–", "–"], "never in a queue, never answered"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_a_table_loses_nothing_however_narrow(width: int) -> None:
    cells = [
        "c-000001",
        "2026-11-22 10:00:00",
        "+4915100000001",
        "retention",
        "2 min 45 s",
        "support (answered)",
        "",
    ]
    columns = [Column(f"n{place}", right=place == 4) for place in range(len(cells))]
    heading, first, *below = laid_out(columns, [cells], width)
    assert max(map(len, (heading, first, *below))) <= width
    text = " ".join(" ".join((first, *below)).split())
    assert all(cell in text for cell in cells)
    beside = heading.split()
    assert all(
        (column.heading in beside) == (f"{column.heading}:" not in text)
        for column in columns
        if column.heading != "n6"
    )


def test_a_table_that_fits_has_one_line_a_row() -> None:
    columns = [Column("call"), Column("for", right=True)]
    assert laid_out(columns, [["c-1", "5 s"], ["c-2", "10 s"]], 80) == [
        "call   for",
        "c-1    5 s",
        "c-2   10 s",
    ]
    assert laid_out(columns, [["c-1", "5 s"]], None) == ["call  for", "c-1   5 s"]


def test_json_lines(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in run(capsys, "records", "--data", str(data), "--json").splitlines()]
    assert [row["call"] for row in rows] == ["c-000002", "c-000001"]
    assert rows[1]["started"] == "2026-11-22T10:00:00.000Z"
    assert rows[1]["visits"][0]["waited_ms"] == 31_000


def test_csv_is_whole_and_no_formula(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(run(capsys, "records", "--data", str(data), "--csv"))))
    assert rows[1]["caller"] == "'+4915100000001"
    assert rows[1]["name"] == "'=HYPERLINK(1)"
    assert (rows[1]["queues"], rows[1]["queue_outcomes"]) == ("support", "answered")
    assert (rows[1]["agents"], rows[1]["offers"]) == ("anna", "ten-off:declined")
    assert rows[1]["wait_ms"] == "31000"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize(
    ("arguments", "calls"),
    [
        (("--queue", "support"), ["c-000001"]),
        (("--number", "sales"), ["c-000002"]),
        (("--caller", "+4915100000001"), ["c-000001"]),
        (("--caller", "4915100000001"), ["c-000001"]),
        (("--caller", "withheld"), ["c-000002"]),
        (("--caller", "nobody"), []),
        (("--limit", "1"), ["c-000002"]),
        (("--since", "2026-11-22T10:30:00+00:00"), ["c-000002"]),
        (("--since", "2999-01-01"), []),
        (("--since", "30000d"), ["c-000002", "c-000001"]),
    ],
)
def test_what_is_asked_for(
    arguments: tuple[str, ...], calls: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = run(capsys, "records", "--data", str(data / "ivr.db"), "--json", *arguments)
    assert [json.loads(line)["call"] for line in out.splitlines()] == calls


def test_no_calls(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "records", "--data", str(data), "--number", "nobody") == "no calls\n"


def test_what_is_not_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ivr.db").write_text("hello" * 100)
    assert main(["records", "--data", str(tmp_path)]) == exit_codes.OPERATOR
    assert "ivr.db" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "cell"),
    [("+49", "'+49"), ("-1", "'-1"), (-1, "-1"), ("@x", "'@x"), ("\tx", "'\tx"), (None, ""), ("a=b", "a=b")],
)
def test_guarded_cells(value: object, cell: str) -> None:
    assert guarded(value) == cell


def test_an_identical_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def replay(path: Path, run: int | None) -> sim_replay.ReplayReport:
        asked.append((path, run))
        return sim_replay.ReplayReport(12_345, 678, 0.5)

    monkeypatch.setattr(sim_replay, "replay", replay)
    assert run(capsys, "replay", str(tmp_path), "--run", "3") == (
        "identical: 12,345 facts from 678 inputs in 0.5 s\n"
    )
    assert json.loads(run(capsys, "replay", str(tmp_path), "--json"))["identical"] is True
    assert asked == [(tmp_path, 3), (tmp_path, None)]


def test_a_replay_that_differs_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def replay(path: Path, run: int | None) -> sim_replay.ReplayReport:
        raise ReplayDiverged(7, "expected", "got")

    monkeypatch.setattr(sim_replay, "replay", replay)
    assert main(["replay", str(tmp_path)]) == exit_codes.NO
    assert "fact 7 differs" in capsys.readouterr().out
    assert main(["replay", str(tmp_path), "--json"]) == exit_codes.NO
    assert json.loads(capsys.readouterr().out) == {
        "identical": False,
        "index": 7,
        "journal": "expected",
        "replay": "got",
    }
