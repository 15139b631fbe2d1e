import type { Role } from "./role.ts";

const path = "/etc/sysctl.d/60-sovereign.conf";

const settingsOf = (roles: readonly Role[]): [name: string, value: number, role: string][] =>
  roles.flatMap(({ name: role, kernelSettings = {} }) =>
    Object.entries(kernelSettings).map(([name, value]): [string, number, string] => [name, value, role]),
  );

/** What sets roles' kernel settings, before any unit is started; none where no role has any. */
export function kernelRole(roles: readonly Role[]): Role[] {
  const lines = new Set(settingsOf(roles).map(([name, value]) => `${name} = ${value}\n`));
  if (lines.size === 0) return [];
  return [
    {
      name: "kernel",
      packages: [],
      files: [{ path, content: [...lines].sort().join("") }],
      units: [],
      setup: ["systemctl restart systemd-sysctl.service"],
      openings: [],
      scrape: [],
    },
  ];
}

/** A machine has one kernel: settings that two roles want otherwise. */
export function kernelProblems(roles: readonly Role[]): string[] {
  const all = settingsOf(roles);
  return all.flatMap(([name, value, role], at) => {
    const earlier = all.slice(0, at).find((setting) => setting[0] === name && setting[1] !== value);
    return earlier ? [`${name} is to be ${earlier[1]} for ${earlier[2]} and ${value} for ${role}`] : [];
  });
}
