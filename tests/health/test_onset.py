"""Since when something is the matter is known, and told in words."""

from datetime import UTC, datetime

from appliance.health import Trouble, onset
from appliance.models import Onset


def test_a_trouble_keeps_its_beginning_until_it_is_over_and_begins_anew(house):
    began = house.now
    onset.note([Trouble.NO_BACKUP], began)
    onset.note([Trouble.NO_MODEM, Trouble.NO_BACKUP], house.later(hours=2))
    assert onset.since() == {Trouble.NO_BACKUP: began, Trouble.NO_MODEM: house.now}
    onset.note([Trouble.NO_MODEM], house.later(hours=1))
    onset.note([Trouble.NO_MODEM, Trouble.NO_BACKUP], house.later(hours=1))
    assert onset.since()[Trouble.NO_BACKUP] == house.now


def test_a_clock_that_was_not_set_yet_dates_nothing(house):
    onset.note([Trouble.NO_CLOCK], datetime(1970, 1, 2, tzinfo=UTC))
    assert onset.since() == {}


def test_boxes_on_one_database_have_their_own_troubles(house):
    Onset.create(box="the other box", trouble=Trouble.HOT, at=house.now)
    onset.note([], house.now)
    assert onset.since() == {} and Onset.select().count() == 1


def test_a_trouble_that_a_newer_version_noted_is_passed_over(house):
    Onset.create(box=onset.box(), trouble="something_new", at=house.now)
    assert onset.since() == {}
