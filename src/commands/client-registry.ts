/**
 * Who is connected: sessions by id, the monitors among them, and CLIENT PAUSE.
 *
 * Ids start at 1 and are never used again (reference 7.3).
 */
import type { Session } from "./session.ts";

/** All connected clients. */
export class ClientRegistry {
  /** No request is run before this moment (CLIENT PAUSE), monotonic ms. */
  pausedUntilMs = 0;
  readonly monitors = new Set<Session>();
  readonly #sessions = new Map<number, Session>();
  #lastId = 0;

  get count(): number {
    return this.#sessions.size;
  }

  /** Clients that wait for a job. */
  get blockedCount(): number {
    let blocked = 0;
    for (const session of this.#sessions.values())
      if (session.isBlocked || session.isAwaitingReplies) blocked++;
    return blocked;
  }

  /** An id for a new session. */
  nextId(): number {
    return ++this.#lastId;
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id);
    this.monitors.delete(session);
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }
}
