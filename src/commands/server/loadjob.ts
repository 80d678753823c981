/**
 * LOADJOB: exists inside the log only.
 *
 * It is in the table because the reference lists it; a client that sends it gets an error.
 */
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";

/** `LOADJOB serialized-job`. */
export const loadjob: CommandSpec = {
  name: "loadjob",
  arity: 2,
  flags: ["write"],
  group: "server",
  summary: "Reserved for the log; refused when a client sends it.",
  since: "0.1.0",
  arguments: [{ name: "serialized-job", type: "string" }],
  errors: [],
  reply: "An error.",
  run: (_server, session) => session.reply.error(errors.loadjobFromClient),
};
