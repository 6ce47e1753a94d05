/** Speaks to the control that the page came from. Paths are relative to `/page/`. */
const TOKEN = "mediaswitch-token";

/** What the server refused a request with, in its own words. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

/** Kept for as long as the tab is open. */
export const setToken = (token: string): void => sessionStorage.setItem(TOKEN, token);

export type Method = "GET" | "POST" | "DELETE";

/** @throws {Refused} {TypeError} the server can't be reached. */
export async function request(
  method: Method,
  path: string,
  { body, signal }: { readonly body?: object; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  const token = sessionStorage.getItem(TOKEN);
  const response = await fetch(path, {
    method,
    headers: {
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  if (response.ok) return response;
  throw new Refused(response.status, await detailOf(response));
}

/** The answer's JSON; its shape is the server's word. @throws as `request`. */
export async function ask<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const response = await request("GET", path, signal === undefined ? {} : { signal });
  return (await response.json()) as Answer;
}

/** Of problem+json (RFC 9457). */
async function detailOf(response: Response): Promise<string> {
  try {
    const { detail } = (await response.json()) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // Something between us and the server has answered.
  }
  return `${String(response.status)} ${response.statusText}`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
