"""Streams a body back, or sends it on to another server and streams that answer back.

`POST /echo` does the first; `POST /double-echo` the second, to the URL in the header `url`.
Anything else is refused with 405.
"""

from componentize_py_types import Err, Ok
from wit_world import (
    exports,
    result_option_wasi_http_types_fields_wasi_http_types_error_code_future as trailers_future,
    result_unit_wasi_http_types_error_code_future as fared_future,
)
from wit_world.imports import client
from wit_world.imports.wasi_http_types import (
    Fields,
    Method_Post,
    Request,
    Response,
    Scheme,
    Scheme_Http,
    Scheme_Https,
)


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        match request.get_method(), request.get_path_with_query():
            case Method_Post(), "/echo":
                return echo(request)
            case Method_Post(), "/double-echo":
                return await double_echo(request)
            case _:
                return empty(405)


def echo(request: Request) -> Response:
    headers = content_type(request.get_headers())
    body, trailers = Request.consume_body(request, well())
    return Response.new(headers, body, trailers)[0]


async def double_echo(request: Request) -> Response:
    headers = request.get_headers()
    onward_to = target(headers)
    if onward_to is None:
        return empty(400)
    scheme, authority, path = onward_to

    body, trailers = Request.consume_body(request, well())
    onward, _sent = Request.new(content_type(headers), body, trailers, None)
    try:
        onward.set_method(Method_Post())
        onward.set_scheme(scheme)
        onward.set_authority(authority)
        onward.set_path_with_query(path)
    except Err:
        return empty(400)

    answer = await client.send(onward)
    headers = content_type(answer.get_headers())
    body, trailers = Response.consume_body(answer, well())
    return Response.new(headers, body, trailers)[0]


def target(headers: Fields) -> tuple[Scheme, str, str] | None:
    """The URL in the header `url`: scheme, authority, path with query."""
    try:
        url = headers.get("url")[-1].decode()
    except (IndexError, UnicodeDecodeError):
        return None
    scheme, found, rest = url.partition("://")
    schemes = {"http": Scheme_Http(), "https": Scheme_Https()}
    if not found or scheme not in schemes:
        return None
    end = next((at for at, sign in enumerate(rest) if sign in "/?"), len(rest))
    authority, path = rest[:end], rest[end:]
    return schemes[scheme], authority, path if path.startswith("/") else f"/{path}"


def content_type(headers: Fields) -> Fields:
    """New headers with the `content-type` of `headers`."""
    fields = Fields()
    if values := headers.get("content-type"):
        fields.set("content-type", values)
    return fields


def empty(status: int) -> Response:
    response, _sent = Response.new(Fields(), None, trailers_future(lambda: Ok(None))[1])
    response.set_status_code(status)
    return response


def well():
    """Tells the sender of a body how we fared with it: well."""
    return fared_future(lambda: Ok(None))[1]
