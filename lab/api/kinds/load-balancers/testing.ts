/** What tests of load balancers ask the API for. */
import { expect } from "vitest";
import type { Answered, TestLab } from "../../testing.ts";
import { issue } from "../certificates/pem.ts";

/** Status, code and the first field that a refusal names. */
export function refusal({ status, body }: Answered): [number, string, string | undefined] {
  return [status, body.error.code, body.error.details?.fields?.[0]?.name];
}
/** A refusal's code, or the status of what was done. */
export const code = (answer: Answered) => answer.body.error?.code ?? answer.status;

export const toServer = (id: number, use_private_ip = false) => ({ type: "server", server: { id }, use_private_ip });
export const toLabel = (selector: string, use_private_ip = false) => ({
  type: "label_selector",
  label_selector: { selector },
  use_private_ip,
});

/** @param lab asked each time: tests open another one */
export function balancersOf(lab: () => TestLab) {
  const newBalancer = async (more: object = {}): Promise<number> => {
    const body = { name: "web", load_balancer_type: "lb11", location: "nbg1", ...more };
    const answer = await lab().post("/load_balancers", body);
    expect([answer.status, answer.body.error]).toEqual([201, undefined]);
    return answer.body.load_balancer.id;
  };
  const newServer = async (name: string, more: object = {}): Promise<number> => {
    const body = { name, server_type: "cpx22", image: "debian-13", location: "nbg1", ...more };
    const answer = await lab().post("/servers", body);
    expect([answer.status, answer.body.error]).toEqual([201, undefined]);
    return answer.body.server.id;
  };
  const newNetwork = async (zone = "eu-central", name = "net"): Promise<number> => {
    const subnets = [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: zone }];
    return (await lab().post("/networks", { name, ip_range: "10.0.0.0/16", subnets })).body.network.id;
  };
  const newCertificate = async (name: string): Promise<number> => {
    const made = await issue([`${name}.example.com`], new Date());
    const body = { name, certificate: made.certificate, private_key: made.privateKey };
    return (await lab().post("/certificates", body)).body.certificate.id;
  };
  const act = (id: number, name: string, body?: object) => lab().post(`/load_balancers/${id}/actions/${name}`, body);
  const read = async (id: number) => (await lab().get(`/load_balancers/${id}`)).body.load_balancer;
  return { newBalancer, newServer, newNetwork, newCertificate, act, read };
}
