/**
 * Resource types that hold data: replacing or deleting one loses what is in it. By Pulumi type token, `*` at the end for what follows.
 *
 * Source: the providers' own schemas, read for this list 2026-11; what each loses in our words.
 */
export interface StatefulType {
  /** Type token, or its beginning and `*`. */
  readonly type: string;
  /** What is lost with it. */
  readonly holds: string;
}

const of = (holds: string, ...types: string[]): StatefulType[] => types.map((type) => ({ type, holds }));

export const statefulTypes: readonly StatefulType[] = [
  ...of("the files on the volume", "hcloud:index/volume:Volume"),
  ...of("the machine's disk image", "hcloud:index/snapshot:Snapshot"),
  ...of("addresses that others know", "hcloud:index/primaryIp:PrimaryIp", "hcloud:index/floatingIp:FloatingIp"),
  ...of("the zone and every record in it", "hcloud:index/zone:Zone"),
  ...of(
    "a generated secret that encrypted or opened something",
    "random:index/randomPassword:RandomPassword",
    "random:index/randomBytes:RandomBytes",
    "tls:index/privateKey:PrivateKey",
  ),
  ...of(
    "the volume's data",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "kubernetes:core/v1:PersistentVolume",
    "kubernetes:apps/v1:StatefulSet",
  ),
  ...of("everything in the namespace", "kubernetes:core/v1:Namespace"),
  ...of("every object of this kind", "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"),
  ...of("the objects in the bucket", "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "aws-native:s3:Bucket"),
  ...of(
    "the database",
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:dynamodb/table:Table",
    "aws:dynamodb/globalTable:GlobalTable",
    "aws:docdb/cluster:Cluster",
    "aws:neptune/cluster:Cluster",
    "aws:redshift/cluster:Cluster",
    "aws:opensearch/domain:Domain",
    "aws:elasticsearch/domain:Domain",
    "aws:timestreamwrite/*",
    "aws:keyspaces/*",
    "aws:memorydb/cluster:Cluster",
    "aws-native:rds:*",
    "aws-native:dynamodb:*",
  ),
  ...of("what the cache holds, sessions too", "aws:elasticache/*"),
  ...of("the files", "aws:efs/fileSystem:FileSystem", "aws:fsx/*", "aws:ebs/volume:Volume"),
  ...of("backups", "aws:backup/vault:Vault", "aws:ebs/snapshot:Snapshot", "aws:rds/snapshot:Snapshot"),
  ...of(
    "the key, and all that it encrypted",
    "aws:kms/key:Key",
    "gcp:kms/*",
    "azure-native:keyvault:*",
    "azure:keyvault/*",
  ),
  ...of("secrets", "aws:secretsmanager/secret:Secret", "aws:ssm/parameter:Parameter"),
  ...of("messages not yet taken", "aws:sqs/queue:Queue", "aws:kinesis/stream:Stream", "aws:msk/cluster:Cluster"),
  ...of("users and their passwords", "aws:cognito/userPool:UserPool"),
  ...of("the images", "aws:ecr/repository:Repository"),
  ...of("logs", "aws:cloudwatch/logGroup:LogGroup"),
  ...of(
    "the zone and every record in it",
    "aws:route53/zone:Zone",
    "gcp:dns/managedZone:ManagedZone",
    "azure-native:network:Zone",
    "azure:dns/zone:Zone",
  ),
  ...of("what the account stores", "azure-native:storage:StorageAccount", "azure:storage/account:Account"),
  ...of("blobs", "azure-native:storage:BlobContainer", "azure:storage/container:Container"),
  ...of("files", "azure-native:storage:FileShare", "azure:storage/share:Share"),
  ...of(
    "the database",
    "azure-native:sql:*",
    "azure-native:dbforpostgresql:*",
    "azure-native:dbformysql:*",
    "azure-native:documentdb:*",
    "azure:mssql/*",
    "azure:postgresql/*",
    "azure:mysql/*",
    "azure:cosmosdb/*",
  ),
  ...of("what the cache holds", "azure-native:cache:Redis", "azure:redis/cache:Cache"),
  ...of("the disk", "azure-native:compute:Disk", "azure:compute/managedDisk:ManagedDisk"),
  ...of("everything in the group", "azure-native:resources:ResourceGroup", "azure:core/resourceGroup:ResourceGroup"),
  ...of("the objects in the bucket", "gcp:storage/bucket:Bucket", "google-native:storage/v1:Bucket"),
  ...of(
    "the database",
    "gcp:sql/databaseInstance:DatabaseInstance",
    "gcp:sql/database:Database",
    "gcp:alloydb/*",
    "gcp:spanner/*",
    "gcp:bigtable/*",
    "gcp:bigquery/dataset:Dataset",
    "gcp:bigquery/table:Table",
    "gcp:firestore/*",
  ),
  ...of("what the cache holds", "gcp:redis/*"),
  ...of("the disk or the files", "gcp:compute/disk:Disk", "gcp:compute/regionDisk:RegionDisk", "gcp:filestore/*"),
  ...of("messages not yet taken", "gcp:pubsub/*"),
  ...of("secrets", "gcp:secretmanager/*"),
  ...of("everything in the project", "gcp:organizations/project:Project"),
  ...of(
    "the objects in the bucket",
    "scaleway:object/bucket:Bucket",
    "scaleway:index/objectBucket:ObjectBucket",
    "ovh:*S3*",
    "exoscale:*Sos*",
    "upcloud:index/managedObjectStorage:ManagedObjectStorage",
  ),
  ...of(
    "the database",
    "scaleway:databases/*",
    "scaleway:index/databaseInstance:DatabaseInstance",
    "scaleway:redis/*",
    "scaleway:mongodb/*",
    "ovh:CloudProject/database:*",
    "ovh:CloudProjectDatabase/*",
    "exoscale:index/dbaas:Dbaas",
    "upcloud:index/managedDatabase*",
    "digitalocean:index/databaseCluster:DatabaseCluster",
    "vultr:index/database:Database",
    "linode:index/database*",
    "ionoscloud:dbaas/*",
  ),
  ...of(
    "the volume's data",
    "scaleway:block/volume:Volume",
    "scaleway:instance/volume:Volume",
    "ovh:CloudProject/volume:Volume",
    "exoscale:index/blockStorageVolume:BlockStorageVolume",
    "upcloud:index/storage:Storage",
    "ionoscloud:compute/volume:Volume",
    "openstack:blockstorage/*",
    "digitalocean:index/volume:Volume",
    "vultr:index/blockStorage:BlockStorage",
    "linode:index/volume:Volume",
  ),
  ...of(
    "the objects in the bucket",
    "digitalocean:index/spacesBucket:SpacesBucket",
    "linode:index/objectStorageBucket:ObjectStorageBucket",
    "cloudflare:index/r2Bucket:R2Bucket",
  ),
  ...of("the zone and every record in it", "cloudflare:index/zone:Zone", "digitalocean:index/domain:Domain"),
];

const exact = new Map(statefulTypes.filter(({ type }) => !type.includes("*")).map((entry) => [entry.type, entry]));
const patterns = statefulTypes
  .filter(({ type }) => type.includes("*"))
  .map((entry) => {
    const [head = "", ...tail] = entry.type.split("*");
    return { entry, head, tail };
  });

/** What a resource of this type holds, by its type alone; undefined for types that hold nothing that is known here. */
export function holdsData(type: string): StatefulType | undefined {
  const known = exact.get(type);
  if (known) return known;
  for (const { entry, head, tail } of patterns)
    if (type.startsWith(head) && tail.every((part) => type.includes(part, head.length))) return entry;
  return undefined;
}
