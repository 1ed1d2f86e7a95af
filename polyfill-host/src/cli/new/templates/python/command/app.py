"""Greets everybody who is named."""

import sys

from wit_world import exports


class Run(exports.Run):
    async def run(self) -> None:
        for name in sys.argv[1:]:
            print(f"Hello, {name}!")
