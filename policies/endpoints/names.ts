/** What the names of properties say of what stands under them, beside its role. */
import { memoised } from "../catalogue/memoised.ts";

const RECORD_VALUES = new Set(
  "value values content contents data target targets records rrdatas rdata answers answer record ip".split(" "),
);

/** Maps of these hold names alone, whatever stands in them. */
const NAME_MAPS = new Set(
  "labels tags matchlabels nodeselector defaulttags additionallabels commonlabels selector tagsall".split(" "),
);

const OWN_NAME_KEYS = new Set(
  "host hosts hostname hostnames fqdn dnsnames domainname domainnames commonname servername names".split(" "),
);

/** Lists under these are lists of commands; under the script's other names they are one command's words. */
const COMMAND_LISTS = new Set("runcmd bootcmd commands scripts before_script after_script inline".split(" "));

const CONTAINER_PARENTS = new Set(
  "containers initcontainers ephemeralcontainers containerdefinitions services sidecars jobs pipeline steps".split(" "),
);

/** Settings that name an endpoint of object storage. */
const STORAGE = /(?:s3|aws|storage|store|bucket|^)_?-?endpoint(?:_?-?url)?(?:_s3)?$/i;

export interface NameFacts {
  readonly lower: string;
  /** Whether what it holds are names alone, whatever stands in them. */
  readonly isNameMap: boolean;
  /** Whether it is a name that the resource itself answers to. */
  readonly isOwnName: boolean;
  readonly isRecordValue: boolean;
  readonly isCommandList: boolean;
  readonly holdsContainers: boolean;
  readonly isStorage: boolean;
}

/** Names beyond that are none that people give; they are looked at each time. */
const LONGEST = 200;

function look(name: string): NameFacts {
  const lower = name.toLowerCase();
  return {
    lower,
    isNameMap: NAME_MAPS.has(lower),
    isOwnName: OWN_NAME_KEYS.has(lower),
    isRecordValue: RECORD_VALUES.has(lower),
    isCommandList: COMMAND_LISTS.has(lower),
    holdsContainers: CONTAINER_PARENTS.has(lower),
    isStorage: STORAGE.test(name),
  };
}

const known = memoised(look);

export const factsOfName = (name: string): NameFacts => (name.length > LONGEST ? look(name) : known(name));
