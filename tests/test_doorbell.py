"""The doorbell wakes who waits and is nobody's memory."""

import select

from appliance import store
from appliance.doorbell import Doorbell, ring


def heard(bell: Doorbell) -> bool:
    return bool(select.select([bell], [], [], 0)[0])


def test_everybody_who_listens_is_woken(tmp_path):
    bells = [Doorbell(tmp_path, name) for name in ("gateway-a", "gateway-b")]
    ring(tmp_path)
    assert [heard(bell) for bell in bells] == [True, True]
    for bell in bells:
        bell.close()


def test_an_answered_bell_is_quiet(tmp_path):
    bell = Doorbell(tmp_path, "gateway-a")
    for _ in range(5):
        ring(tmp_path)
    bell.answer()
    assert not heard(bell)
    bell.close()


def test_ringing_where_nobody_listens_or_somebody_died_is_no_error(tmp_path):
    ring(tmp_path / "nowhere")
    (tmp_path / "dead.bell").touch()
    ring(tmp_path)


def test_a_thousand_rings_do_not_block_the_caller(tmp_path):
    bell = Doorbell(tmp_path, "gateway-a")
    for _ in range(1000):
        ring(tmp_path)
    assert heard(bell)
    bell.close()


def test_a_folder_with_a_long_name_is_no_trouble(tmp_path):
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    bell = Doorbell(deep, "gateway-a")
    ring(deep)
    assert heard(bell)
    bell.close()


def test_a_promise_rings_only_once_it_is_committed(house):
    bell = Doorbell(store.bells(), "gateway-a")
    with store.writing():
        store.ring_after_commit()
        assert not heard(bell)
    assert heard(bell)
    bell.close()


def test_a_promise_that_was_rolled_back_rings_nobody(house):
    bell = Doorbell(store.bells(), "gateway-a")
    try:
        with store.writing():
            store.ring_after_commit()
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    with store.writing():
        pass
    assert not heard(bell)
    bell.close()
