import { expect, test } from "vitest";
import { maskSecrets } from "./mask.ts";

/** Made up, and put together here, so that nothing in this file looks like a key to those who scan repositories for them. */
const made = (prefix: string, length: number, alphabet = "aB3dE5gH7jK9mN1pQ2"): string =>
  prefix + alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
const hex = "0a1b2c3d4e5f6789";
const upper = "A2B3C4D5E6F7";

const samples: Readonly<Record<string, string>> = {
  "an AWS access key id": made("AK" + "IA", 16, upper),
  "an AWS session's key id": made("AS" + "IA", 16, upper),
  "a Google API key": made("AI" + "za", 35),
  "a Google client secret": made("GOC" + "SPX-", 28),
  "a Google access token": made("ya" + "29.", 60),
  "an Azure client secret": `${made("x", 2)}8Q~${made("", 34)}`,
  "a GitHub token": made("gh" + "p_", 36),
  "a GitHub fine-grained token": made("github" + "_pat_", 80),
  "a GitLab token": made("gl" + "pat-", 20),
  "a GitLab runner's token": made("gl" + "rt-", 20),
  "a GitLab job's token": made("gl" + "cbt-64_", 20),
  "a Bitbucket token": made("ATA" + "TT3", 60),
  "a Slack bot token": `${"xo"}xb-${made("", 12, "0123456789")}-${made("", 24)}`,
  "a Slack app token": made("xa" + "pp-1-", 60),
  "a Stripe key": made("sk" + "_live_", 24),
  "a Stripe restricted key": made("rk" + "_live_", 24),
  "a Stripe webhook secret": made("wh" + "sec_", 32),
  "a Shopify token": made("shp" + "at_", 32, hex),
  "a SendGrid key": `${"S"}G.${made("", 22)}.${made("", 43)}`,
  "a Mailgun key": made("key" + "-", 32, hex),
  "a Brevo key": `${made("xkey" + "sib-", 64, hex)}-${made("", 16)}`,
  "a Twilio key": made("S" + "K", 32, hex),
  "a Telegram bot's token": `123456789:AA${made("", 33)}`,
  "an AI provider's key": made("sk" + "-ant-api03-", 80),
  "an npm token": made("npm" + "_", 36),
  "a PyPI token": made("pypi" + "-AgE", 60),
  "a Docker Hub token": made("dckr" + "_pat_", 27),
  "a Scaleway access key": made("SC" + "W", 17, upper),
  "an Exoscale key": made("EX" + "O", 24, hex),
  "a DigitalOcean token": made("do" + "p_v1_", 64, hex),
  "a Tailscale key": made("ts" + "key-auth-", 40),
  "a Vault token": made("hv" + "s.", 90),
  "a Terraform Cloud token": `${made("", 14)}.atlas${"v1."}${made("", 60)}`,
  "a Pulumi token": made("pu" + "l-", 40, hex),
  "a Doppler token": made("dp" + ".pt.", 43),
  "a Grafana token": made("gl" + "sa_", 32),
  "a New Relic key": made("NR" + "AK-", 27, upper),
  "a Sentry token": made("sn" + "trys_", 80),
  "a Databricks token": made("da" + "pi", 32, hex),
  "an age key": made("AGE-SECRET" + "-KEY-1", 58, upper),
  "a JSON web token": `${made("ey" + "J", 33)}.${made("ey" + "J", 60)}.${made("", 43)}`,
  "a Hetzner Cloud token": made("", 64),
  "a PEM file as base64": made(Buffer.from("-----BEGIN PRIVATE").toString("base64").slice(0, 20), 80),
  "a password's hash": `$6$${made("", 12)}$${made("", 86)}`,
};

test.each(Object.entries(samples))("%s is taken out of whatever it stands in", (_, token) => {
  for (const text of [
    token,
    `got ${token} from the environment`,
    `note="${token}"`,
    `a,${token};b`,
    `[${token}]`,
    `https://api.example.eu/v1/${token}/x`,
  ]) {
    expect(maskSecrets(text)).not.toContain(token.slice(0, -4));
    expect(maskSecrets(text)).not.toContain(token.slice(-12));
  }
});

test("the end of a webhook's address, which is all that it takes to write there", () => {
  const slack = `https://hooks.slack.com/services/T${made("", 8, upper)}/B${made("", 8, upper)}/${made("", 24)}`;
  expect(maskSecrets(`posts to ${slack} on errors`)).toBe(
    "posts to https://hooks.slack.com/services/[secret] on errors",
  );
  const discord = `https://discord.com/api/webhooks/${made("", 18, "0123456789")}/${made("", 60)}`;
  expect(maskSecrets(discord)).toBe("https://discord.com/api/webhooks/[secret]");
});

test("words of infrastructure that have something of a key's form stay", () => {
  for (const text of [
    "hcloud:index/sshKey:SshKey, hcloud:index/server:Server",
    "sk-learn 1.5.0 and key-value stores; EXOSCALE, SCWARE",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlTLlgPcQVhi01/t5OP3WXeIczJqiW9r8k4MZs81QNn operations@example.eu",
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudq5d0fsc2w8ph",
    "image registry.example.eu:5000/shop/app@sha256:0f0f and postgres://db.example.eu:5432/shop",
    "commit 0123456789abcdef0123456789abcdef01234567",
    "fsn1-dc14, cpx32, ubuntu-24.04, 2001:db8:0:1::1, urn:pulumi:prod::shop::random:index/randomPassword:RandomPassword::db",
    "https://console.hetzner.cloud/projects/123/servers?page=2&sort=name",
  ])
    expect(maskSecrets(text)).toBe(text);
});
