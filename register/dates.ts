import { z } from "zod";

/** YYYY-MM-DD of a day that exists. Such days compare as text. */
export const day = z.iso.date("a day that exists, as YYYY-MM-DD");
