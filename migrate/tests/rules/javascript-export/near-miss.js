import { Fields } from "wasi:http/types@0.2.3";

export const handler = {
  async handle(request) {},
};

export const run = {
  async run() {},
};

export const incomingHandlers = [];
