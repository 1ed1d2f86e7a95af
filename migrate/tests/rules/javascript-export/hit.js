import { Fields, ResponseOutparam } from "wasi:http/types@0.2.3";

export const incomingHandler = {
  handle(request, responseOut) {
    ResponseOutparam.set(responseOut, { tag: "err", val: { tag: "internal-error" } });
  },
};

export const run = {
  run() {},
};
