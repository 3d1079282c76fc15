from __future__ import annotations

from infra.fairness.fair_queue import FairQueue


def filled(most: int = 1000, **flows: int) -> FairQueue[str]:
    """A queue with this many items of each flow, each of cost 1."""
    queue: FairQueue[str] = FairQueue(most)
    for name, count in flows.items():
        for number in range(count):
            queue.put(name, (number,), f"{name}{number}", 1.0)
    return queue


def test_flows_take_turns_whatever_they_send() -> None:
    """A flow with two items is served beside one with a hundred, and the rest of that one afterwards."""
    queue = filled(a=100, b=2)
    assert ["a0", "b0", "a1", "b1", "a2"] == [queue.take() for _ in range(5)]


def test_within_a_flow_the_most_urgent_is_first() -> None:
    """And of equally urgent ones the first that came."""
    queue: FairQueue[str] = FairQueue()
    for urgency, item in ((3, "late"), (1, "soon"), (3, "later")):
        queue.put("a", (urgency,), item, 1.0)
    assert ["soon", "late", "later"] == [queue.take() for _ in range(3)]
    assert not queue


def test_turns_are_counted_by_cost() -> None:
    """While one item of a flow costs three times that of the other, it gets a quarter of the turns."""
    queue: FairQueue[str] = FairQueue()
    for number in range(40):
        queue.put("dear", (number,), "dear", 3.0)
        queue.put("cheap", (number,), "cheap", 1.0)
    assert 10 == [queue.take() for _ in range(40)].count("dear")


def test_a_true_cost_is_a_debt_that_idling_does_not_end() -> None:
    """A flow whose only item cost ten turns waits for ten of the other, although it was idle in between."""
    queue = filled(a=1, b=20)
    assert "a0" == queue.take()
    queue.charge("a", 8.5)
    queue.put("a", (0,), "again", 1.0)
    assert 10 == [queue.take() for _ in range(11)].index("again")


def test_an_idle_flow_saves_up_no_turns() -> None:
    """One that comes after another had fifty turns alone gets every second turn, not the next fifty."""
    queue = filled(a=60)
    for _ in range(50):
        queue.take()
    for number in range(10):
        queue.put("b", (number,), f"b{number}", 1.0)
    assert 3 == sum(queue.take().startswith("b") for _ in range(6))


def test_a_dropped_item_is_not_served() -> None:
    """Only an item that waits can be dropped."""
    queue = filled(a=2)
    item = queue.take()
    assert not queue.drop("a", item)
    queue.put("a", (0,), item, 1.0)
    assert queue.drop("a", item)
    assert "a1" == queue.take()
    assert not queue


def test_the_number_of_remembered_flows_is_bounded() -> None:
    """Flows that wait are kept, however many; idle ones are forgotten, those without debts first."""
    queue: FairQueue[str] = FairQueue(10)
    queue.put("kept", (0,), "kept", 1.0)
    for number in range(1000):
        queue.skip(str(number), 1.0)
    assert 10 >= len(queue._flows)
    assert "kept" == queue.take()
