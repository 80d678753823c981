/**
 * What HTTP sees of its node: the state that commands see, its clients, and how it is doing.
 *
 * Routes read what they show from here and change nothing by themselves; what changes something is a
 * command (command-session.ts). Everything that is asked for begins with `touch`, so that clocks are of
 * now and what happens is part of a turn.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Clients } from "../io/clients.ts";
import type { QueueSurvey } from "./queue-survey.ts";

/** The node that is served. */
export interface HttpNode {
  readonly server: ServerState;
  readonly clients: Clients;
  readonly survey: QueueSurvey;
  /** Why nobody should be sent here, beside what the server's state says (readiness.ts). */
  readonly reasons: () => readonly string[];
}
