/**
 * Whose log a server would take for its own: what the nodes file beside it says.
 *
 * Without that file a server would be a new node and refuse every log, so it is asked for before a verdict. What
 * is in the log can be told all the same, as if its newest segment were the node's own.
 */
import { NodesFile } from "../io/nodes-file.ts";

/** What the nodes file says. */
export interface LogOwner {
  /** 40 lower-case hex digits; "": not known. */
  readonly nodeId: string;
  /** Ids that it had before it was reset. */
  readonly formerIds: readonly string[];
  /** Why a server does not take it for its log, in one line; "": it does. */
  readonly problem: string;
}

/** Reads the nodes file. Never throws. */
export function readLogOwner(path: string): LogOwner {
  const found = new NodesFile(path).load();
  if (found.kind === "loaded") return { ...found.state, problem: "" };
  const missing = `${path} is missing, so that a server would be a new node: this is not its log`;
  const problem = found.kind === "absent" ? missing : found.message;
  return { nodeId: "", formerIds: [], problem };
}
