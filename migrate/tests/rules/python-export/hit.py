import wit_world
from wit_world.exports import IncomingHandler as Base, Run


class IncomingHandler(Base):
    def handle(self, request, response_out):
        pass


class App(Run):
    def run(self):
        pass


class Other(wit_world.exports.Run):
    def run(self):
        pass
