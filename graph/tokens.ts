/**
 * Keys and tokens that can be told by their form alone, as their issuers gave them prefixes for exactly this purpose.
 *
 * The forms are those that the issuers document for scanners; a form that many other words share is left out, and told by the name
 * of what it stands in instead (mask.ts).
 */
export interface Form {
  /** A text without this has none: cheap to find out. */
  readonly hint: RegExp;
  readonly pattern: RegExp;
}

const form = (hint: RegExp, pattern: RegExp): Form => ({ hint, pattern });

export const TOKENS: readonly Form[] = [
  // AWS access key id
  form(/A(?:KIA|SIA|BIA|CCA)/, /(?<![A-Za-z0-9])(?:(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16})/g),
  // Google API key
  form(/AIza/, /(?<![A-Za-z0-9])(?:AIza[\w-]{35})/g),
  // Google OAuth
  form(/ya29|GOCSPX|1\/\/0/, /(?<![A-Za-z0-9])(?:ya29\.[\w.-]{10,}|GOCSPX-[\w-]{10,}|1\/\/0[\w-]{20,})/g),
  // Azure client secret
  form(/Q~/, /(?<![A-Za-z0-9])(?:[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34})/g),
  // GitHub
  form(/gh[pousr]_|github_pat_/, /(?<![A-Za-z0-9])(?:gh[pousr]_\w{10,}|github_pat_\w{10,})/g),
  // GitLab
  form(
    /gl[a-z]{2,5}-|GR1348941/,
    /(?<![A-Za-z0-9])(?:gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[\w.-]{10,}|GR1348941[\w-]{10,})/g,
  ),
  // Bitbucket
  form(/AT(?:ATT3|BB|CTT3)/, /(?<![A-Za-z0-9])(?:AT(?:ATT3|BB|CTT3)[\w=-]{20,})/g),
  // Slack
  form(/xox[a-z]|xapp-/, /(?<![A-Za-z0-9])(?:xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|xoxe\.xox[bp]-[\w-]{10,})/g),
  // webhooks of Slack, Discord and Teams: who has the address may write
  form(
    /hooks?[.b/]/,
    /(?<![A-Za-z0-9])(?:(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{10,}|(?<=discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{10,}|(?<=webhook\.office\.com\/webhookb?2?\/)[\w@/-]{10,})/g,
  ),
  // Telegram bot
  form(/:AA/, /(?<![A-Za-z0-9])(?:\d{8,10}:AA[\w-]{33})/g),
  // Stripe
  form(/_(?:live|test)_|whsec_/, /(?<![A-Za-z0-9])(?:[srp]k_(?:live|test)_\w{10,}|whsec_\w{10,})/g),
  // Shopify, Square
  form(/shp|sq0/, /(?<![A-Za-z0-9])(?:shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|sq0(?:atp|csp)-[\w-]{20,})/g),
  // SendGrid, Mailgun, Mailchimp, Brevo
  form(
    /SG\.|key-|-us\d|xkeysib/,
    /(?<![A-Za-z0-9])(?:SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|xkeysib-[0-9a-f]{64}-\w{16})/g,
  ),
  // Twilio
  form(/SK[0-9a-f]/, /(?<![A-Za-z0-9])(?:SK[0-9a-f]{32})/g),
  // AI providers
  form(/sk-|hf_/, /(?<![A-Za-z0-9])(?:sk-(?:proj-|ant-|svcacct-)?[\w-]{20,}|hf_[A-Za-z]{30,})/g),
  // package registries
  form(
    /npm_|pypi-|rubygems_|dckr_/,
    /(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{20,}|rubygems_[0-9a-f]{48}|dckr_(?:pat|oat)_[\w-]{20,})/g,
  ),
  // clouds
  form(
    /_v1_|SCW|EXO|tskey-|fm[12]_|HRKU-|v1\.0-/,
    /(?<![A-Za-z0-9])(?:do[opr]_v1_[0-9a-f]{64}|SCW[0-9A-Z]{17}|EXO[0-9a-f]{24}|tskey-[\w-]{10,}|fm[12]_[\w+/=-]{20,}|HRKU-[\w-]{20,}|v1\.0-[0-9a-f]{24}-[0-9a-f]{100,})/g,
  ),
  // HashiCorp
  form(/hv[sbr]\.|atlasv1/, /(?<![A-Za-z0-9])(?:hv[sbr]\.[\w-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{50,})/g),
  // Pulumi
  form(/pul-/, /(?<![A-Za-z0-9])(?:pul-[\w-]{10,})/g),
  // secret stores
  form(
    /dp\.|ops_|A3-/,
    /(?<![A-Za-z0-9])(?:dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}|ops_eyJ[\w-]{20,}|A3-[A-Z0-9]{6}-[A-Z0-9-]{20,})/g,
  ),
  // observability
  form(
    /gl[cs]a?_|NRAK|sntry|dd[ap]_|phc_|PMAK/,
    /(?<![A-Za-z0-9])(?:gl(?:sa|c)_\w{20,}|NRAK-[A-Z0-9]{20,}|sntry[su]_[\w+/=-]{20,}|dd[ap]_\w{20,}|phc_\w{30,}|PMAK-[\w-]{30,})/g,
  ),
  // databases
  form(
    /pscale_|dapi|AVNS_/,
    /(?<![A-Za-z0-9])(?:pscale_(?:tkn|pw|oauth)_[\w.-]{20,}|dapi[0-9a-f]{32}|AVNS_[\w-]{10,})/g,
  ),
  // offices
  form(
    /lin_api_|ntn_|figd_|pat[A-Za-z0-9]{14}\./,
    /(?<![A-Za-z0-9])(?:lin_api_\w{20,}|ntn_\w{20,}|figd_[\w-]{20,}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64})/g,
  ),
  // age
  form(/AGE-/, /(?<![A-Za-z0-9])(?:AGE-(?:SECRET-KEY|PLUGIN)-[A-Z0-9-]{10,})/g),
  // JSON web token, also of Kubernetes
  form(/eyJ/, /(?<![A-Za-z0-9])(?:eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*)/g),
  // a PEM file as base64
  form(/LS0tLS1CRUdJTi/, /(?<![A-Za-z0-9])(?:LS0tLS1CRUdJTi[\w+/=-]{8,})/g),
  // a password's hash
  form(
    /\$(?:\d|2[abxy]|g?y|a)/,
    /(?<![A-Za-z0-9])(?:\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id?|d))\$[\w./$,=+-]{10,})/g,
  ),
];
