/** The service's HTTP API. Every failure is an ApiError with words fit for the reader. */

import { readEvents } from "./sse.js";

/** Relative to the page, so that the service may stand below a path of a larger site. */
const BASE = new URL("api/v1/", document.baseURI);
const READY = new URL("readyz", document.baseURI);
const PATIENCE_MS = 20_000;

/** What the service, or the way to it, refused. `status` is 0 where there was no answer at all. */
export class ApiError extends Error {
  /**
   * @param {{code: string, message: string, remedy?: string, retryable?: boolean, status?: number}} what
   */
  constructor({ code, message, remedy = "", retryable = false, status = 0 }) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.retryable = retryable;
    this.status = status;
  }
}

/** The connection ended before the answer did. */
export const CUT = new ApiError({
  code: "cut",
  message: "The connection broke off before the answer was complete.",
  remedy: "Ask again.",
  retryable: true,
});

const UNREACHABLE = {
  code: "unreachable",
  message: "The service cannot be reached.",
  remedy: "Check your connection and try again in a moment.",
  retryable: true,
};
const SIGN_IN = {
  code: "unauthorized",
  message: "The service does not know you, or no longer.",
  remedy: "Reload the page and sign in. What you have typed is kept.",
};

async function refusal(response) {
  const { status } = response;
  if (status === 401) return new ApiError({ ...SIGN_IN, status });
  const body = await response.json().catch(() => null); // a proxy's own error page is no JSON
  if (body?.error?.message) return new ApiError({ ...body.error, status });
  return new ApiError({
    code: `http_${status}`,
    message: `The service answered with status ${status}.`,
    remedy: "Try again in a moment.",
    retryable: status >= 500,
    status,
  });
}

async function send(path, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  let response;
  try {
    response = await fetch(new URL(path, BASE), { method, headers, body: text, signal, cache: "no-store" });
  } catch (error) {
    if (error?.name === "AbortError") throw error;
    throw new ApiError(UNREACHABLE);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function call(path, options = {}) {
  const response = await send(path, { signal: AbortSignal.timeout?.(PATIENCE_MS), ...options });
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new ApiError(UNREACHABLE); // cut off in the middle of the body
  }
}

const segment = encodeURIComponent;

/**
 * Asks, and gives the events of the answer as they come.
 * @param {{question: string, conversation_id: string|null}} body
 * @param {AbortSignal} signal stops the answer
 * @returns {AsyncGenerator<{event: string, data: any}, void, void>}
 * @throws {ApiError} before the first event where the question is refused, later where the connection breaks
 */
export async function* streamAnswer(body, signal) {
  const response = await send("chat/stream", { method: "POST", body, signal });
  try {
    for await (const { event, data } of readEvents(response.body)) yield { event, data: JSON.parse(data) };
  } catch (error) {
    if (signal.aborted) throw error;
    throw CUT;
  }
}

/**
 * @param {number} limit
 * @param {string|null} before the last id of the page before
 */
export const listConversations = (limit, before) =>
  call(`conversations?limit=${limit}${before ? `&before=${segment(before)}` : ""}`);

/** @param {string} id */
export const getConversation = (id) => call(`conversations/${segment(id)}`);

/** @param {string} id */
export const deleteConversation = (id) => call(`conversations/${segment(id)}`, { method: "DELETE" });

/** The first few documents the reader may read, and how many there are. */
export const sampleDocuments = () => call("documents?limit=3");

/**
 * @param {string} messageId
 * @param {{rating: 1|-1, tags: string[], comment: string}} feedback
 */
export const sendFeedback = (messageId, feedback) =>
  call(`messages/${segment(messageId)}/feedback`, { method: "POST", body: feedback });

/** @param {{document_id: string, revision: number, char_start: number, char_end: number}} at */
export function getPassage({ document_id, revision, char_start, char_end }) {
  const place = new URLSearchParams({ revision, char_start, char_end });
  return call(`documents/${segment(document_id)}/passage?${place}`);
}

/**
 * Whether the service can answer.
 * @returns {Promise<{status: "ready"|"starting"|"unavailable"|"unreachable", reason?: string}>}
 */
export async function readiness() {
  try {
    const response = await fetch(READY, { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE_MS) });
    const body = await response.json();
    return typeof body.status === "string" ? body : { status: "unavailable" };
  } catch {
    return { status: "unreachable" };
  }
}
