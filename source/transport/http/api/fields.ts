import type * as z from 'zod';

/** A schema for each property of a type, the optional ones included: what a schema does not name does not arrive. */
export type Fields<Kind> = {readonly [Key in keyof Required<Kind>]: z.ZodType};
