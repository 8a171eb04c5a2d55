"""The gateway knows what must come of its notifications: the service must agree in the end."""

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest


@pytest.mark.parametrize(
    "plan", [{"tripled": True, "shuffled": True}, {"rate": 200}], ids=["disorder", "rate"]
)
def test_the_service_ends_where_the_gateway_says(
    deployment: Any,
    database: psycopg.Connection,
    wait_for: Callable[..., None],
    plan: dict[str, object],
) -> None:
    """Whatever the order, and however often: each event once, and the right final status."""
    control = f"{deployment.env['EMP_GATEWAY_URL']}/control"
    before = set(httpx.get(f"{control}/truth").json()["payments"])
    asked = {"count": 150, "seed": len(before) + 11, **plan}
    assert httpx.post(f"{control}/notifications", json=asked).status_code == 200
    wait_for(lambda: not httpx.get(f"{control}/progress").json()["waiting"], "all are taken", 30)

    payments = httpx.get(f"{control}/truth").json()["payments"]
    expected = {
        unique_id: (one["final"], sorted(map(tuple, one["events"])))
        for unique_id, one in payments.items()
        if unique_id not in before
    }
    assert sum(len(events) for _final, events in expected.values()) == 150
    wait_for(lambda: known(database, list(expected)) == expected, "the service agrees", 30)


def known(
    database: psycopg.Connection, unique_ids: list[str]
) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """What the service knows of these payments: status and events."""
    rows = database.execute(
        """SELECT p.unique_id, p.status, array_agg(ARRAY[e.event, e.status])
           FROM payments p JOIN webhook_events e ON e.unique_id = p.unique_id
           WHERE p.unique_id = ANY(%s) GROUP BY p.unique_id""",
        (unique_ids,),
    )
    return {row[0]: (row[1], sorted((event, status) for event, status in row[2])) for row in rows}
