"""Draws docs/pictures/lamp.svg and docs/pictures/knop.svg from the tables of the panel: python docs/pictures/lamp.py."""

from html import escape
from pathlib import Path

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
        parts.append(f'<circle cx="40" cy="{y + 22}" r="18" fill="{NAMES[pattern.colour]}" stroke="#333" stroke-width="2"/>')
        parts.append(f'<text x="72" y="{y + 28}" font-size="17">{escape(short(pattern.words))}</text>')
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


PICTURES = {"lamp.svg": legend, "knop.svg": press}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        (HERE / name).write_text(draw(), encoding="utf-8")
