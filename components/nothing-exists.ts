import * as pulumi from "@pulumi/pulumi";

/** A resource as a program asked for it. */
export interface PlannedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Puts stand-ins in place of engine and providers: nothing is made, and what a program asks for is collected. For tests
 * and for pictures. Each password is its resource's name, padded to the length of a seed.
 */
export async function planWithoutProvider(project: string, stack: string): Promise<PlannedResource[]> {
  const planned: PlannedResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        planned.push({ type, name, inputs });
        const outputs: Record<string, unknown> = {
          "random:index/randomPassword:RandomPassword": { result: `secret-of-${name}`.padEnd(32, "-") },
          "hcloud:index/loadBalancer:LoadBalancer": { ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
          "hcloud:index/primaryIp:PrimaryIp": { ipAddress: inputs.type === "ipv6" ? "2001:db8:1::" : "192.0.2.2" },
          "hcloud:index/zone:Zone": { authoritativeNameservers: { assigneds: ["ns1.example.eu"] } },
          "pulumi:index:Stash": { output: inputs.input },
        };
        return { id: `${planned.length}`, state: { ...inputs, ...(outputs[type] as object | undefined) } };
      },
      call: () => ({}),
    },
    project,
    stack,
  );
  return planned;
}
