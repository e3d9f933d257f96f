"""What people write and what the box writes, per language: data, read once when the program starts."""

import tomllib
from importlib.resources import files
from typing import Any

LANGUAGES = ("nl", "fr", "de", "en")
COMMON = "common"  # words that belong to no language: digits, emoji, the police's short keywords


def load(name: str) -> dict[str, Any]:
    """Everything in *name*.toml, one of `LANGUAGES` or `COMMON`: the commands people write and the texts they get."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def vocabulary(name: str) -> dict[str, Any]:
    """Everything in words_*name*.toml: what words do in a sentence."""
    return load(f"words_{name}")


def health(name: str) -> dict[str, Any]:
    """Everything in health_*name*.toml: what the box says of itself."""
    return load(f"health_{name}")


def papers(name: str) -> dict[str, Any]:
    """Everything in papers_*name*.toml: what the box prints on paper."""
    return load(f"papers_{name}")


def tips(name: str) -> dict[str, Any]:
    """Everything in tips_*name*.toml: what a preventive message can say."""
    return load(f"tips_{name}")
