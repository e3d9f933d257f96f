"""The API does what its manual says, whatever is asked."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from appliance.access import tokens

OPENAPI = Path(__file__).parents[2] / "appliance" / "web" / "static" / "openapi.json"
THOROUGHLY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "mode"),
    [(asked, GenerationMode.POSITIVE) for asked in ("GET /status", "GET /alerts/current", "POST /alerts")]
    + [("POST /alerts", GenerationMode.NEGATIVE)],  # the others have neither parameters nor a body to get wrong
)
def test_every_request_is_answered_as_the_manual_says(
    app: Flask, lies_password: str, street: Any, asked: str, mode: GenerationMode
) -> None:
    """Schemathesis asks right things and wrong ones, and holds every answer against openapi.json.

    One check is left out: how long a text may be depends on its letters, which a schema cannot say, so some that fit
    the schema are refused with 422.
    """
    schema = schemathesis.openapi.from_dict(json.loads(OPENAPI.read_text()))
    schema.app = app
    proof = {"Authorization": f"Bearer {tokens.add('Poort', True, street.now, 'test')[1]}"}
    method, path = asked.split()

    @THOROUGHLY
    @given(schema[path][method].as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=proof, excluded_checks=[positive_data_acceptance])

    holds()


def test_the_manual_names_every_address_of_the_api(app: Flask) -> None:
    written = {f"{verb.upper()} /api/v1{path}" for path, verbs in json.loads(OPENAPI.read_text())["paths"].items()
               for verb in verbs}  # fmt: skip
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    assert written == {f"{verb} {rule.rule}" for rule in rules for verb in rule.methods - {"HEAD", "OPTIONS"}}
