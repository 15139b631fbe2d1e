import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

export interface PublicFirewallArgs {
  /** Ranges from which administrators may use SSH. Changed in place. */
  readonly adminCidrs: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Closes the public side of every machine: nothing comes in but SSH from the administrators' ranges and ICMP, which
 * path MTU discovery needs. The provider's firewall does not see private traffic: that is the machines' own filter.
 *
 * Cost: free.
 */
export class PublicFirewall extends pulumi.ComponentResource {
  readonly id: pulumi.Output<number>;

  constructor(name: string, args: PublicFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sovereign:network:PublicFirewall", name, {}, opts);
    const firewall = new hcloud.Firewall(
      name,
      {
        name,
        labels: { ...args.labels },
        rules: [
          {
            direction: "in",
            protocol: "tcp",
            port: "22",
            sourceIps: [...args.adminCidrs],
            description: "SSH for administrators",
          },
          {
            direction: "in",
            protocol: "icmp",
            sourceIps: ["0.0.0.0/0", "::/0"],
            description: "path MTU discovery",
          },
        ],
      },
      { parent: this },
    );
    this.id = firewall.id.apply(Number);
    this.registerOutputs({ id: this.id });
  }
}
