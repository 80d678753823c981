/**
 * All commands, in the order in which clients see them: the reference's, then those that only today's
 * Redis clients send.
 */
import { cluster } from "./cluster/cluster.ts";
import type { CommandSpec } from "./command.ts";
import { auth } from "./connection/auth.ts";
import { client } from "./connection/client.ts";
import { echo } from "./connection/echo.ts";
import { hello } from "./connection/hello.ts";
import { ping } from "./connection/ping.ts";
import { quit } from "./connection/quit.ts";
import { reset } from "./connection/reset.ts";
import { select } from "./connection/select.ts";
import { ackjob } from "./job/ackjob.ts";
import { addjob } from "./job/addjob.ts";
import { deljob } from "./job/deljob.ts";
import { dequeue } from "./job/dequeue.ts";
import { enqueue } from "./job/enqueue.ts";
import { fastack } from "./job/fastack.ts";
import { getjob } from "./job/getjob.ts";
import { jscan } from "./job/jscan.ts";
import { nack } from "./job/nack.ts";
import { show } from "./job/show.ts";
import { working } from "./job/working.ts";
import { pause } from "./queue/pause.ts";
import { qlen } from "./queue/qlen.ts";
import { qpeek } from "./queue/qpeek.ts";
import { qscan } from "./queue/qscan.ts";
import { qstat } from "./queue/qstat.ts";
import { bgrewriteaof } from "./server/bgrewriteaof.ts";
import { command } from "./server/command.ts";
import { config } from "./server/config.ts";
import { debug } from "./server/debug.ts";
import { info } from "./server/info.ts";
import { latency } from "./server/latency.ts";
import { loadjob } from "./server/loadjob.ts";
import { monitor } from "./server/monitor.ts";
import { shutdown } from "./server/shutdown.ts";
import { slowlog } from "./server/slowlog.ts";
import { time } from "./server/time.ts";

/** Every command of ringq. */
export const commandSpecs: readonly CommandSpec[] = [
  ...[auth, ping, info, shutdown, monitor, debug, config, cluster, client, slowlog, time, command],
  ...[latency, hello, addjob, getjob, ackjob, fastack, deljob, show, loadjob, bgrewriteaof],
  ...[qlen, qpeek, qstat, qscan, jscan, enqueue, nack, dequeue, working, pause],
  ...[echo, select, reset, quit],
];
