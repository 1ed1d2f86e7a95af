"""A program for the command line: says hello, or fails if it is told to."""

import sys

from componentize_py_types import Err
from wit_world import exports


class Run(exports.Run):
    async def run(self) -> None:
        print("hello, command line")
        if "fail" in sys.argv[1:]:
            raise Err(None)
