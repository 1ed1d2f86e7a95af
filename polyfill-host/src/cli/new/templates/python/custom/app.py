"""Implements `wit/world.wit`."""

from wit_world import exports


class Greeter(exports.Greeter):
    async def greet(self, name: str) -> str:
        return f"Hello, {name}!"
