/**
 * The body of a request as text, as long as it is not too long.
 *
 * Counted while it comes, because a length that was announced may be wrong or missing. (hono's own limit
 * makes a new Request, which fails for requests without a body on some versions of Node.) The rest of a
 * body that is too long is thrown away by @hono/node-server: for half a second and 64 MiB after the answer,
 * then it ends the connection.
 */
import { isUtf8 } from "node:buffer";
import { ApiError, badRequest } from "./api-error.ts";

/** A job of a megabyte, in base64, and what is around it. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;

/** Reads it all; throws an ApiError when it is too long, or no text. */
export async function readBody(request: Request): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > BODY_BYTES_MAX) throw tooLarge();
  const reader = request.body?.getReader();
  if (reader === undefined) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(gone);
    if (done) break;
    bytes += value.length;
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
  const body = Buffer.concat(chunks);
  if (!isUtf8(body)) throw badRequest("The body is no UTF-8.");
  return body.toString("utf8");
}

function tooLarge(): ApiError {
  return new ApiError(413, "TOOLARGE", `A body may have ${BODY_BYTES_MAX} bytes.`);
}

function gone(): never {
  throw badRequest("The body did not arrive.");
}
