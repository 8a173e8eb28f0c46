/**
 * The closed set of errors. Every code has one message, and every message names its remedy.
 * Expected outcomes (no WebGPU, a stale bundle, storage denied) are values in {@link EngineState};
 * an {@link EngineError} is for bad input, I/O and bugs.
 */
type Details = Readonly<Record<string, string | number | boolean | null>>;

interface ErrorEntry {
  readonly retryable: boolean;
  readonly message: (details: Details) => string;
}

const text = (details: Details, key: string): string => String(details[key] ?? "unknown");

const ENTRIES = {
  // The bundle
  BUNDLE_ABSENT: {
    retryable: true,
    message: (d) => `No bundle "${text(d, "name")}" is on this device yet. Connect once so that it can be downloaded.`,
  },
  BUNDLE_UNREACHABLE: {
    retryable: true,
    message: (d) =>
      `${text(d, "url")} could not be downloaded (${text(d, "reason")}). Check the connection and try again.`,
  },
  BUNDLE_NOT_A_BUNDLE: {
    retryable: true,
    message: (d) =>
      `${text(d, "url")} answered with a page instead of a bundle (a sign-in portal or a wrong address). Sign in to the network, or check the address.`,
  },
  BUNDLE_MANIFEST_INVALID: {
    retryable: false,
    message: (d) => `The manifest is not valid: ${text(d, "reason")}. Build the bundle again and upload all of it.`,
  },
  BUNDLE_UNSUPPORTED: {
    retryable: false,
    message: (d) =>
      `The bundle has format v${text(d, "got")}, this app reads v${text(d, "expected")}. Reload the app, or build the bundle with the matching release.`,
  },
  BUNDLE_FILE_CORRUPT: {
    retryable: true,
    message: (d) =>
      `${text(d, "path")} is damaged: ${text(d, "reason")}. Try again; if it stays so, upload the bundle again.`,
  },
  BUNDLE_OLDER: {
    retryable: false,
    message: (d) =>
      `The server offers version ${text(d, "got")}, older than the stored version ${text(d, "stored")}. Publish a bundle with a higher version.`,
  },
  // The device
  STORAGE_FULL: {
    retryable: true,
    message: () => "The browser's storage is full. Free some space on this device and try again.",
  },
  STORAGE_FAILED: {
    retryable: true,
    message: (d) => `The browser's storage failed (${text(d, "reason")}). Close other tabs of this app and reload.`,
  },
  DEVICE_LOST: {
    retryable: true,
    message: (d) => `The graphics device was lost (${text(d, "reason")}). Try again; the next path takes over.`,
  },
  // Requests
  NOT_STARTED: { retryable: true, message: () => "The engine has not been started. Call start() first." },
  ITEM_UNKNOWN: {
    retryable: false,
    message: (d) => `The catalogue has no item "${text(d, "itemId")}". Go back home: it may have left the catalogue.`,
  },
  EVENT_INVALID: {
    retryable: false,
    message: (d) => `The event is not valid: ${text(d, "reason")}. Send one of the documented events.`,
  },
  QUERY_INVALID: {
    retryable: false,
    message: (d) => `The query vector is not valid: ${text(d, "reason")}. Rebuild the bundle or report this as a bug.`,
  },
  CANCELLED: { retryable: true, message: () => "The request was cancelled. Ask again if the answer is still wanted." },
  DEADLINE_EXCEEDED: {
    retryable: true,
    message: (d) => `No answer to ${text(d, "call")} within ${text(d, "deadlineMs")} ms. Try again.`,
  },
  ENGINE_STOPPED: {
    retryable: true,
    message: (d) => `The engine stopped (${text(d, "reason")}) and is being restarted. Try again.`,
  },
  INTERNAL: {
    retryable: false,
    message: (d) => `Something that should not happen did: ${text(d, "reason")}. Reload, and report it if it returns.`,
  },
  // Binary files
  FILE_FORMAT: {
    retryable: false,
    message: (d) => `${text(d, "file")} cannot be read: ${text(d, "reason")}. Build the bundle again.`,
  },
  // The command line
  USAGE: { retryable: false, message: (d) => `${text(d, "reason")} See --help.` },
  DATA_MISSING: {
    retryable: false,
    message: (d) => `${text(d, "path")} is missing. ${text(d, "remedy")}`,
  },
  DATA_INVALID: {
    retryable: false,
    message: (d) => `${text(d, "path")}: ${text(d, "reason")}. Correct the file and run the command again.`,
  },
  TOO_MANY_BAD_ROWS: {
    retryable: false,
    message: (d) =>
      `${text(d, "path")}: ${text(d, "bad")} of ${text(d, "rows")} rows are bad, more than --max-bad-rows ${text(d, "limit")} allows. Correct them or raise the limit.`,
  },
  VERSION_NOT_HIGHER: {
    retryable: false,
    message: (d) =>
      `${text(d, "path")} holds version ${text(d, "stored")} with other content. Pass --bundle-version ${text(d, "next")} or higher.`,
  },
  OUTPUT_FAILED: {
    retryable: false,
    message: (d) =>
      `${text(d, "path")} could not be written (${text(d, "reason")}). Free some space or choose another folder.`,
  },
  SITE_UNREACHABLE: {
    retryable: true,
    message: (d) => `${text(d, "url")} does not answer (${text(d, "reason")}). Check the address and the connection.`,
  },
  PORT_IN_USE: {
    retryable: false,
    message: (d) =>
      `Port ${text(d, "port")} is in use. Stop the other program or choose another, e.g. PORT=4174 npm start.`,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ENTRIES;
export type ErrorDetails = Details;
export const ERROR_CODES = Object.keys(ENTRIES) as readonly ErrorCode[];

/** What crosses the worker boundary; see {@link EngineError.toData}. */
export interface EngineErrorData {
  readonly code: ErrorCode;
  readonly details: Details;
}

export class EngineError extends Error {
  readonly code: ErrorCode;
  readonly details: Details;
  override readonly name = "EngineError";

  constructor(code: ErrorCode, details: Details = {}, cause?: unknown) {
    super(ENTRIES[code].message(details), cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** Whether the same call may succeed when tried again. */
  get retryable(): boolean {
    return ENTRIES[this.code].retryable;
  }

  toData(): EngineErrorData {
    return { code: this.code, details: this.details };
  }

  static fromData(data: EngineErrorData): EngineError {
    return new EngineError(data.code, data.details);
  }

  /** Any thrown value as an EngineError: itself, or INTERNAL with the cause kept. */
  static from(cause: unknown): EngineError {
    if (cause instanceof EngineError) return cause;
    return new EngineError("INTERNAL", { reason: cause instanceof Error ? cause.message : String(cause) }, cause);
  }
}
