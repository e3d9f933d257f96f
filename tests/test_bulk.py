"""Many rows in few words: what is in the table afterwards is what peewee itself would have put there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.models import Delivery, Segment
from appliance.store import bulk, writing
from tests.conftest import House

NOW = datetime(2026, 11, 26, 21, 0, tzinfo=UTC)
MANY = 2 * bulk.BATCH + 1


def as_peewee(table: type[Any], rows: list[dict[str, object]]) -> None:
    table.insert_many(rows).execute()


def kept(table: type[Any]) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k != "id"} for row in table.select().order_by(table.id).dicts()]


def put(
    how: Callable[[type[Any], list[dict[str, object]]], None], table: type[Any], rows: list[dict[str, object]]
) -> Any:
    """What *how* has put in an empty *table*, which is empty again."""
    with writing():
        how(table, rows)
        found = kept(table)
        table.delete().execute()
    return found


def owed(texts: list[str]) -> list[dict[str, object]]:
    return [
        {"kind": "alert", "number": f"+32470{n:06}", "text": text, "created_at": NOW + timedelta(microseconds=n)}
        for n, text in enumerate(texts)
    ]


def test_twelve_thousand_or_one_are_written_as_peewee_writes_them(house: House) -> None:
    for many in (0, 1, bulk.BATCH, MANY):
        texts = owed([f"Bericht {n}" for n in range(many)])
        assert put(bulk.insert, Delivery, texts) == (put(as_peewee, Delivery, texts) if many else [])


# each example leaves the tables empty
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5))
def test_whatever_a_text_says_it_is_data_and_never_part_of_the_statement(house: House, texts: list[str]) -> None:
    found = put(bulk.insert, Delivery, owed([*texts, "'); DROP TABLE delivery; --", '" ? %s %%']))
    assert [row["text"] for row in found] == [*texts, "'); DROP TABLE delivery; --", '" ? %s %%']


def test_numbers_flags_moments_and_other_rows_keep_their_kind(house: House) -> None:
    with writing():
        ada = Delivery.create(kind="notice", number="+32470000201", text="Hallo", created_at=NOW)
    rows = [
        {"delivery": ada, "number": ada.number, "text": "Hallo", "encoding": "gsm7", "concat_reference": 0, "total": 1,
         "sequence": n, "validity_minutes": 60, "rank": 0, "turn": 0, "due_at": NOW, "expires_at": NOW,
         "goes_over": n == 2}
        for n in (1, 2)
    ]  # fmt: skip
    found = put(bulk.insert, Segment, rows)
    assert found == put(as_peewee, Segment, rows)
    assert [(row["goes_over"], row["state"], row["due_at"], row["delivery"]) for row in found] == [
        (False, "queued", NOW, ada.id), (True, "queued", NOW, ada.id)
    ]  # fmt: skip


def test_a_name_that_is_no_column_is_an_error_and_nothing_is_written(house: House) -> None:
    with pytest.raises(TypeError, match="Delivery has no column nummer"), writing():
        bulk.insert(Delivery, [*owed(["Hallo"]), {"nummer": "+32470000201"}])
    assert kept(Delivery) == []
