"""Passes requests on, and prints each."""

from wit_world import exports
from wit_world.imports import handler
from wit_world.imports.wasi_http_types import Request, Response


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        path = request.get_path_with_query()
        response = await handler.handle(request)
        print(f"{path}: {response.get_status_code()}")
        return response
