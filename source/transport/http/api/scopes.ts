import type {Permission} from '../../../domain/agent-survey.ts';

/** What a token allows; each one allows what stands before it, too. */
export const scopes = ['read', 'upload', 'upgrade'] as const satisfies readonly Permission[];
export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
	return (scopes as readonly string[]).includes(text);
}

export function allows(held: Scope, needed: Scope): boolean {
	return scopes.indexOf(held) >= scopes.indexOf(needed);
}
