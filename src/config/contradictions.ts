/**
 * Settings that are right one by one and make no sense together.
 *
 * Found when everything was read, so that `--check-config` sees what the start would fail at. What
 * depends on the machine (a port in use, too few files) is not known here.
 */
import { BUS_PORT_DISTANCE } from "../util/node-address.ts";
import type { Config } from "./config.ts";
import type { DirectiveName } from "./directives.ts";
import type { ConfigProblem } from "./problem.ts";
import { tlsLack } from "./tls-needs.ts";
import { toldPort } from "./told-port.ts";

const PORT_MAX = 65_535;

/** Everything that contradicts something else, pinned to where it was written. */
export function contradictions(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuse = (name: DirectiveName, message: string): void => {
    problems.push(config.problemWith(name, message));
  };
  const { port, "cluster-port": busPort, "cluster-seeds": seeds } = config.settings;
  const { "tls-port": tlsPort, "http-port": httpPort } = config.settings;
  const told = toldPort(config.settings, { port, tlsPort });
  const nodesPort = busPort === 0 && told > 0 ? told + BUS_PORT_DISTANCE : busPort;
  if (busPort !== 0 && busPort === port) {
    refuse("cluster-port", "cluster-port must be another one than port");
  }
  if (httpPort > 0 && (httpPort === port || httpPort === nodesPort)) {
    refuse("http-port", "http-port must be another one than port and the port for other nodes");
  }
  if (tlsPort > 0 && [port, httpPort, nodesPort].includes(tlsPort)) {
    refuse(
      "tls-port",
      "tls-port must be another one than port, http-port and that for other nodes",
    );
  }
  if (seeds.length > 0 && nodesPort > PORT_MAX) {
    refuse(
      "cluster-seeds",
      `cluster-seeds needs cluster-port: port + ${BUS_PORT_DISTANCE} is no port`,
    );
  }
  const lack = tlsLack(config.settings);
  if (lack !== undefined) refuse(lack.name, lack.message);
  return problems;
}
