/** What a lab with machines serves beside them. */
import type { Hono } from "hono";
import type { LabService, ServiceContext } from "./services/service.ts";

export interface LabServices extends LabService {
  /** Certificate of the authority that their own certificates come from, in PEM: machines trust it. */
  readonly authority?: string | undefined;
  /** Adds its own endpoints under `/_lab`. */
  routes?(app: Hono): void;
}

export interface LabServicesContext extends ServiceContext {
  /** The lab's folder. */
  readonly folder: string;
}

/** All of them as one. */
export async function openServices(_context: LabServicesContext): Promise<LabServices> {
  const services: LabService[] = [];
  return {
    name: "services",
    start: async () => {
      await Promise.all(services.map((service) => service.start()));
    },
    changed: (changes) => {
      for (const service of services) service.changed(changes);
    },
    stop: async () => {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}
