import exports
from wit_world import exports as made


class Run(made.Run):
    async def run(self):
        pass


class Handler(made.Handler):
    async def handle(self, request):
        pass


class IncomingHandler(exports.IncomingHandler):
    pass
