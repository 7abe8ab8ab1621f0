"""The judge of a fault run finds files that are there twice, or not at all."""

from __future__ import annotations

from typing import Any

from tests.faults.judge import FILES, Asked, Evidence, Verdict, judge


def message(
    ts: str, kind: str = "", *, thread: str | None = None, files: tuple[str, ...] = ()
) -> dict[str, Any]:
    payload = {"event_payload": {"job": "j1", "kind": kind}} if kind else None
    said = {"text": ": Done", "metadata": payload, "deleted": False}
    return {"ts": ts, "channel": "C1", "thread_ts": thread, "files": list(files), **said}


def verdict(*shared: tuple[str, ...], deleted: frozenset[str] = frozenset()) -> Verdict:
    """Return the verdict on one job whose thread holds these messages with files."""
    messages = [message("1", "card"), message("2", "result", thread="1")]
    known = []
    for number, ends in enumerate(shared):
        ids = [f"F{number}{end}" for end in ends]
        messages.append(message(f"3.{number}", thread="1", files=tuple(ids)))
        known += [{"id": one} if one in deleted else {"id": one, "name": f"film.en{one[2:]}"} for one in ids]
    job = {"id": "m1", "status": "completed", "passthrough": "captionbot:x:j1"}
    return judge(
        Evidence(
            asked=[Asked(phrase="p1", channel="C1", acked=True)],
            jobs=[job | {"parameters": {"phrases": ["p1"]}}],
            state={"channels": [{"messages": messages}], "files": known},
        )
    )


def test_every_file_once_is_right():
    assert verdict(FILES).kept


def test_files_that_are_not_there_are_lost():
    assert verdict().losses["files"] == len(FILES)
    assert verdict(FILES[:-1]).losses["files"] == 1


def test_files_that_are_there_twice_are_doubled_and_deleted_ones_healed():
    assert verdict(FILES, FILES).doubles["files"] == len(FILES)
    healed = verdict(FILES, FILES, deleted=frozenset(f"F0{end}" for end in FILES))
    assert healed.kept
    assert healed.healed["files"] == len(FILES)
