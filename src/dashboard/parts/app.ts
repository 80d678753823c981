/**
 * The frame around all pages: navigation, how the stream is doing, notices, the password.
 *
 * A new page is a row in the table of pages.
 */
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { shortId } from "../format.ts";
import { html } from "../html.ts";
import { ClusterPage } from "../pages/cluster.ts";
import { JobPage } from "../pages/job.ts";
import { OverviewPage } from "../pages/overview.ts";
import { QueuesPage } from "../pages/queues.ts";
import { SlowlogPage } from "../pages/slowlog.ts";
import { WorkersPage } from "../pages/workers.ts";
import { isLoggedIn, loginReason, logOut } from "../state/api.ts";
import { live } from "../state/live.ts";
import { notice } from "../state/notices.ts";
import { type Place, place } from "../state/place.ts";
import { scope } from "../state/scope.ts";
import { useStore } from "../state/store.ts";
import { theme, turnTheme } from "../state/theme.ts";
import { Login } from "./login.ts";

interface PageEntry {
  readonly title: string;
  /** Names of pages, without and with a subject. */
  readonly component: ComponentType<{ place: Place }>;
}

/** In the navigation, in this order. */
const PAGES: Readonly<Record<string, PageEntry>> = {
  overview: { title: "Overview", component: OverviewPage },
  queues: { title: "Queues", component: QueuesPage },
  jobs: { title: "Jobs", component: JobPage },
  cluster: { title: "Cluster", component: ClusterPage },
  workers: { title: "Workers", component: WorkersPage },
  slowlog: { title: "Slow log", component: SlowlogPage },
};

/** The dashboard. */
export function App() {
  const at = useStore(place);
  const reason = useStore(loginReason);
  const main = useRef<HTMLElement>(null);
  const entry = Object.hasOwn(PAGES, at.page) ? PAGES[at.page] : undefined;
  const title = entry?.title ?? "Nothing here";
  const subject = decoded(at.subject);
  useEffect(() => {
    document.title = `${subject === "" ? title : subject} · ringq`;
  }, [title, subject]);
  const skip = (event: Event): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return html`
    <div class="frame">
      <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
      <div class="above">
        <${Header} at=${at} />
        <${Banners} />
      </div>
      <main id="main" tabindex="-1" ref=${main}>
        ${
          reason !== undefined
            ? html`<${Login} reason=${reason} />`
            : entry === undefined
              ? html`<${NothingHere} />`
              : html`<${entry.component} key=${`${at.page}/${at.subject}`} place=${at} />`
        }
      </main>
      <${NoticeLine} />
    </div>
  `;
}

function Header({ at }: { at: Place }) {
  return html`
    <header class="top">
      <a class="brand" href="#/" aria-label="ringq, overview">
        <img src="/assets/mark.svg" alt="" width="24" height="24" /><span>ringq</span>
      </a>
      <nav aria-label="Pages">
        <ul>
          ${Object.entries(PAGES).map(([name, { title }]) => {
            const current = name === at.page ? "page" : undefined;
            const href = name === "overview" ? "#/" : `#/${name}`;
            return html`<li key=${name}><a href=${href} aria-current=${current}>${title}</a></li>`;
          })}
        </ul>
      </nav>
      <div class="tools">
        <${ScopeChoice} />
        <${LiveMark} />
        <${ThemeButton} />
        ${isLoggedIn() && html`<button type="button" class="quiet" onClick=${logOut}>Log out</button>`}
      </div>
    </header>
  `;
}

function ScopeChoice() {
  const chosen = useStore(scope);
  const { snapshot } = useStore(live);
  if ((snapshot?.cluster?.nodes.length ?? 1) < 2) return null;
  const option = (value: "node" | "cluster", label: string) => html`
    <label>
      <input type="radio" name="scope" value=${value} checked=${chosen === value}
        onChange=${() => scope.set(value)} />
      <span>${label}</span>
    </label>
  `;
  return html`
    <fieldset class="choice">
      <legend class="unseen">Show</legend>
      ${option("node", "This node")} ${option("cluster", "Cluster")}
    </fieldset>
  `;
}

const LIVE_WORDS = { connecting: "Connecting", live: "Live", lost: "Not connected" } as const;

function LiveMark() {
  const { status, snapshot } = useStore(live);
  const id = snapshot?.nodeId;
  return html`
    <span class="live ${status}">
      <i aria-hidden="true"></i><span>${LIVE_WORDS[status]}</span>
      ${id !== undefined && html`<code title=${`Node ${id}`}>${shortId(id)}</code>`}
    </span>
  `;
}

const THEME_SIGNS = { auto: "◐", light: "☀", dark: "☾" } as const;

function ThemeButton() {
  const chosen = useStore(theme);
  const label = `Theme: ${chosen}`;
  return html`
    <button type="button" class="quiet sign" title=${label} aria-label=${label} onClick=${turnTheme}>
      <span aria-hidden="true">${THEME_SIGNS[chosen]}</span>
    </button>
  `;
}

/** What everybody should know, whatever the page. */
function Banners() {
  const { status, problem, snapshot } = useStore(live);
  const reasons = snapshot?.notReady ?? [];
  const missing = snapshot?.cluster?.missing ?? [];
  return html`
    <div class="banners">
      <div role="alert">
        ${
          status === "lost" &&
          html`<p class="banner bad">
            ${problem} ${snapshot !== undefined && "What you see is old. "}Trying again …
          </p>`
        }
      </div>
      <div role="status">
        ${
          reasons.length > 0 &&
          html`<p class="banner warn">This node is not ready: ${reasons.join(", ")}.</p>`
        }
        ${
          missing.length > 0 &&
          html`<p class="banner warn">
            No answer from ${missing.length === 1 ? "node" : "nodes"}
            ${" "}${missing.map(shortId).join(", ")}: cluster figures lack what
            ${missing.length === 1 ? " it knows" : " they know"}.
          </p>`
        }
      </div>
    </div>
  `;
}

function NoticeLine() {
  const shown = useStore(notice);
  const close = (): void => notice.set(undefined);
  return html`
    <div class="notices" role="status">
      ${
        shown !== undefined &&
        html`<div class="notice ${shown.isFailure ? "bad" : "good"}">
          <span>${shown.text}</span>
          <button type="button" class="quiet sign" aria-label="Close" onClick=${close}>×</button>
        </div>`
      }
    </div>
  `;
}

function NothingHere() {
  return html`
    <section class="empty">
      <h1>There is no such page</h1>
      <p><a href="#/">Go to the overview</a></p>
    </section>
  `;
}

function decoded(segment: string): string {
  try {
    // What a path would take for a folder stands behind a tilde (http/bytes-text.ts).
    return decodeURIComponent(segment).replace(/^~(~*\.{0,2})$/, "$1");
  } catch {
    return segment;
  }
}
