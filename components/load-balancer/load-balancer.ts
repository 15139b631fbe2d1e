import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerTypeName } from "../../catalogue/hetzner/load-balancer-types.ts";
import { type CostItem, loadBalancerCost } from "../cost.ts";
import type { Platform } from "../host/platform.ts";
import { ports } from "../ports.ts";
import type { Certificate } from "./certificate.ts";
import { checkedPrivateKey } from "./private-key.ts";
import { type Algorithm, type HealthCheck, healthCheckDefaults, loadBalancerProblems } from "./problems.ts";

export interface LoadBalancerArgs {
  readonly platform: Platform;
  /** Changed in place. @default "lb11" */
  readonly type?: LoadBalancerTypeName;
  /** Changed in place. @default "least_connections" */
  readonly algorithm?: Algorithm;
  /** For HTTPS; "none" is plain HTTP, for tests only. A changed one is created, then used, and only then the old one is deleted. */
  readonly certificates: readonly Certificate[] | "none";
  /** Label selector of the servers behind it. In place. */
  readonly targetSelector: string;
  /** The most servers that the selector may find: the types differ in how many they take. */
  readonly maxTargets: number;
  readonly healthCheck?: HealthCheck;
  /** Sends visitors of http:// to https://. In place. @default true */
  readonly redirectHttp?: boolean;
  /** DNS zone in which managed certificates are proven, where the same program makes it. @default it is there */
  readonly zone?: pulumi.Input<string>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Last word on each child's arguments. */
  readonly transform?: {
    readonly loadBalancer?: (args: hcloud.LoadBalancerArgs) => hcloud.LoadBalancerArgs;
    readonly service?: (args: hcloud.LoadBalancerServiceArgs) => hcloud.LoadBalancerServiceArgs;
  };
}

/** Load balancers stand on the first planned addresses of their subnet. */
const ordinal = 1;

/**
 * The entrance: terminates TLS and passes requests to healthy app servers over the private network.
 *
 * Cost: 7.49 EUR each month for lb11, 21.49 for lb21.
 *
 * @throws RunError with every problem of the arguments
 */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly loadBalancer: hcloud.LoadBalancer;
  readonly service: hcloud.LoadBalancerService;
  readonly target: hcloud.LoadBalancerTarget;
  readonly ipv4: pulumi.Output<string>;
  readonly ipv6: pulumi.Output<string>;
  /** From the address plan. */
  readonly privateAddress: string;
  readonly costs: readonly CostItem[];

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = loadBalancerProblems(args);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:load-balancer:LoadBalancer", name, {}, opts);

    const { platform, type = "lb11" } = args;
    const { network, location } = platform;
    this.privateAddress = network.plan.address("load-balancer", location, ordinal);
    this.costs = [loadBalancerCost(name, type)];
    this.loadBalancer = this.#loadBalancer(name, args);
    const id = this.loadBalancer.id.apply(Number);
    const attachment = new hcloud.LoadBalancerNetwork(
      name,
      {
        loadBalancerId: id,
        subnetId: network.subnet("load-balancer", location).id,
        ip: this.privateAddress,
        enablePublicInterface: true,
      },
      // Its address is planned, so the old attachment has to be gone before a new one can have it.
      { parent: this, deleteBeforeReplace: true },
    );
    this.target = new hcloud.LoadBalancerTarget(
      name,
      { loadBalancerId: id, type: "label_selector", labelSelector: args.targetSelector, usePrivateIp: true },
      { parent: this, dependsOn: [attachment] },
    );
    this.service = this.#service(name, args);
    this.ipv4 = this.loadBalancer.ipv4;
    this.ipv6 = this.loadBalancer.ipv6;
    this.registerOutputs({ ipv4: this.ipv4, ipv6: this.ipv6, privateAddress: this.privateAddress });
  }

  #loadBalancer(name: string, args: LoadBalancerArgs): hcloud.LoadBalancer {
    const { platform } = args;
    const protect = platform.isProtected(name);
    return new hcloud.LoadBalancer(
      name,
      (args.transform?.loadBalancer ?? ((a) => a))({
        name,
        loadBalancerType: args.type ?? "lb11",
        location: platform.location,
        algorithm: { type: args.algorithm ?? "least_connections" },
        labels: { ...platform.labels, ...args.labels, role: "load-balancer" },
        deleteProtection: protect,
      }),
      { parent: this, protect, deleteBeforeReplace: true },
    );
  }

  /** Certificates have no name of their own: the engine makes a new one for each, so that old and new can exist together. */
  #certificates(name: string, args: LoadBalancerArgs): pulumi.Output<number>[] {
    if (args.certificates === "none") return [];
    const labels = { ...args.platform.labels, ...args.labels };
    return args.certificates.map((certificate, index) => {
      const resource = index === 0 ? name : `${name}-${index + 1}`;
      if (certificate.kind === "managed") {
        // Issued by a record in the zone, so the zone has to be there first.
        const domainNames = pulumi.output(args.zone).apply(() => [...certificate.domainNames]);
        return new hcloud.ManagedCertificate(resource, { domainNames, labels }, { parent: this }).id.apply(Number);
      }
      const privateKey = checkedPrivateKey(this, name, `certificates[${index}]`, certificate);
      return new hcloud.UploadedCertificate(
        resource,
        { certificate: certificate.certificate, privateKey, labels },
        { parent: this, additionalSecretOutputs: ["privateKey"] },
      ).id.apply(Number);
    });
  }

  #service(name: string, args: LoadBalancerArgs): hcloud.LoadBalancerService {
    const check = { ...healthCheckDefaults, ...args.healthCheck };
    const healthCheck = {
      protocol: "http",
      port: ports.appHttp,
      interval: check.intervalSeconds,
      timeout: check.timeoutSeconds,
      retries: check.retries,
      http: { path: check.path, statusCodes: ["200"], tls: false },
    };
    const common = {
      loadBalancerId: this.loadBalancer.id,
      destinationPort: ports.appHttp,
      proxyprotocol: false,
      healthCheck,
    };
    const own: hcloud.LoadBalancerServiceArgs =
      args.certificates === "none"
        ? { ...common, protocol: "http", listenPort: 80 }
        : {
            ...common,
            protocol: "https",
            listenPort: 443,
            http: { certificates: this.#certificates(name, args), redirectHttp: args.redirectHttp ?? true },
          };
    return new hcloud.LoadBalancerService(name, (args.transform?.service ?? ((a) => a))(own), {
      // Deleted on its own, not with the load balancer: its certificate can only go after it.
      parent: this,
      // Two services cannot listen on the same port.
      deleteBeforeReplace: true,
    });
  }
}
