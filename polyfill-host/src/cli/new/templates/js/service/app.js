// Answers every request.

import { Fields, Response } from "wasi:http/types@0.3.2";

export const handler = {
  async handle(request) {
    const text = `Hello from ${request.getPathWithQuery() ?? "/"}!\n`;
    const headers = Fields.fromList([["content-type", ascii("text/plain; charset=utf-8")]]);
    const body = (async function* () {
      yield ascii(text);
    })();
    const trailers = Promise.resolve({ tag: "ok", val: null });
    const [response] = Response.new(headers, body, trailers);
    return response;
  },
};

function ascii(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
