import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerTypeName } from "../../catalogue/hetzner/load-balancer-types.ts";
import { type CostItem, loadBalancerCost } from "../cost.ts";
import type { Platform } from "../host/platform.ts";
import { ports } from "../ports.ts";
import { type HealthCheck, loadBalancerProblems } from "./problems.ts";

/** Where the certificate for HTTPS comes from. A change makes the new one before the old one goes. */
export type CertificateSource =
  /** Issued and renewed by the provider; the names' DNS zone must be in the same project. */
  | { readonly kind: "managed"; readonly domainNames: readonly string[] }
  | {
      readonly kind: "uploaded";
      /** PEM: the certificate and its intermediates. */
      readonly certificate: pulumi.Input<string>;
      /** PEM; kept secret. */
      readonly privateKey: pulumi.Input<string>;
    }
  /** Plain HTTP. For tests: it has to be said. */
  | { readonly kind: "none" };

export interface LoadBalancerArgs {
  readonly platform: Platform;
  readonly certificate: CertificateSource;
  /** Servers with this label selector are targets, by their private addresses. A change is made in place. */
  readonly targets: string;
  /** Changed in place. @default "lb11" */
  readonly type?: LoadBalancerTypeName;
  /** Changed in place. @default "least_connections" */
  readonly algorithm?: "round_robin" | "least_connections";
  /** Changed in place. @default GET /healthz every 5 s, 3 s to answer, 2 failures in a row */
  readonly healthCheck?: Partial<HealthCheck>;
  /** Last word on each child's arguments. */
  readonly transform?: {
    readonly loadBalancer?: (args: hcloud.LoadBalancerArgs) => hcloud.LoadBalancerArgs;
    readonly service?: (args: hcloud.LoadBalancerServiceArgs) => hcloud.LoadBalancerServiceArgs;
  };
}

/** Named here once, so that the page in docs/ and the health check agree. */
export const defaultHealthCheck: HealthCheck = { path: "/healthz", intervalSeconds: 5, timeoutSeconds: 3, retries: 2 };

/**
 * The public entrance: HTTPS to the app servers over the private network, and HTTP redirected to it.
 *
 * Cost: lb11 7.49 EUR, lb21 21.49 EUR each month, with its IPv4 address.
 *
 * @throws RunError with every problem of the arguments
 */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly loadBalancer: hcloud.LoadBalancer;
  readonly ipv4: pulumi.Output<string>;
  readonly ipv6: pulumi.Output<string>;
  /** Planned address on the private network. */
  readonly privateAddress: string;
  readonly costs: readonly CostItem[];

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const healthCheck = { ...defaultHealthCheck, ...args.healthCheck };
    const problems = loadBalancerProblems({ ...args, healthCheck });
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:load-balancer:LoadBalancer", name, {}, opts);
    const { platform } = args;
    const type = args.type ?? "lb11";
    const protect = platform.isProtected(name);

    this.loadBalancer = new hcloud.LoadBalancer(
      name,
      (args.transform?.loadBalancer ?? ((a) => a))({
        name,
        loadBalancerType: type,
        location: platform.location,
        algorithm: { type: args.algorithm ?? "least_connections" },
        labels: { ...platform.labels, role: "load-balancer" },
        deleteProtection: protect,
      }),
      // Its public address is in DNS: losing it is an outage until the records have changed everywhere.
      { parent: this, protect },
    );
    this.privateAddress = platform.network.plan.address("load-balancer", platform.location, 1);
    const attachment = this.#attach(name, platform);
    this.#target(name, args.targets, attachment);
    this.#serve(name, args, healthCheck);
    this.ipv4 = this.loadBalancer.ipv4;
    this.ipv6 = this.loadBalancer.ipv6;
    this.costs = [loadBalancerCost(name, type)];
    this.registerOutputs({ ipv4: this.ipv4, ipv6: this.ipv6, privateAddress: this.privateAddress });
  }

  #attach(name: string, platform: Platform): hcloud.LoadBalancerNetwork {
    return new hcloud.LoadBalancerNetwork(
      name,
      {
        loadBalancerId: this.loadBalancer.id.apply(Number),
        subnetId: platform.network.subnet("load-balancer", platform.location).id,
        ip: this.privateAddress,
      },
      { parent: this, deletedWith: this.loadBalancer },
    );
  }

  /** By label, not by server: servers come and go without an edit here, and a replacement takes over once it is healthy. */
  #target(name: string, labelSelector: string, attachment: hcloud.LoadBalancerNetwork): void {
    new hcloud.LoadBalancerTarget(
      name,
      { loadBalancerId: this.loadBalancer.id.apply(Number), type: "label_selector", labelSelector, usePrivateIp: true },
      { parent: this, dependsOn: [attachment], deletedWith: this.loadBalancer },
    );
  }

  #serve(name: string, args: LoadBalancerArgs, check: HealthCheck): void {
    const certificate = this.#certificate(name, args);
    const service: hcloud.LoadBalancerServiceArgs = {
      loadBalancerId: this.loadBalancer.id,
      protocol: certificate ? "https" : "http",
      listenPort: certificate ? 443 : 80,
      destinationPort: ports.appHttp,
      ...(certificate ? { http: { certificates: [certificate.id.apply(Number)], redirectHttp: true } } : {}),
      healthCheck: {
        protocol: "http",
        port: ports.appHttp,
        interval: check.intervalSeconds,
        timeout: check.timeoutSeconds,
        retries: check.retries,
        http: { path: check.path, statusCodes: ["2??"] },
      },
    };
    new hcloud.LoadBalancerService(name, (args.transform?.service ?? ((a) => a))(service), {
      parent: this,
      deletedWith: this.loadBalancer,
    });
  }

  /** Without a name of our own, so that a new certificate can stand beside the old one while the service changes over. */
  #certificate(
    name: string,
    args: LoadBalancerArgs,
  ): hcloud.UploadedCertificate | hcloud.ManagedCertificate | undefined {
    const { certificate, platform } = args;
    const labels = { ...platform.labels };
    switch (certificate.kind) {
      case "managed":
        return new hcloud.ManagedCertificate(
          name,
          { domainNames: [...certificate.domainNames], labels },
          { parent: this },
        );
      case "uploaded":
        return new hcloud.UploadedCertificate(
          name,
          { certificate: certificate.certificate, privateKey: pulumi.secret(certificate.privateKey), labels },
          { parent: this },
        );
      case "none":
        return undefined;
    }
  }
}
