"""The seconds before sending: durable, stoppable, and exactly once."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from appliance import alerts
from appliance.alerts import AlertState, AlreadyDecided, MessageClass, NobodyToTell, Source, countdown
from appliance.models import Alert, Countdown, Delivery, Member, database


@pytest.fixture
def waiting(street: Any) -> Callable[..., Alert]:
    def make(source: Source = Source.POLICE) -> Alert:
        officer = street.officer("Zone Noord", "0470000900") if source is Source.POLICE else None
        return alerts.create(
            MessageClass.URGENT, source, "Inbraak", "wie", street.now, street.bin, contact=officer, verified=True
        )

    return make


def told(alert: Alert) -> int:
    return int(Delivery.select().where((Delivery.alert == alert) & (Delivery.kind == "alert")).count())


def test_nothing_leaves_before_it_is_over_and_then_everybody_is_told_once(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    countdown.release(street.later(seconds=9.9), street.bin)
    assert told(alert) == 0
    for _ in range(3):
        countdown.release(street.later(seconds=1), street.bin)
    assert told(alert) == 5 and Alert.get_by_id(alert.id).decided_by == "Lies"
    assert not Countdown.select().exists()


def test_a_box_that_lost_its_power_forwards_when_it_is_back(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    database.close()
    countdown.release(street.later(minutes=5), street.bin)
    assert told(alert) == 5


def test_a_box_that_was_off_for_an_hour_asks_again(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    countdown.release(street.later(hours=1), street.bin)
    assert told(alert) == 0 and Alert.get_by_id(alert.id).state == AlertState.WAITING
    assert countdown.of(alert) is None


# Another process, which is gone without a word the moment it has the first segment of a promise in its hands.
GATEWAY = """
import logging, os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo
from appliance.alerts import countdown
from appliance import store
from appliance.neighbourhood import Neighbourhood

class Killer(logging.Handler):
    def emit(self, record):
        if 'INSERT INTO "segment"' in record.getMessage():
            os.kill(os.getpid(), signal.SIGKILL)

url, folder, now = sys.argv[1:]
store.open_store(url, Path(folder))
logging.getLogger("peewee").setLevel(logging.DEBUG)
logging.getLogger("peewee").addHandler(Killer())
bin_ = Neighbourhood("BIN Zonnebos", "nl", ZoneInfo("Europe/Brussels"), "", timedelta(minutes=20), lambda below: 0)
countdown.release(datetime.fromisoformat(now), bin_)
"""


@pytest.mark.slow
def test_a_kill_between_promise_and_commit_leaves_the_countdown_as_it_was(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    database.close()
    moment = street.later(seconds=11).isoformat()
    ended = subprocess.run([sys.executable, "-c", GATEWAY, street.url, street.folder, moment], timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert told(alert) == 0 and countdown.of(alert)
    countdown.release(street.now, street.bin)
    assert told(alert) == 5


def test_stop_leaves_what_the_police_wrote_waiting_and_withdraws_our_own(street: Any, waiting: Any) -> None:
    for source, after in ((Source.POLICE, AlertState.WAITING), (Source.COORDINATOR, AlertState.WITHDRAWN)):
        alert = waiting(source)
        countdown.begin(alert, "Lies", "page", street.now, street.bin)
        assert countdown.stop(alert, "Jan", street.later(seconds=5), street.bin)
        assert not countdown.stop(alert, "Jan", street.now, street.bin)
        countdown.release(street.later(minutes=1), street.bin)
        assert told(alert) == 0 and Alert.get_by_id(alert.id).state == after


def test_stop_after_it_has_left_says_that_it_was_too_late(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    countdown.release(street.later(seconds=10), street.bin)
    assert not countdown.stop(alert, "Jan", street.now, street.bin)
    assert told(alert) == 5


def test_two_coordinators_who_press_share_one_countdown(street: Any, waiting: Any) -> None:
    alert = waiting()
    first = countdown.begin(alert, "Lies", "page", street.now, street.bin)
    second = countdown.begin(alert, "Jan", "page", street.later(seconds=5), street.bin)
    assert first == second and second.by == "Lies"


def test_a_decision_by_sms_meanwhile_wins_and_nobody_is_told_twice(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    alerts.forward(alert, "Jan", "sms", street.later(seconds=3), street.bin)
    countdown.release(street.later(seconds=10), street.bin)
    assert told(alert) == 5 and Alert.get_by_id(alert.id).decided_by == "Jan"
    with pytest.raises(AlreadyDecided):
        countdown.begin(alert, "Lies", "page", street.now, street.bin)


def test_now_makes_it_due_at_once(street: Any, waiting: Any) -> None:
    alert = waiting()
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    countdown.end_now(alert, street.later(seconds=2))
    countdown.release(street.now, street.bin)
    assert told(alert) == 5


def test_with_nobody_to_tell_it_does_not_begin(street: Any, waiting: Any) -> None:
    alert = waiting()
    Member.update(consent="").execute()
    with pytest.raises(NobodyToTell):
        countdown.begin(alert, "Lies", "page", street.now, street.bin)


def test_the_seconds_are_whole_and_never_below_zero(street: Any) -> None:
    at = street.now
    seconds = [countdown.left(at, at - timedelta(seconds=s)) for s in (10, 9.9, 9.1, 0.1, 0, -5)]
    assert seconds == [10, 10, 10, 1, 0, 0]
    assert countdown.seconds(MessageClass.URGENT) == 10 and countdown.seconds(MessageClass.PREVENTIVE) == 30


@pytest.mark.parametrize("stopped", [False, True])
def test_the_fast_letters_are_for_this_countdown_only(street: Any, waiting: Any, stopped: bool) -> None:
    alert = waiting()
    Alert.update(original="Dief in België", text="Dief in België").execute()
    countdown.begin(alert, "Lies", "page", street.now, street.bin, fast=True)
    if stopped:
        countdown.stop(Alert.get_by_id(alert.id), "Jan", street.now, street.bin)
        countdown.begin(alert, "Jan", "page", street.now, street.bin)
    countdown.release(street.later(seconds=10), street.bin)
    texts = {delivery.text for delivery in Delivery.select().where(Delivery.kind == "alert")}
    assert all(("België" in text) is stopped for text in texts) and texts
    assert Alert.get_by_id(alert.id).original == "Dief in België"
