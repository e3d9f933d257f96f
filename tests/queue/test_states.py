"""The segment's table of moves, every pair of it."""

import pytest

from appliance.queue.states import MOVES, Event, NotAllowed, State, move


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state_moves_as_the_table_says_or_raises(state, event):
    after = MOVES[state].get(event)
    if after is None:
        with pytest.raises(NotAllowed):
            move(state, event)
    else:
        assert move(state, event) is after


def test_nothing_that_may_be_on_the_air_is_ever_called_dropped():
    ways = [
        (state, event) for state, moves in MOVES.items() for event, after in moves.items() if after is State.DROPPED
    ]
    assert ways == [(State.QUEUED, Event.WITHDRAWN)]


def test_a_delivered_segment_stays_delivered():
    assert MOVES[State.DELIVERED] == {}
