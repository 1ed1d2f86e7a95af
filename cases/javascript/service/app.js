// Answers each request with its own headers, body and trailers; the body is never here.

import { Request, Response } from "wasi:http/types@0.3.2";

export const handler = {
  async handle(request) {
    const headers = request.getHeaders().clone();
    // Tells the client's side how we fared with its body: well.
    const fared = wit.Future.from({ tag: "ok" }, wit.Future.RESULT_VOID_ERROR_CODE);
    const [body, trailers] = Request.consumeBody(request, fared.readable);
    const [response] = Response.new(headers, body, trailers);
    return response;
  },
};
