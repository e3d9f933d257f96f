"""Draws lamp, button and wires from the tables of the code, and the plot of growth: python docs/pictures/draw.py."""

import json
import math
from html import escape
from pathlib import Path

from appliance.config import Panel
from appliance.panel import button, lamp
from appliance.panel.lamp import PATTERNS, Pattern, Show

HERE = Path(__file__).parent
SECONDS = 6.0  # of each rhythm that is shown
ROW, WIDTH, LEFT, SCALE = 64, 860, 360, 80
NAMES = {lamp.RED: "#d32f2f", lamp.YELLOW: "#f5b400", lamp.GREEN: "#2e9e44", lamp.BLUE: "#1f6fd6",
         lamp.WHITE: "#ffffff", lamp.DARK: "#333333"}  # fmt: skip
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
    'font-family="sans-serif" font-size="19"><title>{title}</title>'
    '<rect width="{w}" height="{h}" rx="12" fill="#f4f1ea"/>'
)


def rhythm(pattern: Pattern, y: float) -> str:
    """How bright it is over SECONDS, as a strip."""
    step = 0.05
    bars = []
    for i in range(int(SECONDS / step)):
        bright = max(lamp.lit(pattern, 0.0, i * step + step / 2))
        x = LEFT + i * step * SCALE
        opacity = round(bright, 2)
        if opacity:
            colour = NAMES[pattern.colour]
            bars.append(f'<rect x="{x:.0f}" y="{y}" width="4" height="26" fill="{colour}" opacity="{opacity}"/>')
    frame = f'<rect x="{LEFT}" y="{y}" width="{SECONDS * SCALE:.0f}" height="26" fill="#333"/>'
    return frame + "".join(bars)


def legend() -> str:
    """Every state of the lamp: a dot in its colour, its words, its rhythm."""
    rows = [PATTERNS[show] for show in Show]
    height = 50 + ROW * len(rows)
    parts = [HEAD.format(w=WIDTH, h=height, title="De lamp: kleur, woorden en ritme")]
    parts.append(f'<text x="{LEFT}" y="34" font-size="15">zes tellen, van links naar rechts</text>')
    for number, pattern in enumerate(rows):
        y = 50 + number * ROW
        parts.append(
            f'<circle cx="40" cy="{y + 22}" r="18" fill="{NAMES[pattern.colour]}" stroke="#333" stroke-width="2"/>'
        )
        parts.append(f'<text x="72" y="{y + 28}" font-size="17">{escape(short(lamp.words(pattern, "nl")))}</text>')
        parts.append(rhythm(pattern, y + 9))
    return "".join(parts) + "</svg>\n"


def short(words: str) -> str:
    return words.replace(" – kijk op scherm", "")


def press() -> str:
    """The button: hold, count down, sent."""
    boxes = (
        ("Klep open", "#ffffff"),
        (f"Houd {button.HOLD:.0f} tellen vast", "#f3c3c3"),
        (f"{button.COUNTDOWN:.0f} tellen aftellen", "#d32f2f"),
        ("Verstuurd", "#cfe8d3"),
    )
    parts = [HEAD.format(w=WIDTH, h=190, title="De knop: vasthouden, aftellen, verstuurd")]
    for number, (words, colour) in enumerate(boxes):
        x = 20 + number * 210
        ink = "#ffffff" if colour == "#d32f2f" else "#222222"
        parts.append(f'<rect x="{x}" y="30" width="180" height="60" rx="10" fill="{colour}" stroke="#333"/>')
        parts.append(f'<text x="{x + 90}" y="67" text-anchor="middle" font-size="17" fill="{ink}">{words}</text>')
        if number < len(boxes) - 1:
            parts.append(f'<path d="M{x + 184} 60h22m-8-7 8 7-8 7" fill="none" stroke="#333" stroke-width="3"/>')
    parts.append('<path d="M530 96v34h-200" fill="none" stroke="#333" stroke-width="3" stroke-dasharray="6 5"/>')
    parts.append('<text x="320" y="136" text-anchor="end" font-size="17">kort drukken: gestopt, niets verstuurd</text>')
    parts.append('<text x="20" y="172" font-size="15">Korter dan drie tellen vasthouden doet niets.</text>')
    return "".join(parts) + "</svg>\n"


# The header of every Raspberry Pi with forty pins: which place is which GPIO number (BCM), and where ground is.
GPIO = {11: 17, 12: 18, 13: 27, 15: 22, 18: 24}
GROUND = {6, 9, 14, 20}
PITCH = 34


