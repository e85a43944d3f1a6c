"""How many requests run and wait."""

import asyncio
import threading
import unittest

from runtime.slots import Full, Gone, Slots

PATIENCE = 30


class SlotsTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.go_on = threading.Event()
        self.addCleanup(self.go_on.set)

    def held(self, slots: Slots) -> asyncio.Task:
        """A request that runs until it may go on."""
        return asyncio.ensure_future(slots.run(self.go_on.wait, PATIENCE))

    async def test_they_run_up_to_the_total_and_leave_even_on_errors(self) -> None:
        slots = Slots(2, 0)
        first = self.held(slots)
        with self.assertRaises(ZeroDivisionError):
            await slots.run(divmod, 1, 0)
        second = self.held(slots)
        await asyncio.sleep(0)
        self.assertEqual((slots.busy, slots.queued), (2, 0))
        with self.assertRaises(Full):
            await slots.run(self.fail, "a third one ran")
        self.go_on.set()
        self.assertEqual(await asyncio.gather(first, second), [True, True])
        self.assertEqual((slots.busy, slots.queued), (0, 0))

    async def test_one_that_waits_runs_next(self) -> None:
        slots = Slots(1, 1)
        self.held(slots)
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(slots.run(lambda: "ran"))
        await asyncio.sleep(0)
        self.assertEqual((slots.busy, slots.queued), (1, 1))
        with self.assertRaises(Full):
            await slots.run(self.fail, "a third one waited")
        self.go_on.set()
        self.assertEqual(await waiting, "ran")

    async def test_one_that_waits_can_go(self) -> None:
        slots = Slots(1, 1)
        running = self.held(slots)
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(slots.run(self.fail, "it ran"))
        await asyncio.sleep(0)
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        self.assertEqual((slots.busy, slots.queued), (1, 0))
        self.go_on.set()
        self.assertTrue(await running)

    async def test_closing_sends_away_who_waits_and_lets_go_on_who_runs(self) -> None:
        slots = Slots(1, 1)
        running = self.held(slots)
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(slots.run(self.fail, "it ran"))
        await asyncio.sleep(0)
        slots.close()
        for gone in (waiting, slots.run(self.fail, "it ran")):
            with self.assertRaises(Gone):
                await gone
        self.go_on.set()
        self.assertTrue(await running)


if __name__ == "__main__":
    unittest.main()
