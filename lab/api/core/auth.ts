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
