"""Answers each request with its own headers, body and trailers; the body is never here."""

from componentize_py_types import Ok
from wit_world import exports, result_unit_wasi_http_types_error_code_future as fared_future
from wit_world.imports.wasi_http_types import Request, Response


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        headers = request.get_headers().clone()
        # Tells the client's side how we fared with its body: well, unless we say otherwise.
        _, fared = fared_future(lambda: Ok(None))
        body, trailers = Request.consume_body(request, fared)
        response, _sent = Response.new(headers, body, trailers)
        return response
