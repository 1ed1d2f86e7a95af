"""Fetches every URL named in a header `url`, at most 16 at a time, and hashes each body as it
arrives.

Streams back a line for each as soon as it is done: `URL: HASH`, or `URL: error: …`.
"""

import asyncio
import hashlib

from componentize_py_async_support import spawn
from componentize_py_async_support.futures import FutureReader
from componentize_py_async_support.streams import ByteStreamWriter
from componentize_py_types import Err, Ok
from wit_world import (
    byte_stream,
    exports,
    result_option_wasi_http_types_fields_wasi_http_types_error_code_future as trailers_future,
    result_unit_wasi_http_types_error_code_future as fared_future,
)
from wit_world.imports import client
from wit_world.imports.wasi_http_types import (
    ErrorCode_HttpRequestUriInvalid,
    Fields,
    Request,
    Response,
    Scheme_Http,
    Scheme_Https,
)

AT_ONCE = 16
CHUNK = 64 * 1024


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        urls = request.get_headers().get("url")
        lines, body = byte_stream()
        headers = Fields.from_list([("content-type", b"text/plain")])
        response, sent = Response.new(headers, body, no_trailers())

        # Both go on after the response's start has been returned.
        client_gone = asyncio.Event()
        spawn(watch(sent, client_gone))
        spawn(hash_all([url.decode(errors="replace") for url in urls], lines, client_gone))
        return response


async def watch(sent: FutureReader, client_gone: asyncio.Event) -> None:
    if isinstance(await sent.read(), Err):
        client_gone.set()


async def hash_all(urls: list[str], lines: ByteStreamWriter, client_gone: asyncio.Event) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def line(url: str) -> str:
        async with turns:
            try:
                return f"{url}: {await hash_of(url, client_gone)}\n"
            except Err as error:
                return f"{url}: error: {shown(error.value)}\n"

    with lines:
        for done in asyncio.as_completed([line(url) for url in urls]):
            await lines.write_all((await done).encode())


async def hash_of(url: str, client_gone: asyncio.Event) -> str:
    if client_gone.is_set():
        return ""
    response = await client.send(get(url))
    body, trailers = Response.consume_body(response, fared_future(lambda: Ok(None))[1])
    hash = hashlib.sha256()
    with body:
        while not body.writer_dropped:
            hash.update(await body.read(CHUNK))
            # Calls under way cannot be cancelled from Python: we look between them.
            if client_gone.is_set():
                return ""
    # Only now is it known whether the body was whole.
    match await trailers.read():
        case Err() as error:
            raise error
    return hash.hexdigest()


def get(url: str) -> Request:
    """`GET` of `url`, if it is an absolute URL of HTTP."""
    scheme, found, rest = url.partition("://")
    schemes = {"http": Scheme_Http(), "https": Scheme_Https()}
    if not found or scheme not in schemes:
        raise Err(ErrorCode_HttpRequestUriInvalid())
    end = next((at for at, sign in enumerate(rest) if sign in "/?"), len(rest))
    authority, path = rest[:end], rest[end:]

    request, _sent = Request.new(Fields(), None, no_trailers(), None)
    try:
        request.set_scheme(schemes[scheme])
        request.set_authority(authority)
        request.set_path_with_query(path if path.startswith("/") else f"/{path}")
    except Err:
        raise Err(ErrorCode_HttpRequestUriInvalid())
    return request


def no_trailers() -> FutureReader:
    return trailers_future(lambda: Ok(None))[1]


def shown(error) -> str:
    """As the Rust case has it: `ErrorCode::ConnectionRefused`."""
    return repr(error).replace("ErrorCode_", "ErrorCode::", 1).removesuffix("()")
