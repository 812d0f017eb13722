import {Readable} from 'node:stream';
import {inspect} from 'node:util';
import {expect, test} from 'vitest';
import type {HostKeyQuestion, SecretQuestion} from '../../source/agent/prompts.ts';
import {AnswerBook, answeringFrom} from '../../source/commands/answer-book.ts';
import {readHandover} from '../../source/commands/read-handover.ts';
import {ScriptedPerson} from '../support/ssh-people.ts';

const {signal} = new AbortController();

function aQuestion(differences: Partial<SecretQuestion> = {}): SecretQuestion {
	return {
		kind: 'password',
		address: 'DMA-01',
		host: '10.0.0.1',
		port: 22,
		user: 'edith',
		text: 'Password of edith',
		instructions: '',
		echo: false,
		again: false,
		goodOnce: false,
		...differences,
	};
}

const aHostKey: HostKeyQuestion = {
	address: 'DMA-01',
	host: '10.0.0.1',
	port: 22,
	keyType: 'ssh-ed25519',
	fingerprint: 'SHA256:abc',
	otherNames: [],
};

async function handedOver(book: AnswerBook) {
	return answeringFrom(await readHandover(Readable.from([JSON.stringify(book.handover)])));
}

test('what was answered is answered again, here and in the process that it is given to', async () => {
	const person = new ScriptedPerson({trusts: true, answers: ({host}) => `secret of ${host}`});
	const book = new AnswerBook(person);
	await book.askSecret(aQuestion(), signal);
	expect(await book.askSecret(aQuestion(), signal)).toBe('secret of 10.0.0.1');
	await book.askHostKey(aHostKey, signal);
	expect(person.secrets).toHaveLength(1);

	const other = await handedOver(book);
	expect(await other.askSecret(aQuestion(), signal)).toBe('secret of 10.0.0.1');
	expect(await other.askHostKey(aHostKey, signal)).toBe(true);
	for (const different of [{host: '10.0.0.2'}, {port: 23}, {user: 'root'}, {text: 'Code'}, {again: true}]) {
		expect(await other.askSecret(aQuestion(different), signal)).toBeUndefined();
	}

	expect(await other.askHostKey({...aHostKey, fingerprint: 'SHA256:other'}, signal)).toBe(false);
	expect(await other.askHostKey({...aHostKey, port: 23}, signal)).toBe(false);
});

test('a passphrase is that of its key, whichever host asks for it', async () => {
	const book = new AnswerBook(new ScriptedPerson({answers: () => 'open'}));
	const question = aQuestion({kind: 'passphrase', text: 'Passphrase of /k'});
	await book.askSecret(question, signal);
	const other = await handedOver(book);
	expect(await other.askSecret({...question, host: '10.0.0.2', user: 'root'}, signal)).toBe('open');
});

test('an answer that was wrong, or is good only once, is not given again', async () => {
	const answers = ['wrong', undefined, '123456'];
	const person = new ScriptedPerson({answers: () => answers.shift()});
	const book = new AnswerBook(person);
	await book.askSecret(aQuestion(), signal);
	await book.askSecret(aQuestion({again: true}), signal);
	await book.askSecret(aQuestion({text: 'One-time code', goodOnce: true}), signal);
	expect(person.secrets).toHaveLength(3);
	expect(book.handover).toEqual({answers: [], hostKeys: []});
});

test('nothing of it is printed by accident', async () => {
	const book = new AnswerBook(new ScriptedPerson({answers: () => 'hunter2'}));
	await book.askSecret(aQuestion(), signal);
	expect([JSON.stringify({book}), inspect(book, {depth: 9, showHidden: true})].join('\n')).not.toContain(
		'hunter2',
	);
});

test.each(['', '{"answers":[{"kind":"pass', '[]', '{"answers":[{"answer":"x"}],"hostKeys":[]}'])(
	'a pipe that gives %j gives nothing, and nobody is told what it was',
	async text => {
		expect(await readHandover(Readable.from([text]))).toEqual({answers: [], hostKeys: []});
	},
);
