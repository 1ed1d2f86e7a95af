import * as streams from "wasi:io/streams@0.2.3";
import { poll } from 'wasi:io/poll@0.2.3';
import { IncomingBody, OutgoingRequest, Fields as Headers } from "wasi:http/types@0.2.3";
import { handle } from "wasi:http/outgoing-handler@0.2.3";
import { getEnvironment } from "wasi:cli/environment@0.2.3";
export { getRandomBytes } from "wasi:random/random@0.2.3";

class Client {
  headers = new Headers();

  constructor(private body: IncomingBody) {
    this.headers.entries();
  }
}

export function read(body: IncomingBody): Uint8Array {
  const stream = body.stream();
  const pollable = stream.subscribe();
  poll([pollable]);
  pollable.block();
  return stream.blockingRead(1024n);
}

export const send = (request: OutgoingRequest) => {
  const future = handle(request, undefined);
  future.subscribe().block();
  return future.get();
};

export async function later(stream: streams.InputStream) {
  const clock = await import("wasi:clocks/wall-clock@0.2.3");
  return [clock.now(), stream.skip(1n)];
}
