"""How many requests run and wait."""

import threading
import unittest

from runtime.slots import Full, Gone, Slots

PATIENCE = 30


class SlotsTest(unittest.TestCase):
    def waiting(self, slots: Slots, waits, then) -> threading.Thread:
        """A thread that waits for a slot by the time this returns."""

        def work() -> None:
            try:
                with slots.take(waits):
                    then("ran")
            except Gone:
                then("gone")

        before = slots.queued
        thread = threading.Thread(target=work)
        thread.start()
        with slots._changed:
            # Whoever queues holds the lock while doing so, and lets go of it only in the wait.
            while slots.queued == before and thread.is_alive():
                slots._changed.wait(0.01)
        return thread

    def test_they_run_up_to_the_total_and_leave_even_on_errors(self) -> None:
        slots = Slots(2, 0)
        with slots.take(lambda: True), self.assertRaises(ZeroDivisionError), slots.take(lambda: True):
            self.assertEqual(slots.busy, 2)
            with self.assertRaises(Full), slots.take(lambda: True):
                self.fail("a third one ran")
            raise ZeroDivisionError
        self.assertEqual((slots.busy, slots.queued), (0, 0))

    def test_one_that_waits_runs_next(self) -> None:
        slots, seen = Slots(1, 1), []
        with slots.take(lambda: True):
            thread = self.waiting(slots, lambda: True, seen.append)
            self.assertEqual((slots.busy, slots.queued, seen), (1, 1, []))
            with self.assertRaises(Full), slots.take(lambda: True):
                self.fail("a third one waited")
        thread.join(PATIENCE)
        self.assertEqual((slots.busy, slots.queued, seen), (0, 0, ["ran"]))

    def test_one_that_waits_can_go(self) -> None:
        slots, seen, there = Slots(1, 1), [], [True]
        with slots.take(lambda: True):
            thread = self.waiting(slots, lambda: there[0], seen.append)
            there[0] = False
            slots.wake()
            thread.join(PATIENCE)
            self.assertEqual((slots.busy, slots.queued, seen), (1, 0, ["gone"]))


if __name__ == "__main__":
    unittest.main()
