import fc from 'fast-check';
import {type Inventory, inventorySchema} from '../../source/config/inventory.ts';
import {launchMeans} from '../../source/domain/launch.ts';
import {visibleText} from '../../source/domain/text.ts';

/** Text as people and machines write it, and text that YAML reads as something else. */
const texts = (most: number) =>
	fc
		.oneof(
			fc.string({minLength: 1, maxLength: most}),
			fc.string({unit: 'grapheme', minLength: 1, maxLength: most}),
			fc.constantFrom(
				'password',
				'~',
				'null',
				'true',
				'0x1F',
				'1e3',
				'.5',
				'- a',
				'a: b',
				'a #b',
				'#',
				'*a',
				'&a',
				'!t',
				'|',
				"'",
				'"',
				'%',
				'@',
				' x ',
				'[',
				'{a: b}',
				'---',
				'...',
				'<<',
				'=',
				'2020-01-01',
				'C:\\k y',
				"it's",
			),
		)
		.filter(text => text.length <= most && text.isWellFormed() && visibleText(text, most) === text);

const names = fc.stringMatching(/^[\w.-]{1,12}$/);
const hostKeys = fc.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/);
const addresses = fc.oneof(
	fc.ipV4(),
	fc.ipV6(),
	fc.domain(),
	texts(30).filter(text => /^[^\s/@-][^\s/@]*$/.test(text)),
);

const agentParts = fc.record(
	{
		user: texts(40),
		port: fc.integer({min: 1, max: 65_535}),
		identityFile: texts(60),
		hostKey: hostKeys,
		launch: fc.constantFrom(...launchMeans),
		switchOver: fc.array(
			fc.string({unit: 'binary', maxLength: 20}).filter(text => text.isWellFormed()),
			{
				minLength: 1,
				maxLength: 3,
			},
		),
	},
	{requiredKeys: []},
);

const inventories = fc
	.record({
		cluster: texts(64),
		speed: fc.oneof(
			fc.constant(1),
			fc.integer({min: 1, max: 10_000}),
			fc.double({min: 1, max: 10_000, noNaN: true}),
		),
		packages: fc.option(texts(60), {nil: undefined}),
		launch: fc.option(fc.constantFrom(...launchMeans), {nil: undefined}),
		members: fc.uniqueArray(fc.tuple(names, addresses, agentParts), {
			minLength: 1,
			maxLength: 8,
			comparator: (one, other) => one[0] === other[0] || one[1].toLowerCase() === other[1].toLowerCase(),
		}),
		shared: agentParts,
		pairs: fc.nat(4),
	})
	.map(({cluster, speed, packages, launch, members, shared, pairs}): Inventory => {
		const agents = members.map(([name, address, parts], index) => {
			const pair = Math.floor(index / 2);
			const partner = pair < pairs ? members[index % 2 === 0 ? index + 1 : index - 1]?.[0] : undefined;
			const {user, port} = shared;
			return {
				...(user !== undefined && {user}),
				...(port !== undefined && {port}),
				...parts,
				name,
				address,
				...(partner !== undefined && {partner}),
			};
		});
		return inventorySchema.parse({
			cluster,
			speed,
			...(packages !== undefined && {packages}),
			...(launch !== undefined && {launch}),
			agents,
		});
	});

/** Clusters that one file can hold. Names of digits only would change their order. */
export const clusterLists = fc
	.uniqueArray(inventories, {minLength: 1, maxLength: 3, selector: ({cluster}) => cluster})
	.filter(clusters => clusters.every(({cluster}) => !/^(?:\d+|__proto__)$/.test(cluster)));
