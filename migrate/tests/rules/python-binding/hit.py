import wit_world.imports.wall_clock
from componentize_py_types import Err, Ok
from poll_loop import PollLoop
from wit_world.imports import monotonic_clock, outgoing_handler, poll, streams, types
from wit_world.imports.streams import InputStream, StreamError_Closed
from wit_world.imports.types import IncomingBody, IncomingRequest, OutgoingBody, OutgoingRequest, Fields


def read(body: IncomingBody) -> bytes:
    stream = body.stream()
    read = b""
    while True:
        try:
            read += stream.blocking_read(1024)
        except Err as error:
            if isinstance(error.value, StreamError_Closed):
                return read
            raise


def send(request: types.OutgoingRequest):
    future = outgoing_handler.handle(request, None)
    while (found := future.get()) is None:
        future.subscribe().block()
    response = future.get()
    return response.status()


class Reader:
    def __init__(self, request: IncomingRequest):
        self.path = request.path_with_query()
        self.body = request.consume()
        self.stream = self.body.stream()

    def rest(self):
        poll.poll([self.stream.subscribe(), monotonic_clock.subscribe_duration(1_000)])
        return self.stream.read(10), wit_world.imports.wall_clock.now()


def write(body: OutgoingBody, text: bytes):
    with body.write() as stream:
        stream.blocking_write_and_flush(text)
    OutgoingBody.finish(body, None)


def names(headers: Fields):
    return [name for name, _ in headers.entries()]
