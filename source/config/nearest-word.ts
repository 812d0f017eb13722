/** What people write, and what it is called here. */
const synonyms: Readonly<Record<string, string>> = {
	host: 'address',
	hostname: 'address',
	ip: 'address',
	id: 'name',
	username: 'user',
	login: 'user',
	key: 'identityFile',
	keyfile: 'identityFile',
	fingerprint: 'hostKey',
	hostkeys: 'hostKey',
	failover: 'partner',
	pair: 'partner',
	agent: 'agents',
	members: 'agents',
	cluster: 'clusters',
};

/** The known word that was probably meant; undefined where none comes near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
	const plain = bare(word);
	const meant = Object.hasOwn(synonyms, plain) ? synonyms[plain] : undefined;
	if (meant !== undefined && known.includes(meant)) {
		return meant;
	}

	const ranked = known
		.map(candidate => ({candidate, distance: editDistance(plain, bare(candidate))}))
		.toSorted((a, b) => a.distance - b.distance);
	const [best] = ranked;
	return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3))
		? best.candidate
		: undefined;
}

function bare(word: string): string {
	return word
		.slice(0, 40)
		.toLowerCase()
		.replaceAll(/[\s_-]/g, '');
}

/** How many characters have to be added, removed or replaced. */
function editDistance(from: string, to: string): number {
	let row = Array.from({length: to.length + 1}, (_, index) => index);
	for (let index = 0; index < from.length; index += 1) {
		const next = [index + 1];
		for (let column = 1; column <= to.length; column += 1) {
			next.push(
				Math.min(
					(next[column - 1] ?? 0) + 1,
					(row[column] ?? 0) + 1,
					(row[column - 1] ?? 0) + (to[column - 1] === from[index] ? 0 : 1),
				),
			);
		}

		row = next;
	}

	return row[to.length] ?? 0;
}
