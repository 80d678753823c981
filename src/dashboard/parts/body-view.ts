/**
 * The body of a job: as text when it is text, else as bytes; JSON in lines if one likes.
 *
 * Whatever is in it is text to the browser. More than its beginning is fetched only as a file.
 */
import { useState } from "preact/hooks";
import { bytes } from "../format.ts";
import { html } from "../html.ts";
import type { BodyShape } from "../shapes/api-shapes.ts";
import { fromBase64, hexDump } from "../shapes/hex-dump.ts";
import { request } from "../state/api.ts";
import { attempt } from "../state/notices.ts";

/** A card. */
export function BodyView({ id, body }: { id: string; body: BodyShape }) {
  const [isHex, setHex] = useState(false);
  const isBinary = body.text === null;
  const raw = isBinary ? fromBase64(body.base64 ?? "") : new TextEncoder().encode(body.text ?? "");
  const text = isBinary || isHex ? hexDump(raw) : pretty(body);
  return html`
    <section class="card" aria-labelledby="body">
      <header class="line">
        <h2 id="body">Body <span class="hint">${bytes(body.bytes)}${isBinary ? ", binary" : ""}${body.isCut ? ", only its beginning is shown" : ""}</span></h2>
        <span class="buttons">
          ${!isBinary && html`<button type="button" aria-pressed=${isHex} onClick=${() => setHex(!isHex)}>As bytes</button>`}
          <button type="button" onClick=${() => attempt(() => download(id))}>Download</button>
        </span>
      </header>
      ${
        body.bytes === 0
          ? html`<p class="hint">The body is empty.</p>`
          : html`<pre class="body" tabindex="0" aria-label="Body">${text}</pre>`
      }
    </section>
  `;
}

/** JSON with lines; anything else as it is. */
function pretty({ text, isCut }: BodyShape): string {
  if (text === null || isCut || !/^\s*[[{]/.test(text)) return text ?? "";
  try {
    // Numbers beyond 2^53 and doubled keys would be changed by this: then it is shown as it is.
    const json = JSON.parse(text) as unknown;
    const isSame = withoutBlanks(JSON.stringify(json)) === withoutBlanks(text);
    return isSame ? JSON.stringify(json, null, 2) : text;
  } catch {
    return text;
  }
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, "");
}

async function download(id: string): Promise<string> {
  const response = await request(`/api/jobs/${encodeURIComponent(id)}/body`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = `${id}.body`;
  link.click();
  URL.revokeObjectURL(url);
  return "The body was saved.";
}
