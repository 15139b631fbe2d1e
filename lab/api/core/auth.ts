import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "./errors.ts";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Checks `Authorization: Bearer TOKEN` in constant time. Only the token's hash is kept. */
export function authenticator(token: string): (header: string | undefined) => void {
  const expected = digest(token);
  return (header) => {
    const given = /^Bearer (\S+)$/i.exec(header ?? "")?.[1];
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw new ApiError("unauthorized", "unable to authenticate: the token is missing or not the one of this lab");
    }
  };
}

/** Tells labs apart without giving the token away: anybody may ask a lab for it. */
export function labId(token: string): string {
  return digest(`lab ${token}`).toString("hex").slice(0, 16);
}
