/** The register of approved services (`approved-services.yaml`): GDPR Art. 28/30 and DORA Art. 30 want such a list anyway. */
export interface ApprovedService {
  /** Host name (`api.example.eu`), name with a wildcard for whole labels (`*.example.eu`), or address range. */
  readonly endpoint: string;
  readonly purpose: string;
  readonly provider: string;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  /** Data classes that may go there. */
  readonly dataClasses: readonly string[];
  readonly retention: string;
  readonly legalBasis: string;
  /** YYYY-MM-DD. */
  readonly contractDate: string;
  /** YYYY-MM-DD: from the day after on, the entry is overdue. */
  readonly reviewDate: string;
}

export interface Register {
  readonly services: readonly ApprovedService[];
}
