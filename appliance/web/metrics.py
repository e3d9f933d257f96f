"""`/metrics` for Prometheus: numbers about the box and never about people, for programs on the box itself.

It needs no log-in, so it answers only what came straight over the loopback address: whatever nginx passes on carries
X-Forwarded-For, and gets "no such page".
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address

from flask import Blueprint, Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from appliance import health
from appliance.health import Health, Level, ModemFacts, Trouble
from appliance.web import context, reading

bp = Blueprint("metrics", __name__)


def install(app: Flask) -> None:
    """*app* tells programs on the box how it is."""
    app.config["PUBLIC_ENDPOINTS"].add("metrics.show")
    app.register_blueprint(bp)


@bp.get("/metrics")
def show() -> ResponseReturnValue:
    """Everything that is measured, in Prometheus' text format."""
    if not _straight_from_this_box():
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Measured(health.read(context.now()), reading.segments_by_state()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _straight_from_this_box() -> bool:
    address = request.environ.get("REMOTE_ADDR") or ""
    forwarded = "HTTP_X_FORWARDED_FOR" in request.environ or "HTTP_FORWARDED" in request.environ
    return not forwarded and (address == "" or ip_address(address).is_loopback)  # "": our own unix socket


class _Measured(Collector):
    """One reading of the box, as families of gauges."""

    def __init__(self, verdict: Health, segments: dict[str, int]) -> None:
        self._verdict, self._segments = verdict, segments

    def collect(self) -> Iterator[Metric]:
        """Every family once."""
        verdict, facts = self._verdict, self._verdict.facts
        yield _by("level", "How the box is: 1 for the level it has", {each: each is verdict.level for each in Level})
        yield _by("trouble", "What is the matter: 1 when it is", {each: each in verdict.troubles for each in Trouble})
        yield _by("segments", "Segments in the database, by state", self._segments, "state")
        yield _one("waiting_alerts", "Police texts that wait for a decision", facts.waiting)
        yield _one("owed_segments", "Segments that are due or on their way", facts.owed)
        yield _one("oldest_owed_seconds", "Age of the oldest of those", facts.oldest_owed.total_seconds())
        yield _one("backup_age_seconds", "Since the last backup", facts.backup_age.total_seconds())
        yield _one("free_megabytes", "Room on the card", facts.machine.free_megabytes)
        yield _one("celsius", "Warmth of the processor", facts.machine.celsius)
        yield from _modems(facts.modems)


def _modems(modems: tuple[ModemFacts, ...]) -> Iterator[Metric]:
    values = {
        "online": "1 when it answers", "registered": "1 when it is on the network",
        "signal_percent": "Strength of the signal", "storage_percent": "How full its store of texts is",
        "heartbeat_at": "When it last proved to be alive, in seconds since 1970",
        "sent_at": "When the network last took a text, in seconds since 1970",
        "received_at": "When something last came in, in seconds since 1970",
    }  # fmt: skip
    for name, help_ in values.items():
        yield _by(f"modem_{name}", help_, {modem.name: getattr(modem, name) for modem in modems}, "modem")


def _one(name: str, help_: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(f"bin_kast_{name}", help_)
    if value is not None:
        family.add_metric([], float(value))
    return family


def _by(name: str, help_: str, values: Mapping[str, object], label: str | None = None) -> Metric:
    """A gauge for each of *values*; what is not known is left out, as Prometheus has it."""
    family = GaugeMetricFamily(f"bin_kast_{name}", help_, labels=[label or name])
    for key, value in values.items():
        if value is not None:
            family.add_metric([str(key)], value.timestamp() if isinstance(value, datetime) else float(value))  # type: ignore[arg-type]
    return family
