import type {Role} from '../theme/theme.ts';

interface LogRoles {
	readonly type: Role;
	readonly message: Role;
}

const plain: LogRoles = {type: 'muted', message: 'text'};

// The types are an open set. Source: General_Feature_Release_10.6.10.md (RN 46130)
const roles = new Map<string, LogRoles>([
	['notice', {type: 'warning', message: 'warning'}],
	['error', {type: 'bad', message: 'bad'}],
	['progress', {type: 'accent', message: 'text'}],
	['success', {type: 'good', message: 'text'}],
	['finished', {type: 'good', message: 'text'}],
	['localcomplete', {type: 'good', message: 'text'}],
	['uploadcomplete', {type: 'good', message: 'text'}],
	['upgradecomplete', {type: 'good', message: 'text'}],
]);

/** How a line of a log looks, by its type. */
export function logRole(type: string): LogRoles {
	return roles.get(type.toLowerCase()) ?? plain;
}
