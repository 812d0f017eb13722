import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ContiguousBytes} from '../../../source/transport/ssh/contiguous-bytes.ts';

test('the end stands where the first gap begins, in whatever order pieces are confirmed', () => {
	const pieces = fc.array(fc.integer({min: 1, max: 100}), {minLength: 1, maxLength: 20});
	fc.assert(
		fc.property(fc.nat({max: 1000}), pieces, fc.infiniteStream(fc.nat()), (start, sizes, choices) => {
			let at = start;
			const open = sizes.map(size => ({from: at, to: (at += size)}));
			const confirmed: typeof open = [];
			const bytes = new ContiguousBytes(start);
			while (open.length > 0) {
				const [next] = open.splice(choices.next().value! % open.length, 1);
				confirmed.push(next!);
				bytes.add(next!.from, next!.to);
				const expected = open[0]?.from ?? at;
				expect(bytes.end).toBe(Math.min(expected, ...open.map(({from}) => from)));
			}
		}),
	);
});
