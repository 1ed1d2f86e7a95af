"""An exported async function that waits, and calls an imported one."""

from wit_world import exports
from wit_world.imports import line, monotonic_clock

MILLISECOND = 1_000_000


class Line(exports.Line):
    async def pass_(self, text: str) -> str:
        await monotonic_clock.wait_for(10 * MILLISECOND)
        text = await line.pass_(f"{text} > guest")
        return f"{text} < guest"
