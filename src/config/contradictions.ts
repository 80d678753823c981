/**
 * Settings that are right one by one and make no sense together.
 *
 * Found when everything was read, so that `--check-config` sees what the start would fail at. What
 * depends on the machine (a port in use, too few files) is not known here.
 */
import { BUS_PORT_DISTANCE } from "../util/node-address.ts";
import type { Config } from "./config.ts";
import type { ConfigProblem } from "./problem.ts";

const PORT_MAX = 65_535;

/** Everything that contradicts something else, pinned to where it was written. */
export function contradictions(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { port, "cluster-port": busPort, "cluster-seeds": seeds } = config.settings;
  if (busPort !== 0 && busPort === port) {
    problems.push(config.problemWith("cluster-port", "cluster-port must be another one than port"));
  }
  const { "http-port": httpPort } = config.settings;
  if (httpPort > 0 && (httpPort === port || httpPort === busPortOf(port, busPort))) {
    const message = "http-port must be another one than port and the port for other nodes";
    problems.push(config.problemWith("http-port", message));
  }
  if (seeds.length > 0 && busPort === 0 && port + BUS_PORT_DISTANCE > PORT_MAX) {
    const message = `cluster-seeds needs cluster-port: port + ${BUS_PORT_DISTANCE} is no port`;
    problems.push(config.problemWith("cluster-seeds", message));
  }
  return problems;
}

function busPortOf(port: number, busPort: number): number {
  return busPort === 0 && port > 0 ? port + BUS_PORT_DISTANCE : busPort;
}
