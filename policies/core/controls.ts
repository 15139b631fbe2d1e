/** Frameworks that reports can be grouped by, with where they are published. */
export const FRAMEWORKS = {
  SecNumCloud: "ANSSI SecNumCloud 3.2 (2022)",
  C5: "BSI C5:2020",
  C3A: "BSI C3A (2026)",
  CSF: "EU Cloud Sovereignty Framework 1.2.1 (2025-10), ranked SEAL-0 to SEAL-4",
  "Gaia-X": "Gaia-X Compliance, labels level 2 and 3",
  DORA: "Regulation (EU) 2022/2554",
  GDPR: "Regulation (EU) 2016/679",
  "WAF-SOV": "WAF++ Sovereign pillar 1.0",
} as const;

export type Framework = keyof typeof FRAMEWORKS;

/** One requirement of a framework that rules give evidence for. */
export interface Control {
  readonly framework: Framework;
  /** As the framework writes it: `§19.2 b`, `Art. 28`. */
  readonly clause: string;
  /** What it asks for, in our words. */
  readonly title: string;
}

/**
 * Rules and reports name controls by these keys. A rule's finding is evidence for or against one, never the whole proof of it: most ask
 * for contracts and processes too, which no graph of resources shows.
 */
export const CONTROLS = {
  "secnumcloud-19.2-b": {
    framework: "SecNumCloud",
    clause: "§19.2 b",
    title: "Storage and processing in the EU, backups and replicas too",
  },
  "secnumcloud-19.2-c": {
    framework: "SecNumCloud",
    clause: "§19.2 c",
    title: "Administration and supervision from the EU",
  },
  "secnumcloud-19.2-d": {
    framework: "SecNumCloud",
    clause: "§19.2 d",
    title: "Technical data (identities, logs, certificates, configuration) in the EU",
  },
  "secnumcloud-19.6-ab": {
    framework: "SecNumCloud",
    clause: "§19.6 a-b",
    title: "Seat of the provider in the EU; non-EU capital at most 24 % each and 39 % together",
  },
  "secnumcloud-19.6-c": {
    framework: "SecNumCloud",
    clause: "§19.6 c",
    title: "A subcontractor outside the EU cannot technically reach data",
  },
  "c5-pss-12": { framework: "C5", clause: "PSS-12", title: "Locations of data processing and storage" },
  "c5-sso-03": { framework: "C5", clause: "SSO-03", title: "Directory of service providers and suppliers" },
  "c5-cos-01": { framework: "C5", clause: "COS-01", title: "Technical safeguards of networks" },
  "c5-cos-05": { framework: "C5", clause: "COS-05", title: "Networks for administration" },
  "c5-cry-02": { framework: "C5", clause: "CRY-02", title: "Encryption in transit" },
  "c5-ops-06": { framework: "C5", clause: "OPS-06", title: "Backup and recovery" },
  "c5-am-09": { framework: "C5", clause: "AM-09", title: "Classification and labelling" },
  "c3a-sov-1": {
    framework: "C3A",
    clause: "SOV-1",
    title: "Strategic sovereignty: who owns and controls the provider",
  },
  "c3a-sov-2": { framework: "C3A", clause: "SOV-2", title: "Legal sovereignty: which law reaches the data" },
  "c3a-sov-3": { framework: "C3A", clause: "SOV-3", title: "Data sovereignty: places, and keys held by the customer" },
  "csf-sov-1": { framework: "CSF", clause: "SOV-1", title: "Strategic sovereignty" },
  "csf-sov-2": { framework: "CSF", clause: "SOV-2", title: "Legal and jurisdictional sovereignty" },
  "csf-sov-3": { framework: "CSF", clause: "SOV-3", title: "Data and AI sovereignty" },
  "csf-sov-4": { framework: "CSF", clause: "SOV-4", title: "Operational sovereignty" },
  "csf-sov-5": { framework: "CSF", clause: "SOV-5", title: "Supply chain sovereignty" },
  "csf-sov-7": { framework: "CSF", clause: "SOV-7", title: "Security and compliance sovereignty" },
  "gaia-x-residency": {
    framework: "Gaia-X",
    clause: "Label level 2/3",
    title: "Data stored and processed in the EU or EEA",
  },
  "gaia-x-control": {
    framework: "Gaia-X",
    clause: "Label level 3",
    title: "Provider headquartered in the EU or EEA, and controlled from there",
  },
  "dora-30-2-a": { framework: "DORA", clause: "Art. 30(2)(a)", title: "Functions and their subcontractors are named" },
  "dora-30-2-b": {
    framework: "DORA",
    clause: "Art. 30(2)(b)",
    title: "Places of service and data are named, and a change is announced before",
  },
  "dora-12": { framework: "DORA", clause: "Art. 12", title: "Backup, restoration and recovery" },
  "dora-9": { framework: "DORA", clause: "Art. 9", title: "Protection and prevention" },
  "gdpr-28": { framework: "GDPR", clause: "Art. 28", title: "Processors by contract; sub-processors authorised" },
  "gdpr-30": { framework: "GDPR", clause: "Art. 30", title: "Records of processing: recipients, transfers, retention" },
  "gdpr-32": { framework: "GDPR", clause: "Art. 32", title: "Security of processing" },
  "gdpr-44": { framework: "GDPR", clause: "Art. 44-46", title: "Transfers to third countries" },
  "waf-sov-010": { framework: "WAF-SOV", clause: "WAF-SOV-010", title: "Data classes and where they may be" },
  "waf-sov-020": { framework: "WAF-SOV", clause: "WAF-SOV-020", title: "Regions pinned, enforced by policy as code" },
  "waf-sov-030": { framework: "WAF-SOV", clause: "WAF-SOV-030", title: "Backups stay inside" },
  "waf-sov-040": { framework: "WAF-SOV", clause: "WAF-SOV-040", title: "Logs and telemetry stay inside" },
  "waf-sov-060": { framework: "WAF-SOV", clause: "WAF-SOV-060", title: "Privileged access controlled" },
  "waf-sov-080": { framework: "WAF-SOV", clause: "WAF-SOV-080", title: "Inventory of third parties" },
  "waf-sov-090": { framework: "WAF-SOV", clause: "WAF-SOV-090", title: "Outbound connections controlled" },
} as const satisfies Record<string, Control>;

export type ControlId = keyof typeof CONTROLS;

export const controlIds = Object.keys(CONTROLS) as readonly ControlId[];
