/**
 * CLIENT REPLY: whether the client wants to see replies.
 *
 * Only the mode is changed here; dispatch takes back what is not wanted. SKIP is about the next
 * command and has no reply itself, and OFF goes before SKIP.
 */
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";

const MODE = 2;
const ON = Buffer.from("ON", "latin1");
const OFF = Buffer.from("OFF", "latin1");
const SKIP = Buffer.from("SKIP", "latin1");

/** Changes the mode; only ON is answered. */
export const clientReply: CommandSpec["run"] = (_server, session, request) => {
  if (request.is(MODE, ON)) {
    session.replyMode = "on";
    session.reply.simple("OK");
  } else if (request.is(MODE, OFF)) {
    session.replyMode = "off";
  } else if (request.is(MODE, SKIP)) {
    if (session.replyMode !== "off") session.replyMode = "skip next";
  } else {
    session.reply.error(errors.syntax);
  }
};
