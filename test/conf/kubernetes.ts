/**
 * The objects of conf/kubernetes with the few fields that tests look at.
 *
 * Read once; whoever imports this gets what is written there and not what Kubernetes would make of it.
 */
import assert from "node:assert/strict";
import { yamlDocuments } from "./conf-files.ts";

/** Names and values that select objects. */
export type Labels = Readonly<Record<string, string>>;

/** What every object has. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Labels };
}

/** A request that decides whether a container lives or gets clients. */
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

/** A container of ringq. */
export interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle: {
    readonly preStop: { readonly exec: { readonly command: readonly string[] } };
  };
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** A StatefulSet. */
export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly serviceName: string;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly enableServiceLinks: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly Container[];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap: { readonly name: string };
        }[];
      };
    };
    readonly volumeClaimTemplates: readonly KubeObject[];
  };
}

/** A Service. */
export interface Service extends KubeObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly selector: Labels;
    readonly ports: readonly {
      readonly name: string;
      readonly port: number;
      readonly targetPort: string;
    }[];
  };
}

/** A PodDisruptionBudget. */
export interface DisruptionBudget extends KubeObject {
  readonly spec: {
    readonly maxUnavailable: number;
    readonly selector: { readonly matchLabels: Labels };
  };
}

/** A NetworkPolicy. */
export interface NetworkPolicy extends KubeObject {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Labels };
    readonly ingress: readonly {
      readonly from?: readonly { readonly podSelector: { readonly matchLabels: Labels } }[];
      readonly ports: readonly { readonly port: string }[];
    }[];
  };
}

/** A ServiceMonitor of the Prometheus operator. */
export interface ServiceMonitor extends KubeObject {
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Labels };
    readonly endpoints: readonly {
      readonly port: string;
      readonly path: string;
      readonly authorization: { readonly credentials: { readonly key: string } };
    }[];
  };
}

const objects = ["ringq.yaml", "servicemonitor.yaml"].flatMap(
  (file) => yamlDocuments(`kubernetes/${file}`) as KubeObject[],
);

/** All objects of a kind. */
export function objectsOf<T extends KubeObject>(kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

/** The only object of a kind. */
export function objectOf<T extends KubeObject>(kind: string): T {
  const [object, ...others] = objectsOf<T>(kind);
  assert.ok(object !== undefined && others.length === 0, `there is one ${kind}`);
  return object;
}

/** The files of the ConfigMap. */
export const configMap = objectOf<
  KubeObject & {
    readonly data: { replicas: string; "ringq.conf": string; "before-stop.sh": string };
  }
>("ConfigMap").data;

/** Whether an object with these labels is selected. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
