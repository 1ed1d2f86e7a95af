from app.imports import streams
from wit_world.imports import monotonic_clock, random, wasi_http_types
from wit_world.imports.client import send
from wit_world.imports.wasi_http_types import Fields, Request, Response
import poll


async def main(request: Request):
    path = request.get_path_with_query()
    await monotonic_clock.wait_for(10)
    headers = Fields()
    headers.get("a")
    stream, trailers = Request.consume_body(request, None)
    return await stream.read(10), monotonic_clock.now(), random.get_random_u64()


def other(streams, poll):
    streams.input.blocking_read(1)
    poll.poll([])
    return streams.subscribe()
