import { z } from "zod";
import { isLabelValue, labelKeyProblem } from "./label-selector.ts";

/** Pieces of request bodies that several kinds share. Unknown keys are ignored, as the real API does. */

export const labelsSchema = z.record(z.string(), z.string()).superRefine((labels, context) => {
  for (const [key, value] of Object.entries(labels)) {
    const problem = labelKeyProblem(key) ?? (isLabelValue(value) ? undefined : `value of label '${key}' is not valid`);
    if (problem) context.addIssue({ code: "custom", message: problem, path: [] });
  }
});

export const idSchema = z.int().min(1);

/** A name as most kinds take it; servers and volumes have stricter rules. */
export const nameSchema = z.string().trim().min(1, "must not be empty").max(255, "is longer than 255 characters");

/** Body of `PUT` for kinds with nothing but a name and labels. */
export const nameAndLabels = z.object({ name: nameSchema.optional(), labels: labelsSchema.optional() });

/** Body of actions without parameters. */
export const noBody = z.unknown();

export const deleteProtectionSchema = z.object({ delete: z.boolean().optional() });
