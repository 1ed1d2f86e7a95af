from proxy import exports


# exports.Run is another one.
class IncomingHandler(  # exports.Run
    exports.IncomingHandler
):
    # async def handle(self, request):
    def handle(self, request, response_out):
        pass
