// The fields of HTTP messages.

import { symbolDispose } from '../resource.js';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'host']);

/** Text of one byte a character, as `Headers` has it. */
const latin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const fromLatin1 = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));

export class Fields {
  #entries = [];
  #isImmutable = false;

  static fromList(entries) {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /** Those of a message that has come in. */
  static fromHeaders(headers) {
    const fields = new Fields();
    for (const [name, value] of headers) fields.#entries.push([name, fromLatin1(value)]);
    return fields.frozen();
  }

  toHeaders() {
    const headers = new Headers();
    for (const [name, value] of this.#entries) headers.append(name, latin1(value));
    return headers;
  }

  frozen() {
    this.#isImmutable = true;
    return this;
  }

  #check(name, ...values) {
    if (this.#isImmutable) throw { tag: 'immutable' };
    const isValue = (value) => value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127));
    if (!NAME.test(name) || !values.every(isValue)) throw { tag: 'invalid-syntax' };
    if (HOP_BY_HOP.has(name.toLowerCase())) throw { tag: 'forbidden' };
  }

  #matching(name) {
    const wanted = name.toLowerCase();
    return ([other]) => other.toLowerCase() === wanted;
  }

  get(name) {
    return this.#entries.filter(this.#matching(name)).map(([, value]) => value);
  }

  has(name) {
    return this.#entries.some(this.#matching(name));
  }

  set(name, values) {
    this.#check(name, ...values);
    this.delete(name);
    for (const value of values) this.#entries.push([name, value]);
  }

  delete(name) {
    if (this.#isImmutable) throw { tag: 'immutable' };
    const matches = this.#matching(name);
    this.#entries = this.#entries.filter((entry) => !matches(entry));
  }

  append(name, value) {
    this.#check(name, value);
    this.#entries.push([name, value]);
  }

  entries() {
    return this.#entries;
  }

  clone() {
    const fields = new Fields();
    fields.#entries = [...this.#entries];
    return fields;
  }

  [symbolDispose]() {}
}
