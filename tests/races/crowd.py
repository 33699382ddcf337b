"""How a broken variant is sure to be met by two at once, on however busy a machine."""

import asyncio


class Crowd:
    """Whoever has looked waits until somebody else has looked as well: what nobody holds, both have seen."""

    def __init__(self) -> None:
        self.came, self.two = 0, asyncio.Event()

    async def looked(self) -> None:
        self.came += 1
        if self.came > 1:
            self.two.set()
        await asyncio.wait_for(self.two.wait(), 60)
        await asyncio.sleep(0.1)  # and whoever else is near
