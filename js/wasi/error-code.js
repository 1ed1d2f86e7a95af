// Why a request failed, as WASI's error codes.

/** A failure with a code that is known here. */
export class HttpError extends Error {
  constructor(code) {
    super(code.val ?? code.tag);
    this.code = code;
  }
}

/** What Node says in the `cause` of a failed `fetch`. */
const NODE = {
  ECONNREFUSED: { tag: 'connection-refused' },
  ECONNRESET: { tag: 'connection-terminated' },
  EPIPE: { tag: 'connection-terminated' },
  UND_ERR_SOCKET: { tag: 'connection-terminated' },
  ETIMEDOUT: { tag: 'connection-timeout' },
  UND_ERR_CONNECT_TIMEOUT: { tag: 'connection-timeout' },
  UND_ERR_HEADERS_TIMEOUT: { tag: 'HTTP-response-timeout' },
  UND_ERR_BODY_TIMEOUT: { tag: 'connection-read-timeout' },
  EHOSTUNREACH: { tag: 'destination-unavailable' },
  ENETUNREACH: { tag: 'destination-unavailable' },
  ENOTFOUND: { tag: 'DNS-error', val: { rcode: 'NXDOMAIN' } },
  EAI_AGAIN: { tag: 'DNS-timeout' },
};

/** The code of a failure. Browsers do not say what went wrong, for the privacy of their users. */
export function codeOf(reason) {
  for (let error = reason; error !== undefined && error !== null; error = error.cause) {
    if (error instanceof HttpError) return error.code;
    const code = String(error.code ?? '');
    if (code in NODE) return NODE[code];
    if (code.startsWith('ERR_TLS') || code.startsWith('CERT_') || /CERT|SELF_SIGNED/.test(code)) {
      return { tag: 'TLS-certificate-error' };
    }
  }
  return { tag: 'internal-error', val: String(reason?.message ?? reason) };
}
