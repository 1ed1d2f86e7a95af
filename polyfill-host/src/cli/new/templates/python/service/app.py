"""Answers every request."""

import componentize_py_async_support
import wit_world
from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.wasi_http_types import Fields, Request, Response


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        text = f"Hello from {request.get_path_with_query()}!\n"
        headers = Fields.from_list([("content-type", b"text/plain; charset=utf-8")])
        writer, body = wit_world.byte_stream()
        # Goes on after the response's start has been returned.
        componentize_py_async_support.spawn(write(writer, text.encode()))
        _, trailers = (
            wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(
                lambda: Ok(None)
            )
        )
        response, _ = Response.new(headers, body, trailers)
        return response


async def write(writer, contents: bytes) -> None:
    with writer:
        await writer.write_all(contents)
