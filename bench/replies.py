"""How well the box understands what people answer: precision and recall per intent and language.

python bench/replies.py [--part seen|held_out|all] [--misses] [--json]
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_replies import PARTS, Reply, corpus, dangerous, figures

from appliance import lang


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--part", choices=[*PARTS, "all"], default="all")
    arguments.add_argument("--misses", action="store_true", help="print each text that is taken for something else")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    parts = PARTS if chosen.part == "all" else (chosen.part,)
    texts = {name: [reply for part in parts for reply in corpus(name, part)] for name in lang.LANGUAGES}
    for reply in (reply for listed in texts.values() for reply in listed) if chosen.misses else ():
        show_if_missed(reply)
    rows = {name: rows_of(listed) for name, listed in texts.items()}
    rows["all"] = rows_of([reply for listed in texts.values() for reply in listed])
    print(json.dumps(rows) if chosen.json else table(rows))


def show_if_missed(reply: Reply) -> None:
    found = reply.judged()
    if found.intent not in reply.allowed:
        print(f"{reply.language} {reply.kind:<14} -> {found.intent:<9} {reply.text}   [{found.why}]")


def rows_of(replies: list[Reply]) -> dict[str, object]:
    started = time.perf_counter()
    found = figures(replies)
    each = (time.perf_counter() - started) / len(replies) * 1000
    table: dict[str, object] = {
        intent.value: {"texts": one.there, "recall": round(one.recall, 3), "precision": round(one.precision, 3)}
        for intent, one in found.items()
    }
    right = sum(one.right for one in found.values())
    table["right"] = f"{right}/{len(replies)} = {right / len(replies):.3f}"
    return table | {"dangerous": sum(map(dangerous, replies)), "ms each": round(each, 2)}


def table(rows: dict[str, dict[str, object]]) -> str:
    lines = [f"{'':<6}{'':<12}{'texts':>7}{'recall':>9}{'precision':>11}"]
    for name, row in rows.items():
        for key, value in row.items():
            if isinstance(value, dict):
                lines.append(f"{name:<6}{key:<12}{value['texts']:>7}{value['recall']:>9}{value['precision']:>11}")
            else:
                lines.append(f"{name:<6}{key:<12}{value}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