def wires() -> str:
    """The first twenty pins of the header, with the wires of button and lamp as the defaults have them."""
    panel = Panel()
    place = {number: pin for pin, number in GPIO.items()}
    ends = (
        (place[panel.button], "knop", "", "#555555"),
        (9, "knop, andere kant", "", "#111111"),
        (place[panel.red], "lamp rood", "330 Ω", NAMES[lamp.RED]),
        (place[panel.green], "lamp groen", "100 Ω", NAMES[lamp.GREEN]),
        (place[panel.blue], "lamp blauw", "100 Ω", NAMES[lamp.BLUE]),
        (14, "lamp, lange poot (min)", "", "#111111"),
        (12, "zoemer + (hoeft niet)", "", "#8a5a00"),
        (6, "zoemer −", "", "#111111"),
    )
    height = 70 + 10 * PITCH
    parts = [HEAD.format(w=WIDTH, h=height, title="Knop en lamp aansluiten op de pinnen van de Raspberry Pi")]
    parts.append('<text x="392" y="30" font-size="15">rand met het kaartje boven</text>')
    for pin in range(1, 21):
        x, y = _pin(pin)
        colour = "#111111" if pin in GROUND else "#c9a227"
        parts.append(f'<circle cx="{x}" cy="{y}" r="11" fill="{colour}"/>')
        anchor, dx = ("end", -18) if pin % 2 else ("start", 18)
        parts.append(f'<text x="{x + dx}" y="{y + 5}" font-size="14" text-anchor="{anchor}">{pin}</text>')
    parts += [_wire(pin, words, resistor, colour) for pin, words, resistor, colour in ends]
    return "".join(parts) + "</svg>\n"


def _pin(pin: int) -> tuple[int, int]:
    return 410 + 40 * ((pin - 1) % 2), 60 + PITCH * ((pin - 1) // 2)


def _wire(pin: int, words: str, resistor: str, colour: str) -> str:
    """From the pin straight to the side; odd places are on the left."""
    x, y = _pin(pin)
    left = pin % 2 == 1
    start, end = (x - 46, 236) if left else (x + 46, 600)
    middle = (start + end) / 2
    line = f'<path d="M{start} {y}H{end}" stroke="{colour}" stroke-width="5"/>'
    box = ""
    if resistor:
        box = f'<rect x="{middle - 30}" y="{y - 12}" width="60" height="24" rx="4" fill="#ffffff" stroke="#333"/>'
        box += f'<text x="{middle}" y="{y + 5}" font-size="14" text-anchor="middle">{resistor}</text>'
    x, anchor = (end - 10, "end") if left else (end + 10, "start")
    return line + box + f'<text x="{x}" y="{y + 6}" font-size="17" text-anchor="{anchor}">{words}</text>'


# How long a claim and its outcome take, by the length of the history: figures of `bench/growth.py --save`.
PLOT_LEFT, PLOT_TOP, PLOT_WIDTH, PLOT_HEIGHT = 80, 60, 520, 240
FROM, TO = 3, 6  # powers of ten
SERIES = {
    ("SQLite", "claim"): ("#1f6fd6", ""), ("SQLite", "settle"): ("#1f6fd6", "7 5"),
    ("PostgreSQL", "claim"): ("#d32f2f", ""), ("PostgreSQL", "settle"): ("#d32f2f", "7 5"),
}  # fmt: skip


def growth() -> str:
    """Milliseconds over segments of history, the latter on a scale of powers of ten."""
    figures = json.loads((HERE / "growth.json").read_text(encoding="utf-8"))
    known = [key for key in SERIES if key[0] in figures]
    most = max(5.0, *(ms for engine, what in known for _, ms in figures[engine][what]))
    top = 5 * math.ceil(most / 5)
    parts = [HEAD.format(w=WIDTH, h=370, title="Claim and settle against the length of the history")]
    parts.append(f'<text x="{PLOT_LEFT - 60}" y="36" font-size="15">milliseconds (median)</text>')
    for step in range(6):
        parts.append(_grid(top * step / 5, top))
    for power in range(FROM, TO + 1):
        x = _across(10**power)
        parts.append(f'<text x="{x:.0f}" y="326" font-size="14" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text x="{PLOT_LEFT + PLOT_WIDTH / 2:.0f}" y="352" font-size="15" text-anchor="middle">'
                 "segments of history</text>")  # fmt: skip
    for place, (engine, what) in enumerate(known):
        parts.append(_curve(figures[engine][what], top, SERIES[engine, what], f"{engine}: {what}", place))
    return "".join(parts) + "</svg>\n"


def _across(history: int) -> float:
    return PLOT_LEFT + PLOT_WIDTH * (math.log10(history) - FROM) / (TO - FROM)


def _up(milliseconds: float, top: float) -> float:
    return PLOT_TOP + PLOT_HEIGHT * (1 - milliseconds / top)


def _grid(milliseconds: float, top: float) -> str:
    y = _up(milliseconds, top)
    line = f'<path d="M{PLOT_LEFT} {y:.0f}h{PLOT_WIDTH}" stroke="#bbb"/>'
    return line + f'<text x="{PLOT_LEFT - 12}" y="{y + 5:.0f}" font-size="14" text-anchor="end">{milliseconds:g}</text>'


def _curve(points: list[list[float]], top: float, look: tuple[str, str], words: str, place: int) -> str:
    colour, dashes = look
    way = " ".join(f"{_across(int(history)):.0f},{_up(ms, top):.1f}" for history, ms in points)
    stroke = f'fill="none" stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes or "none"}"'
    y = PLOT_TOP + 20 + 30 * place
    legend = f'<path d="M625 {y}h36" {stroke}/><text x="670" y="{y + 5}" font-size="15">{words}</text>'
    return f'<polyline points="{way}" {stroke}/>{legend}'


PICTURES = {"growth.svg": growth, "aansluiten.svg": wires, "lamp.svg": legend, "knop.svg": press}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        (HERE / name).write_text(draw(), encoding="utf-8")
