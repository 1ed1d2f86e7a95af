// `POST /echo` streams the body back. Anything else is refused with 405.

import { Fields, Request, Response } from "wasi:http/types@0.3.2";

export const handler = {
  async handle(request) {
    if (request.getMethod().tag === "post" && request.getPathWithQuery() === "/echo") {
      return echo(request);
    }
    return empty(405);
  },
};

function echo(request) {
  const headers = contentType(request.getHeaders());
  const [body, trailers] = Request.consumeBody(request, well());
  return Response.new(headers, body, trailers)[0];
}

// New headers with the `content-type` of `headers`.
function contentType(headers) {
  const fields = new Fields();
  const values = headers.get("content-type");
  if (values.length > 0) {
    fields.set("content-type", values);
  }
  return fields;
}

function empty(status) {
  const { readable } = wit.Future.from({ tag: "ok", val: null }, wit.Future.RESULT_OPTION_OTHER_ERROR_CODE);
  const [response] = Response.new(new Fields(), null, readable);
  response.setStatusCode(status);
  return response;
}

// Tells the sender of a body how we fared with it: well.
function well() {
  return wit.Future.from({ tag: "ok" }, wit.Future.RESULT_VOID_ERROR_CODE).readable;
}
