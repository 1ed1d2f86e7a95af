# from wit_world.imports import poll
from wit_world.imports import (
    # To wait.
    poll as waiting,  # imports.poll
    environment,
)


def wait(*all):
    """poll.poll waits."""
    return waiting.poll(  # here
        list(all)
    )
