import { send } from "wasi:http/client@0.3.2";
import { Request } from "wasi:http/types@0.3.2";
import { get } from "wasi:keyvalue/store@0.2.0-draft";
import { poll } from "./poll.js";

const name = "wasi:io/poll@0.2.3";

export function other(stream) {
  poll([stream.subscribe()]);
  return stream.blockingRead(1);
}
