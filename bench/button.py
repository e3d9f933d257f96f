"""A hundred thousand times a noisy button, on a simulated clock: what fires, and what must not.

Each sequence is one of three stories, with bounce at every edge, chatter of a worn contact and spikes on the cable:
noise alone (must fire nothing), one deliberate hold (exactly one alert), and a hold that is cancelled (nothing).

    python bench/button.py [--sequences 100000] [--seed 1]
"""

import argparse
import random
import sys
import time

from appliance.panel import button
from appliance.panel.button import Action, Button

Line = list[tuple[float, bool]]  # seconds, contact closed

MOST_SPIKE = 0.045  # seconds: below the debounce
STORIES = {"noise alone": 0, "one deliberate hold": 1, "a cancelled hold": 0}


def spikes(chance: random.Random, level: bool, seconds: float) -> Line:
    """*level* for *seconds*, with up to six spikes of the other level in it."""
    line: Line = []
    for _ in range(chance.randrange(7)):
        line += [(chance.uniform(0.06, seconds / 6), level), (chance.uniform(0.0001, MOST_SPIKE), not level)]
    left = seconds - sum(part for part, _ in line)
    return [*line, (max(left, 0.1), level)]


def bounce(chance: random.Random, level: bool) -> Line:
    """The contact on its way to *level*."""
    return [
        (chance.uniform(0.0001, 0.01), level if place % 2 == 0 else not level) for place in range(chance.randrange(9))
    ]


def press(chance: random.Random, seconds: float) -> Line:
    return [*bounce(chance, True), *spikes(chance, True, seconds), *bounce(chance, False)]


def story(chance: random.Random, name: str) -> Line:
    rest = spikes(chance, False, chance.uniform(0.6, 3))
    after = spikes(chance, False, 12.0)
    match name:
        case "noise alone":
            return [*rest, *spikes(chance, False, 20.0)]
        case "one deliberate hold":
            return [*rest, *press(chance, chance.uniform(3.4, 12.0)), *after]
        case _:
            hold = press(chance, chance.uniform(3.4, 5.0))
            pause = spikes(chance, False, chance.uniform(0.5, 5.0))
            return [*rest, *hold, *pause, *press(chance, chance.uniform(0.2, 0.8)), *after]


def fired(line: Line, chance: random.Random) -> int:
    """How many alerts the button makes of *line*, read as often as it asks for, but never punctually."""
    state, now, count = Button(), 0.0, 0
    for seconds, closed in line:
        end = now + seconds
        while now < end:
            state, actions = button.step(state, closed, now)
            count += actions.count(Action.FIRE)
            now = min(end, now + (button.next_look(state) or 1.0) * chance.uniform(0.5, 1.5))
    return count


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sequences", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    chance = random.Random(chosen.seed)
    wrong = dict.fromkeys(STORIES, 0)
    played = dict.fromkeys(STORIES, 0)
    began = time.monotonic()
    for number in range(chosen.sequences):
        name = list(STORIES)[number % len(STORIES)]
        played[name] += 1
        wrong[name] += fired(story(chance, name), chance) != STORIES[name]
        if number % 1000 == 0:
            print(f"\r{number} of {chosen.sequences}", end="", file=sys.stderr)
    print(file=sys.stderr)
    for name, alerts in STORIES.items():
        print(f"{name:<22} {played[name]:>7} times, must be {alerts} alerts, was not: {wrong[name]}")
    print(f"{chosen.sequences} sequences, seed {chosen.seed}, {time.monotonic() - began:.0f} s")
    sys.exit(any(wrong.values()))


if __name__ == "__main__":
    main()
