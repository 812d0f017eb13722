const nobody = 65_534;

/** Root may read and write everything, so that a missing right has to be met as somebody else. */
export async function asNobody<Result>(act: () => Promise<Result>): Promise<Result> {
	const root = process.geteuid?.() === 0;
	if (root) {
		process.seteuid?.(nobody);
	}

	try {
		return await act();
	} finally {
		if (root) {
			process.seteuid?.(0);
		}
	}
}
